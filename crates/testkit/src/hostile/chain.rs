//! One run of the whole chain, as the server does it, and the promises that hold for every run.

use super::Watch;
use anyhow::{Result, anyhow, ensure};
use realmward_event::Event;
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_sensor::{Sensor, SensorOptions, SensorStats};
use realmward_stream::Input;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// What came of a run.
pub(super) struct Outcome {
    pub(super) stats: SensorStats,
    pub(super) events: Vec<Event>,
    pub(super) alerts: usize,
    pub(super) took: Duration,
}

/// Runs the chain over one input; `what` says how to do it again.
pub(super) fn run(
    input: impl Fn() -> Input,
    workers: usize,
    watch: &Watch,
    what: &str,
) -> Result<Outcome> {
    let guard = watch.begin(what);
    let outcome = catch_unwind(AssertUnwindSafe(|| play(input(), workers)));
    let took = guard.end()?;
    let (stats, events, alerts) = outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        anyhow!("{what}: panicked: {}", text.unwrap_or("?"))
    })?;
    // A panic of a dissector costs its conversation only, and is counted.
    let limits = &stats.counters.limits;
    ensure!(
        !limits.iter().any(|(name, _)| *name == DISSECTOR_PANIC),
        "{what}: a dissector panicked"
    );
    Ok(Outcome {
        stats,
        events,
        alerts,
        took,
    })
}

fn play(input: Input, workers: usize) -> (SensorStats, Vec<Event>, usize) {
    let mut pipeline = Pipeline::new(&PipelineSettings::default(), 1);
    let mut events = Vec::new();
    let stats = Sensor::new(SensorOptions { workers }).run(
        vec![input],
        |batch| {
            events.extend(batch.iter().cloned());
            pipeline.take(batch);
        },
        |_| {},
    );
    pipeline.finish();
    let _ = pipeline.users();
    (stats, events, pipeline.alerts().len())
}

/// As the sensor names it.
const DISSECTOR_PANIC: &str = "dissector_panic";
