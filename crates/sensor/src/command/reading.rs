//! Captures to JSON lines, with nothing between.

use crate::Work;
use anyhow::{Context as _, Result};
use realmward_sensor::service::{Summary, memory_peak_octets};
use realmward_sensor::{Ceiling, Lines, Sensor, SensorOptions, SensorStats, input};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes the events of captures to standard output.
pub(crate) fn read(
    files: &[PathBuf],
    workers: usize,
    work: &Work,
    quiet: bool,
) -> Result<ExitCode> {
    let mut out = Lines::new(stdout().lock());
    let mut written = Ok(());
    let ceiling = Ceiling::new(work.memory_mib << 20, 0);
    let sensor = Sensor::new(SensorOptions { workers }).under(ceiling);
    let inputs = files.iter().map(|path| input(path)).collect();
    let seen = sensor.run(
        inputs,
        |events| {
            if written.is_ok() && !quiet {
                written = events.iter().try_for_each(|it| out.write(it));
            }
        },
        |_| {},
    );
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            return Err(error).context("writing events");
        }
        _ => {}
    }
    super::finish(&summary(&seen), work.stats)
}

fn summary(stats: &SensorStats) -> Summary {
    let named = |counts: &[(&'static str, u64)]| -> BTreeMap<String, u64> {
        let all = counts
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count));
        all.collect()
    };
    let events: Vec<_> = stats
        .events
        .iter()
        .map(|(kind, count)| (*kind, *count))
        .collect();
    let faults = stats.files.iter().filter_map(|it| it.fault.as_ref());
    Summary {
        packets: stats.packets,
        bytes: stats.octets,
        seconds: stats.duration.as_secs_f64(),
        facts: named(&events),
        faults: named(&stats.counters.faults),
        limits: named(&[stats.counters.limits.clone(), stats.bounds()].concat()),
        opaque: named(&stats.counters.opaque),
        wire: named(&stats.wire()),
        peak_memory_bytes: memory_peak_octets(),
        input_faults: faults.map(ToString::to_string).collect(),
        ..Summary::default()
    }
}

/// Reads captures as fast as can be and counts flows.
pub(crate) fn floor(files: &[PathBuf]) -> Result<ExitCode> {
    let begun = std::time::Instant::now();
    let inputs = files.iter().map(|path| input(path)).collect();
    let count = realmward_stream::floor(inputs);
    writeln!(stdout(), "{count:?} in {:?}", begun.elapsed())?;
    Ok(ExitCode::SUCCESS)
}
