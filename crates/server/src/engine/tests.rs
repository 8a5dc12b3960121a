//! The engine on real attacks: it tells what the pipeline alone tells, whatever the batches, and a
//! crash at any point changes nothing.

use super::Engine;
use super::run::Run;
use realmward_alert::{Alert, AlertStatus};
use realmward_event::batch::{Batch, SensorHealth};
use realmward_event::operator::{Decided, Decision};
use realmward_event::{Event, Source};
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_store::{AlertFilter, Page, SensorId, Store};
use realmward_testkit::run::{events, fixtures};
use realmward_vocab::EventTime;
use std::time::Duration;

pub(super) fn story() -> Vec<Event> {
    let captures = ["a01_dcsync_krbtgt", "a20_pass_the_ticket", "a27_psexec"];
    let paths: Vec<_> = captures
        .iter()
        .map(|name| fixtures().join(format!("captures/{name}.pcap.zst")))
        .collect();
    events(&paths).unwrap()
}

pub(super) fn batches(events: &[Event], size: usize) -> Vec<Batch> {
    (1..)
        .zip(events.chunks(size))
        .map(|(sequence, events)| Batch {
            sequence,
            events: events.to_vec(),
            ..Batch::default()
        })
        .collect()
}

/// What is told, without the numbers that the journal gives.
pub(super) fn told(alert: &Alert) -> (String, Vec<String>, usize) {
    let packets = alert.evidence.len();
    (alert.detector.to_string(), alert.story.clone(), packets)
}

pub(super) fn kept(store: &Store) -> Vec<Alert> {
    let page = store
        .alerts(&AlertFilter::default(), &Page::first(100))
        .unwrap();
    let mut alerts: Vec<Alert> = page.items.into_iter().map(|it| it.alert).collect();
    alerts.sort_by_key(|it| it.id);
    alerts
}

pub(super) fn alone(events: &[Event]) -> Vec<(String, Vec<String>, usize)> {
    let mut pipeline = Pipeline::new(&PipelineSettings::default(), 1);
    pipeline.take(events.to_vec());
    pipeline.alerts().iter().map(told).collect()
}

pub(super) fn settled(run: &mut Run) {
    while run.step(false).unwrap() {}
}

#[test]
fn the_engine_tells_what_the_pipeline_alone_tells() {
    let events = story();
    for size in [7, 1_000] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let engine = Engine::start(&store, &PipelineSettings::default()).unwrap();
        for batch in batches(&events, size) {
            engine.take(SensorId(1), &batch, far()).unwrap();
            engine.take(SensorId(1), &batch, far()).unwrap();
        }
        assert!(engine.wait_for(store.appended().unwrap(), Duration::from_secs(60)));
        engine.stop();
        let alerts: Vec<_> = kept(&store).iter().map(told).collect();
        assert!(2 < alerts.len());
        assert_eq!(alerts, alone(&events), "batches of {size}");
        let everything = Page::first(10_000);
        let activities = store.activities(&Default::default(), &everything).unwrap();
        assert_eq!(activities.items.len(), events.len());
    }
}

#[test]
fn what_waits_is_settled_while_the_wire_is_silent() {
    let path = fixtures().join("captures/a01_dcsync_krbtgt.pcap.zst");
    let events = events(&[path]).unwrap();
    let last = events.last().unwrap().time;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut run = Run::open(store.clone(), &PipelineSettings::default()).unwrap();
    let is_told = |store: &Store| {
        let mut alerts = kept(store).into_iter();
        alerts.any(|it| it.detector.as_str() == "directory_replication")
    };
    let mut sequence = 0;
    let mut hear = |events: Vec<Event>, silent_s: u64, lag_s: f64| {
        sequence += 1;
        let health = SensorHealth {
            time: last.saturating_add(Duration::from_secs(silent_s)),
            lag_s,
            ..SensorHealth::default()
        };
        let batch = Batch {
            sequence,
            events,
            health: Some(health),
            ..Batch::default()
        };
        store.append_batch(SensorId(1), &batch).unwrap();
        settled(&mut run);
        is_told(&store)
    };
    assert!(!hear(events, 0, 0.0), "the asker may yet prove honest");
    assert!(!hear(Vec::new(), 90, 90.0), "a sensor that is behind");
    assert!(hear(Vec::new(), 90, 0.0), "a sensor that heard nothing");
}

#[test]
fn a_crash_between_any_two_batches_changes_nothing() {
    let events = story();
    let whole = alone(&events);
    let batches = batches(&events, 40);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.put_output(&output()).unwrap();
    for (place, batch) in batches.iter().enumerate() {
        store.append_batch(SensorId(1), batch).unwrap();
        let mut run = Run::open(store.clone(), &PipelineSettings::default()).unwrap();
        settled(&mut run);
        if place % 3 == 0 {
            // An orderly stop writes a snapshot; a crash does not.
            while run.step(true).unwrap() {}
        }
    }
    let alerts = kept(&store);
    assert_eq!(alerts.iter().map(told).collect::<Vec<_>>(), whole);
    let notices = store.due_notices(far(), 1_000).unwrap();
    let new = notices.iter().filter(|it| it.notice.is_new).count();
    assert_eq!(new, alerts.len(), "each alert is new once");
}

pub(super) fn output() -> realmward_store::Output {
    realmward_store::Output {
        id: Default::default(),
        name: "test".to_owned(),
        kind: "none".to_owned(),
        target: String::new(),
        options: serde_json::Value::Null,
        disabled: false,
    }
}

pub(super) fn far() -> EventTime {
    EventTime::from_unix_seconds(10_000_000_000)
}

#[test]
fn a_judgement_is_shown_at_once_and_survives_a_restart() {
    let events = story();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let engine = Engine::start(&store, &PipelineSettings::default()).unwrap();
    for batch in batches(&events, 500) {
        engine.take(SensorId(1), &batch, far()).unwrap();
    }
    let decided = Decided {
        by: "ann".to_owned(),
        decision: Decision::AlertJudged {
            alert: 1,
            status: AlertStatus::BenignPositive,
            comment: "a test of ours".to_owned(),
        },
    };
    engine.decide(far(), &decided, &Default::default()).unwrap();
    let judged = store.alert(1).unwrap().unwrap();
    assert_eq!(judged.status, AlertStatus::BenignPositive);
    assert_eq!(
        (judged.comment.as_str(), judged.judged_by.as_str()),
        ("a test of ours", "ann")
    );
    engine.stop();
    let mut run = Run::open(store.clone(), &PipelineSettings::default()).unwrap();
    settled(&mut run);
    assert_eq!(store.alert(1).unwrap().unwrap(), judged);
}

#[test]
fn equal_flows_of_two_sensors_stay_apart() {
    let events = story();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut run = Run::open(store.clone(), &PipelineSettings::default()).unwrap();
    for sensor in [1, 2] {
        for batch in batches(&events, 100) {
            store.append_batch(SensorId(sensor), &batch).unwrap();
        }
    }
    settled(&mut run);
    let page = Page::first(10_000);
    let activities = store.activities(&Default::default(), &page).unwrap().items;
    let mut flows: Vec<_> = activities
        .iter()
        .filter_map(|it| match it.event.source {
            Source::Wire(flow) => Some((flow, it.id >> 40)),
            _ => None,
        })
        .collect();
    flows.sort_unstable();
    flows.dedup();
    let single: std::collections::BTreeSet<_> =
        events.iter().map(|it| format!("{:?}", it.source)).collect();
    assert_eq!(flows.len(), 2 * single.len());
}
