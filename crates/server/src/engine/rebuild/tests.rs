//! A snapshot that cannot be read: the engine goes on, tells what it would have told, and nothing
//! twice.

use super::super::run::Run;
use super::super::tests::{alone, batches, far, kept, output, settled, story, told};
use realmward_event::batch::Batch;
use realmward_event::operator::{AlertStatus, Decided, Decision};
use realmward_pipeline::PipelineSettings;
use realmward_store::{Produced, Retention, SensorId, Store};
use realmward_vocab::EventTime;
use std::time::Duration;

fn open(store: &Store) -> Run {
    Run::open(store.clone(), &PipelineSettings::default()).unwrap()
}

fn append(store: &Store, batches: &[Batch]) {
    for batch in batches {
        store.append_batch(SensorId(1), batch).unwrap();
    }
}

/// Runs to the end and stops in order, with a snapshot.
fn run_and_stop(store: &Store) {
    let mut run = open(store);
    while run.step(true).unwrap() {}
}

fn spoil(store: &Store, how: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let (position, snapshot) = store.snapshot().unwrap().unwrap();
    let produced = Produced {
        position,
        snapshot: Some(how(snapshot)),
        ..Produced::default()
    };
    store.commit(&produced).unwrap();
}

/// The snapshot as a later version would write it.
fn of_a_later_form(mut snapshot: Vec<u8>) -> Vec<u8> {
    let mark = b"gversion";
    let place = snapshot.windows(mark.len()).position(|it| it == mark);
    let form = &mut snapshot[place.unwrap() + mark.len()];
    assert!(*form < 20);
    *form += 1;
    snapshot
}

fn decide(store: &Store, decision: Decision) {
    let decided = Decided {
        by: "ann".to_owned(),
        decision,
    };
    store
        .append_decision(EventTime::from_unix_seconds(1), &decided)
        .unwrap();
}

fn new_notices(store: &Store) -> usize {
    let notices = store.due_notices(far(), 10_000).unwrap();
    notices.iter().filter(|it| it.notice.is_new).count()
}

#[test]
fn a_state_of_another_form_is_learned_again_and_nothing_is_told_twice() {
    let events = story();
    let batches = batches(&events, 7);
    let spoilers: [fn(Vec<u8>) -> Vec<u8>; 3] = [
        |_| b"nothing of ours".to_vec(),
        |_| Vec::new(),
        of_a_later_form,
    ];
    for (turn, spoiler) in spoilers.into_iter().enumerate() {
        for quarter in 1..=4 {
            let (before, after) = batches.split_at(batches.len() * quarter / 4);
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path()).unwrap();
            store.put_output(&output()).unwrap();
            append(&store, before);
            run_and_stop(&store);
            let known = kept(&store);
            spoil(&store, spoiler);
            append(&store, after);
            run_and_stop(&store);
            let alerts = kept(&store);
            let place = format!("spoiler {turn}, quarter {quarter}");
            let tell: Vec<_> = alerts.iter().map(told).collect();
            assert_eq!(tell, alone(&events), "{place}");
            assert_eq!(new_notices(&store), alerts.len(), "{place}");
            for alert in known {
                assert!(alerts.iter().any(|it| it.id == alert.id), "{place}");
            }
            let (position, _) = store.snapshot().unwrap().unwrap();
            assert_eq!(
                position,
                store.committed().unwrap(),
                "{place}: readable again"
            );
        }
    }
}

#[test]
fn without_the_old_journal_alerts_verdicts_and_exclusions_stay() {
    let events = story();
    let all = batches(&events, 40);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.put_output(&output()).unwrap();
    append(&store, &all);
    decide(
        &store,
        Decision::AlertJudged {
            alert: 1,
            status: AlertStatus::FalsePositive,
            comment: "ours".to_owned(),
        },
    );
    decide(
        &store,
        Decision::ExclusionAdded {
            id: 0,
            rule: "detector=remote_execution".to_owned(),
            owner: "ann".to_owned(),
            reason: "tests".to_owned(),
            expires: None,
        },
    );
    run_and_stop(&store);
    let before = kept(&store);
    let told = new_notices(&store);
    let nothing = Retention {
        journal: Duration::ZERO,
        ..forever()
    };
    store.retain(&nothing, far()).unwrap();
    assert_eq!(store.journal_begins().unwrap(), None);
    spoil(&store, |_| b"nothing of ours".to_vec());
    run_and_stop(&store);
    assert_eq!(kept(&store), before);
    assert_eq!(store.alert(1).unwrap().unwrap().judged_by, "ann");

    // The same happens once more: what was excluded is hidden, the rest joins or follows.
    let again: Vec<Batch> = all
        .iter()
        .map(|it| Batch {
            sequence: it.sequence + all.len() as u64,
            ..it.clone()
        })
        .collect();
    append(&store, &again);
    settled(&mut open(&store));
    let after = kept(&store);
    let last = before.last().unwrap().id;
    let fresh: Vec<_> = after.iter().filter(|it| last < it.id).collect();
    assert!(
        fresh.iter().any(|it| it.follows == Some(before[0].id)),
        "{fresh:?}"
    );
    assert!(
        fresh
            .iter()
            .all(|it| it.detector.as_str() != "remote_execution")
    );
    assert_eq!(new_notices(&store), told + fresh.len());
    assert!(0 < store.exclusions().unwrap()[0].hits);
}

fn forever() -> Retention {
    let long = Duration::from_secs(1_000_000 * 86_400);
    Retention {
        activities: long,
        evidence: long,
        alerts: long,
        trends: long,
        reports: long,
        notices: long,
        unseen: long,
        ..Retention::default()
    }
}
