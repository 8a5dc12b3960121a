//! The promises of the pipeline, kept on real captures: neither shards nor stops show in the alerts.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod decisions;

use realmward_alert::Alert;
use realmward_event::Event;
use realmward_pipeline::{Pipeline, PipelineSettings, SnapshotError};
use realmward_testkit::run::{events, fixtures};

/// Attacks of every detector, and the hardest honest one.
const CAPTURES: &[&str] = &[
    "a01_dcsync_krbtgt",
    "a14_pass_the_hash",
    "a15_overpass_hash_rc4",
    "a17_golden_ticket",
    "a20_pass_the_ticket",
    "a25_session_enum",
    "a27_psexec",
    "b03_dc2_join",
];

fn story() -> Vec<Event> {
    let paths: Vec<_> = CAPTURES
        .iter()
        .map(|name| fixtures().join(format!("captures/{name}.pcap.zst")))
        .collect();
    events(&paths).unwrap()
}

fn alerts(events: &[Event], shards: u32, batch: usize) -> Vec<Alert> {
    let mut pipeline = Pipeline::new(&PipelineSettings::default(), shards);
    for events in events.chunks(batch) {
        pipeline.take(events.to_vec());
    }
    pipeline.finish();
    pipeline.alerts().to_vec()
}

#[test]
fn the_number_of_shards_and_the_size_of_batches_do_not_show() {
    let events = story();
    let one = alerts(&events, 1, usize::MAX);
    assert!(CAPTURES.len() / 2 < one.len(), "only {} alerts", one.len());
    for (shards, batch) in [(8, usize::MAX), (1, 1), (8, 7), (3, 100)] {
        assert_eq!(
            alerts(&events, shards, batch),
            one,
            "{shards} shards, batches of {batch}"
        );
    }
}

#[test]
fn a_stop_and_restore_anywhere_does_not_show() {
    let events = story();
    let whole = alerts(&events, 2, usize::MAX);
    for parts in [2, 3, 17] {
        let mut pipeline = Pipeline::new(&PipelineSettings::default(), 2);
        for events in events.chunks(events.len() / parts + 1) {
            pipeline.take(events.to_vec());
            pipeline = Pipeline::restore(&pipeline.snapshot().unwrap()).unwrap();
        }
        pipeline.finish();
        assert_eq!(pipeline.alerts(), whole, "stopped {parts} times");
    }
}

#[test]
fn reasons_add_up_to_the_last_tenth() {
    let events = story();
    let mut pipeline = Pipeline::new(&PipelineSettings::default(), 1);
    pipeline.take(events);
    pipeline.finish();
    let users = pipeline.users();
    assert!(!users.is_empty());
    for user in users {
        let sum: i32 = user.reasons.iter().map(|reason| reason.evidence.0).sum();
        assert_eq!(sum, user.evidence.0, "{user:?}");
    }
}

#[test]
fn a_damaged_snapshot_is_an_error_and_not_a_panic() {
    let snapshot = Pipeline::new(&PipelineSettings::default(), 1)
        .snapshot()
        .unwrap();
    for cut in [0, 1, snapshot.len() / 2, snapshot.len() - 1] {
        let result = Pipeline::restore(snapshot.get(..cut).unwrap());
        assert!(
            matches!(result, Err(SnapshotError::Damaged(_))),
            "cut at {cut}"
        );
    }
}
