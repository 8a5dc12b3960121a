//! One part, in a process of its own.

use crate::usage::own_cpu_seconds;
use anyhow::Result;
use realmward_event::Event;
use realmward_event::batch::Batch;
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_sensor::{Lines, Sensor, SensorOptions, input, wire};
use realmward_testkit::run::peak_mib;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

/// Runs the part and prints CPU seconds, peak MiB and packets.
#[expect(clippy::print_stdout, reason = "a child tells its parent")]
pub(super) fn run(part: &str, captures: &[PathBuf]) -> Result<()> {
    let inputs = captures.iter().map(|path| input(path)).collect();
    let sensor = Sensor::new(SensorOptions { workers: 1 });
    let packets = match part {
        "floor" => realmward_stream::floor(inputs).packets,
        "events" => sensor.run(inputs, drop, |_| {}).packets,
        "lines" => {
            let mut out = Lines::new(scratch()?);
            let mut written = Ok(());
            let mut write = |events: Vec<Event>| {
                if written.is_ok() {
                    written = events.iter().try_for_each(|it| out.write(it));
                }
            };
            let stats = sensor.run(inputs, &mut write, |_| {});
            written?;
            out.flush()?;
            stats.packets
        }
        "batches" => {
            let mut out = scratch()?;
            let mut waiting = Vec::new();
            let mut written = Ok(());
            let stats = sensor.run(
                inputs,
                |events| {
                    waiting.extend(events);
                    if BATCH <= waiting.len() {
                        written = batch(&mut out, std::mem::take(&mut waiting));
                    }
                },
                |_| {},
            );
            written?;
            batch(&mut out, waiting)?;
            stats.packets
        }
        _ => {
            let mut pipeline = Pipeline::new(&PipelineSettings::default(), 1);
            let stats = sensor.run(inputs, |events| pipeline.take(events), |_| {});
            pipeline.finish();
            stats.packets
        }
    };
    println!("{} {} {packets}", own_cpu_seconds()?, peak_mib()?);
    Ok(())
}

/// A file on the disk of the target folder, which a fresh clone does not have yet.
fn scratch() -> Result<File> {
    let folder = crate::tree::root().join("target");
    std::fs::create_dir_all(&folder)?;
    Ok(tempfile::tempfile_in(folder)?)
}

/// As the spool of a sensor keeps them, and the server gets them.
fn batch(out: &mut impl Write, events: Vec<Event>) -> Result<()> {
    let batch = Batch {
        events,
        ..Batch::default()
    };
    out.write_all(&wire::encode(&batch)?)?;
    Ok(())
}

/// Events of a batch, as the sensor cuts them.
const BATCH: usize = 2000;
