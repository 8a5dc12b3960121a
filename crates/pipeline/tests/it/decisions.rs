//! What people decide, on a real attack: judged alerts stay judged, exclusions hide from their time on.

use realmward_alert::{Alert, AlertId, AlertStatus};
use realmward_event::operator::{Decided, Decision};
use realmward_event::{Event, Fact, Source};
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_testkit::run::{events, fixtures};
use realmward_vocab::EventTime;
use std::time::Duration;

/// A remote execution, told in several steps.
fn attack() -> Vec<Event> {
    events(&[fixtures().join("captures/a27_psexec.pcap.zst")]).unwrap()
}

/// The same attack at a later time, as new flows.
fn again(after: Duration) -> Vec<Event> {
    let mut events = attack();
    for event in &mut events {
        event.time = event.time.saturating_add(after);
        event.order.packet += 1_000_000;
        if let Source::Wire(flow) = &mut event.source {
            flow.0 += 1_000_000;
        }
    }
    events
}

fn decided(decision: Decision) -> Event {
    Event {
        source: Source::Operator,
        fact: Fact::Decided(Decided {
            by: "ann".to_owned(),
            decision,
        }),
        ..Event::default()
    }
}

fn judged(alert: &Alert, status: AlertStatus) -> Event {
    decided(Decision::AlertJudged {
        alert: alert.id.0,
        status,
        comment: "seen".to_owned(),
    })
}

fn excluded(rule: &str, expires: Option<EventTime>) -> Event {
    decided(Decision::ExclusionAdded {
        id: 7,
        rule: rule.to_owned(),
        owner: "ann".to_owned(),
        reason: "administration".to_owned(),
        expires,
    })
}

#[test]
fn what_comes_after_an_alert_was_closed_is_a_new_alert_that_follows_it() {
    let mut pipeline = Pipeline::new(&PipelineSettings::default(), 3);
    pipeline.take(attack());
    let first = remote_execution(&pipeline)[0].clone();
    pipeline.take(again(Duration::from_secs(60)));
    let joined = remote_execution(&pipeline);
    assert_eq!(joined.len(), 1);
    assert!(first.findings < joined[0].findings, "it joins");

    pipeline.take(vec![judged(&first, AlertStatus::TruePositive)]);
    let closed = remote_execution(&pipeline)[0].clone();
    assert_eq!(closed.status, AlertStatus::TruePositive);
    pipeline.take(again(Duration::from_secs(120)));
    let alerts = remote_execution(&pipeline);
    assert_eq!(alerts[0], closed, "a closed alert stays as it is");
    assert_eq!(alerts[1].follows, Some(closed.id));
    assert_eq!(alerts[1].status, AlertStatus::Open);
}

fn remote_execution(pipeline: &Pipeline) -> Vec<Alert> {
    let alerts = pipeline.alerts().iter();
    alerts
        .filter(|it| it.detector.as_str() == "remote_execution")
        .cloned()
        .collect()
}

#[test]
fn a_decision_takes_its_place_among_the_events_whatever_the_batches() {
    let mut events = attack();
    events.push(judged(
        &Alert {
            id: AlertId(1),
            ..one_alert()
        },
        AlertStatus::FalsePositive,
    ));
    events.extend(again(Duration::from_secs(60)));
    events.push(excluded("host=10.0.0.0/8", None));
    events.extend(again(Duration::from_secs(90_000)));
    let run = |shards, batch| {
        let mut pipeline = Pipeline::new(&PipelineSettings::default(), shards);
        for events in events.chunks(batch) {
            pipeline.take(events.to_vec());
        }
        pipeline.finish();
        pipeline.alerts().to_vec()
    };
    let whole = run(1, usize::MAX);
    assert!(1 < whole.len());
    for (shards, batch) in [(1, 1), (8, 7), (3, 50)] {
        assert_eq!(
            run(shards, batch),
            whole,
            "{shards} shards, batches of {batch}"
        );
    }
}

fn one_alert() -> Alert {
    let mut pipeline = Pipeline::new(&PipelineSettings::default(), 1);
    pipeline.take(attack());
    pipeline.alerts().first().cloned().unwrap()
}

#[test]
fn an_exclusion_hides_until_it_expires_or_is_removed() {
    let alert = one_alert();
    let source = alert.sources().find_map(|it| it.ip).unwrap();
    let rule = format!("host={source}");
    let late = alert.end.saturating_add(Duration::from_secs(1_000_000));
    for (expires, removed, alerts) in [
        (None, false, 0),
        (Some(alert.start), false, 1),
        (Some(late), false, 0),
        (None, true, 1),
    ] {
        let mut pipeline = Pipeline::new(&PipelineSettings::default(), 1);
        pipeline.take(vec![excluded(&rule, expires)]);
        if removed {
            pipeline.take(vec![decided(Decision::ExclusionRemoved { id: 7 })]);
        }
        pipeline.take(attack());
        let told = pipeline.alerts().len().min(1);
        assert_eq!(told, alerts, "expires {expires:?}, removed {removed}");
    }
    let exclusion: realmward_alert::Exclusion = rule.parse().unwrap();
    assert!(exclusion.would_hide(&alert));
}

#[test]
fn changes_are_given_once_and_revisions_rise() {
    let mut pipeline = Pipeline::new(&PipelineSettings::default(), 1);
    pipeline.take(attack());
    let changed = pipeline.back.take_changed();
    assert_eq!(changed, pipeline.alerts());
    assert!(pipeline.back.take_changed().is_empty());
    pipeline.take(vec![judged(&changed[0], AlertStatus::InProgress)]);
    let again = pipeline.back.take_changed();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].revision, changed[0].revision + 1);
}
