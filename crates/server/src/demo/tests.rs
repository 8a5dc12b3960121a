//! What the story must tell, and what it must not, by the server that shows it.

use super::captures::CAPTURES;
use super::intrusion::INTRUSION;
use super::plan::{self, Scene};
use super::story::Story;
use crate::engine::Engine;
use realmward_alert::Alert;
use realmward_detect::{PartyHost, PartyRole, Severity};
use realmward_event::Event;
use realmward_event::batch::Batch;
use realmward_pipeline::PipelineSettings;
use realmward_store::{AlertFilter, Page, SensorId, Store, UserFilter};
use realmward_vocab::{EventTime, PacketRef};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

#[test]
fn two_weeks_are_told_in_order_and_end_now() {
    for end in ENDS {
        let end = EventTime::from_unix_seconds(end);
        let batches = batches(end);
        let events: Vec<&Event> = batches.iter().flat_map(|it| &it.events).collect();
        assert!(20_000 < events.len(), "{} events", events.len());
        assert!(events.len() < 80_000, "{} events", events.len());
        assert!(events.is_sorted_by_key(|it| it.time));
        assert!(events.iter().all(|it| it.time < end));
        let first = events.first().unwrap().time;
        assert!(end.saturating_since(first) < Duration::from_secs(14 * DAY_S));
        assert!(end.saturating_since(first) > Duration::from_secs(13 * DAY_S));
        let kept: BTreeSet<PacketRef> = packets(&batches).collect();
        assert_eq!(kept.len(), packets(&batches).count(), "packets come once");
        let named = events.iter().flat_map(|it| &it.evidence);
        assert!(
            named
                .collect::<BTreeSet<_>>()
                .iter()
                .all(|it| kept.contains(it))
        );
        let sequences = batches.iter().map(|it| it.sequence);
        assert!(sequences.eq(1..=batches.len() as u64));
    }
}

/// Clocks of the lab's machines are right, so what a fact says of the time is of the story's days.
#[test]
fn no_fact_tells_when_it_was_captured() {
    let end = EventTime::from_unix_seconds(ENDS[0]);
    let span = plan::begin(end).unix_nanoseconds()..=end.unix_nanoseconds();
    let mut times = 0;
    for event in batches(end).iter().flat_map(|it| &it.events) {
        let fact = serde_json::to_value(&event.fact).unwrap();
        each("", &fact, &mut |name, value| {
            let is_time = TIMES.iter().any(|it| name.ends_with(it));
            if let Some(time) = value.as_i64().filter(|it| is_time && *it != 0) {
                times += 1;
                assert!(span.contains(&time), "{name} {time} in {fact}");
            }
        });
    }
    assert!(100 < times, "{times} times");
}

#[test]
fn every_capture_of_the_program_is_in_the_story() {
    let scenes = plan::scenes(EventTime::from_unix_seconds(ENDS[0]));
    let told: BTreeSet<&str> = scenes.iter().map(|it| it.capture).collect();
    let held: BTreeSet<&str> = CAPTURES.iter().map(|(name, _)| *name).collect();
    assert_eq!(told, held);
}

#[test]
fn the_steps_of_the_intruder_are_in_order() {
    let minutes = |(days, hours, minutes)| (days * 24 + hours) * 60 + minutes;
    assert!(
        INTRUSION
            .iter()
            .rev()
            .is_sorted_by_key(|it| minutes(it.ago))
    );
}

#[test]
fn the_page_about_the_story_tells_each_step_of_the_intruder() {
    let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/demo.md"));
    for step in INTRUSION {
        assert!(
            page.contains(step.what),
            "docs/demo.md lacks: {}",
            step.what
        );
    }
}

/// What a capture says twice is nowhere the same where the network never says the same twice. A new
/// fact with a ticket, a nonce, a challenge or a time in it needs a line in `vary.rs`.
#[test]
fn nothing_that_a_network_says_once_is_told_twice() {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for batch in batches(EventTime::from_unix_seconds(ENDS[0])) {
        for event in &batch.events {
            let telling = event.evidence.first().unwrap().file.0;
            let fact = serde_json::to_value(&event.fact).unwrap();
            each("", &fact, &mut |name, value| {
                if let Some(value) = single(name, value) {
                    let before = *seen.entry(value.clone()).or_insert(telling);
                    assert_eq!(before, telling, "{value} of {}", event.fact.kind());
                }
            });
        }
    }
    assert!(5_000 < seen.len(), "{} values", seen.len());
}

/// Every value in a fact, by the name of its field; certificates, which are made once, are left out.
fn each(name: &str, value: &Value, look: &mut dyn FnMut(&str, &Value)) {
    match value {
        _ if name.ends_with("certificate") => {}
        Value::Object(fields) => fields.iter().for_each(|(name, it)| each(name, it, look)),
        Value::Array(values) => values.iter().for_each(|it| each(name, it, look)),
        _ => look(name, value),
    }
}

/// A value that only one exchange or ticket has.
fn single(name: &str, value: &Value) -> Option<String> {
    let is_digits = |it: &str| it.len() == 32 && it.bytes().all(|it| it.is_ascii_hexdigit());
    let is_text = |it: u64| it.to_le_bytes().iter().all(u8::is_ascii_alphanumeric);
    match value {
        Value::String(it) => {
            (is_digits(it) && !it.trim_matches('0').is_empty()).then(|| it.clone())
        }
        Value::Number(it) if SINGLE.iter().any(|part| name.ends_with(part)) => {
            let number = it.as_u64().filter(|it| *it != 0 && !is_text(*it))?;
            Some(format!("{name} {number}"))
        }
        _ => None,
    }
}

