//! Runs the real chain over captures, as the server does.

use anyhow::{Context as _, Result, ensure};
use realmward_event::Event;
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_sensor::{Sensor, SensorOptions, SensorStats, input};
use std::path::{Path, PathBuf};

/// The folder of fixtures.
#[must_use]
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// The folder of labelled captures that are not in the repository, if it is there:
/// `$REALMWARD_CORPORA`, or `../shared/corpora` beside the checkout.
#[must_use]
pub fn corpora() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("REALMWARD_CORPORA") {
        return Some(PathBuf::from(folder));
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    beside.is_dir().then_some(beside)
}

/// All events of the captures, merged on time.
///
/// # Errors
///
/// When a capture is damaged or cannot be read.
pub fn events(paths: &[PathBuf]) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let stats = sensor(paths, |batch| events.extend(batch));
    for file in &stats.files {
        ensure!(file.fault.is_none(), "{:?}", file.fault);
    }
    Ok(events)
}

/// Analyses captures to their end; a damaged one as far as it goes.
#[must_use]
pub fn analyse(paths: &[PathBuf], settings: &PipelineSettings) -> (Pipeline, SensorStats) {
    let mut pipeline = Pipeline::new(settings, 1);
    let stats = sensor(paths, |batch| pipeline.take(batch));
    pipeline.finish();
    (pipeline, stats)
}

/// The most memory this process ever had, in MiB (proc(5), `VmHWM` of `status`).
///
/// # Errors
///
/// Where the system does not say.
pub fn peak_mib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    let line = (status.lines())
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024)
}

fn sensor(paths: &[PathBuf], take: impl FnMut(Vec<Event>)) -> SensorStats {
    let inputs = paths.iter().map(|path| input(path)).collect();
    Sensor::new(SensorOptions { workers: 1 }).run(inputs, take, |_| {})
}
