//! One part, in a process of its own.

use anyhow::{Context as _, Result};
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_sensor::{Sensor, SensorOptions, input};
use realmward_testkit::run::peak_mib;
use std::fs;
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
    println!("{} {} {packets}", cpu_seconds()?, peak_mib()?);
    Ok(())
}

/// User and system time of this process (proc(5), fields 14 and 15 of `stat`).
fn cpu_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat")?;
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|it| it.parse::<f64>().ok())
        .sum();
    Ok(ticks * TICK_S)
}

/// `USER_HZ` is 100 on every Linux that matters (time(7)).
pub(super) const TICK_S: f64 = 0.01;