#[test]
fn honest_days_are_silent_and_the_intrusion_is_told_as_one_incident() {
    for end in ENDS {
        let end = EventTime::from_unix_seconds(end);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        take(&store, end);
        let mut alerts: Vec<Alert> = store
            .alerts(&AlertFilter::default(), &Page::first(500))
            .unwrap()
            .items
            .into_iter()
            .map(|it| it.alert)
            .collect();
        alerts.sort_by_key(|it| (it.start, it.id));
        assert_silent_before_the_intrusion(&alerts, end);
        assert_told_in_order(&alerts);
        assert_one_incident(&store, &alerts);
        assert_priorities(&store);
    }
}

fn assert_silent_before_the_intrusion(alerts: &[Alert], end: EventTime) {
    let scenes = plan::scenes(end);
    let is_intruders = |scene: &&Scene| INTRUSION.iter().any(|it| it.capture == scene.capture);
    let begin = scenes.iter().find(is_intruders).unwrap().begin;
    let grave = alerts.iter().filter(|it| Severity::Medium <= it.severity);
    for alert in grave.filter(|it| !is_being_learned(it, end)) {
        let words = words(alert);
        assert!(begin <= alert.start, "before the intrusion: {words}");
        let from = |it: &PartyHost| it.role == PartyRole::Source && it.ip == STRANGER.parse().ok();
        assert!(alert.hosts.iter().any(from), "not the intruder's: {words}");
    }
}

/// Known fault: what an administrator does every day looks like an attack until it is a habit.
fn is_being_learned(alert: &Alert, end: EventTime) -> bool {
    names(alert, "adm-rob") && alert.start < plan::begin(end).saturating_add(LEARNING)
}

fn assert_told_in_order(alerts: &[Alert]) {
    let mut rest = alerts.iter();
    for (detector, account) in TOLD {
        assert!(
            rest.any(|it| it.detector.as_str() == detector && names(it, account)),
            "{detector} of {account} is not told, or not in its turn:\n{}",
            alerts.iter().map(words).collect::<Vec<_>>().join("\n")
        );
    }
}

fn assert_one_incident(store: &Store, alerts: &[Alert]) {
    let incident = |it: &&Alert| store.incident_of(it.id.0).unwrap().unwrap().0;
    let grave = alerts.iter().filter(|it| Severity::Medium <= it.severity);
    let grave = grave.filter(|it| !names(it, "adm-rob"));
    let incidents: BTreeSet<u64> = grave.map(|it| incident(&it)).collect();
    assert_eq!(incidents.len(), 1, "{incidents:?}");
}

fn assert_priorities(store: &Store) {
    let users = store
        .users(&UserFilter::default(), &Page::first(20))
        .unwrap();
    let users: Vec<(&str, u8)> = users
        .items
        .iter()
        .map(|it| (it.priority.name.as_str(), it.priority.priority))
        .filter(|(_, priority)| 50 <= *priority)
        .collect();
    let names: Vec<&str> = users.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.first().copied(), Some("adm-jane"), "{users:?}");
    let stolen = ["adm-jane", "alice", "Administrator", "bob"];
    assert!(names.iter().all(|it| stolen.contains(it)), "{users:?}");
}

fn names(alert: &Alert, account: &str) -> bool {
    let mut accounts = alert.accounts.iter();
    accounts.any(|it| it.name.as_str().eq_ignore_ascii_case(account))
}

fn words(alert: &Alert) -> String {
    format!("{} {:?} {:?}", alert.detector, alert.severity, alert.story)
}

fn take(store: &Store, end: EventTime) {
    let engine = Engine::start(store, &PipelineSettings::default()).unwrap();
    for batch in batches(end) {
        engine
            .take(SensorId(1), &batch, batch.health.as_ref().unwrap().time)
            .unwrap();
    }
    assert!(engine.wait_for(store.appended().unwrap(), Duration::from_secs(120)));
    engine.stop();
}

fn batches(end: EventTime) -> Vec<Batch> {
    let mut story = Story::new(end).unwrap();
    let mut batches = Vec::new();
    while let Some(batch) = story.next().unwrap() {
        batches.push(batch);
    }
    batches
}

fn packets(batches: &[Batch]) -> impl Iterator<Item = PacketRef> {
    batches
        .iter()
        .flat_map(|it| &it.packets)
        .map(|it| it.packet)
}

/// A Thursday in the afternoon, a Monday shortly after midnight, and a Saturday at noon.
const ENDS: [i64; 3] = [1_804_172_400, 1_804_464_600, 1_804_939_200];

/// Detector and account of what must be told, in this order; what else is told may come in between.
const TOLD: [(&str, &str); 8] = [
    ("overpass_the_hash", "svc-web"),
    ("session_enumeration", "alice"),
    ("encryption_downgrade_logon", "alice"),
    ("pass_the_hash", "adm-jane"),
    ("remote_execution", "adm-jane"),
    ("pass_the_ticket", "bob"),
    ("directory_replication", "adm-jane"),
    ("ticket_not_issued", "Administrator"),
];

/// What adm-rob does every working day is a habit after three of them, before and after a weekend.
const LEARNING: Duration = Duration::from_secs(6 * DAY_S);

/// The machine of the intruder.
const STRANGER: &str = "10.77.0.66";

/// How fields end whose value an exchange has for itself.
const SINGLE: [&str; 4] = ["nonce", "challenge", "proof", "hash"];

/// How fields end that tell a time.
const TIMES: [&str; 3] = ["time", "since", "until"];

const DAY_S: u64 = 86_400;
