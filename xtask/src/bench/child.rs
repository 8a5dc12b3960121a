//! One part, in a process of its own.

use crate::usage::cpu_seconds;
use anyhow::Result;
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_sensor::{Sensor, SensorOptions, input};
use realmward_testkit::run::peak_mib;
use std::path::PathBuf;

/// Runs the part and prints CPU seconds, peak MiB and packets.
#[expect(clippy::print_stdout, reason = "a child tells its parent")]
pub(super) fn run(part: &str, captures: &[PathBuf]) -> Result<()> {
    let inputs = captures.iter().map(|path| input(path)).collect();
    let sensor = Sensor::new(SensorOptions { workers: 1 });
    let packets = match part {
        "floor" => realmward_stream::floor(inputs).packets,
        "events" => sensor.run(inputs, drop, |_| {}).packets,
        _ => {
            let mut pipeline = Pipeline::new(&PipelineSettings::default(), 1);
            let stats = sensor.run(inputs, |events| pipeline.take(events), |_| {});
            pipeline.finish();
            stats.packets
        }
    };
    println!("{} {} {packets}", cpu_seconds("self")?, peak_mib()?);
    Ok(())
}
