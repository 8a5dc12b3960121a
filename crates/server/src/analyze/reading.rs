//! From files to what was found: sensor, front, shards, back.

use super::detection::Detection;
use super::plan::Plan;
use super::tally::Tally;
use realmward_pipeline::{Back, Front};
use realmward_sensor::{Progress, Sensor, SensorOptions, SensorStats, input};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a run found.
pub(super) struct Outcome {
    pub(super) stats: SensorStats,
    pub(super) front: Front,
    pub(super) back: Back,
    pub(super) tally: Tally,
    /// Whether `stop` ended it.
    pub(super) interrupted: bool,
}

/// Reads all inputs, or until `stop` is set; tells now and then how far it is and of how many alerts.
pub(super) fn read(
    plan: &Plan,
    paths: &[PathBuf],
    stop: &AtomicBool,
    mut tell: impl FnMut(&Progress, u64),
) -> Outcome {
    let mut front = Front::new(&plan.settings.profile);
    let mut tally = Tally::default();
    let alerts = AtomicU64::new(0);
    let sensor = Sensor::new(SensorOptions {
        workers: plan.threads,
    });
    let inputs = paths.iter().map(|path| input(path)).collect();
    let (stats, back) = std::thread::scope(|scope| {
        let mut detection = Detection::start(scope, &plan.settings, plan.threads, &alerts);
        let stats = sensor.run_while(
            inputs,
            |events| {
                tally.events(&events);
                let inputs = front.take(events);
                tally.inputs(&inputs);
                detection.take(inputs, &alerts);
            },
            |progress| {
                tell(&progress, alerts.load(Ordering::Relaxed));
                !stop.load(Ordering::Relaxed)
            },
        );
        detection.take(front.finish(), &alerts);
        (stats, detection.finish())
    });
    Outcome {
        stats,
        front,
        back,
        tally,
        interrupted: stop.load(Ordering::Relaxed),
    }
}
