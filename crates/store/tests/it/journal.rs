//! The journal: once, in order, and what follows from it.

use crate::made::{activity, alert, at, batch, computer, packet, priority, store};
use realmward_event::operator::{AlertStatus, Decided, Decision};
use realmward_store::{
    ActivityFilter, AlertFilter, Appended, Entry, Notice, Output, OutputId, Page, Position,
    Produced, SensorId, Store, UserKey,
};
use realmward_vocab::FileId;

#[test]
fn a_batch_goes_in_once_and_comes_out_as_it_was() {
    let (_folder, store) = store();
    let one = SensorId(1);
    assert_eq!(
        store.append_batch(one, &batch(1)).unwrap(),
        Appended::New(Position(1))
    );
    assert_eq!(store.append_batch(one, &batch(1)).unwrap(), Appended::Known);
    assert_eq!(
        store.append_batch(SensorId(2), &batch(1)).unwrap(),
        Appended::New(Position(2))
    );
    let entries = store.entries_after(Position(0), 10).unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(
        entries[0],
        (
            Position(1),
            Entry::Batch {
                sensor: one,
                batch: batch(1)
            }
        )
    );
    assert_eq!(store.entries_after(Position(1), 10).unwrap().len(), 1);
    assert_eq!(store.entries_after(Position(0), 1).unwrap().len(), 1);
}

#[test]
fn what_was_passed_over_counts_as_missing_until_it_comes() {
    let (_folder, store) = store();
    let it = SensorId(1);
    let append = |sequence| store.append_batch(it, &batch(sequence)).unwrap();
    assert_eq!(append(1), Appended::New(Position(1)));
    assert_eq!(
        append(5),
        Appended::Gap {
            position: Position(2),
            missing: 3
        }
    );
    assert_eq!(append(3), Appended::New(Position(3)));
    assert_eq!(append(3), Appended::Known);
    assert_eq!(append(2), Appended::New(Position(4)));
    assert_eq!(append(4), Appended::New(Position(5)));
    for sequence in 1..=5 {
        assert_eq!(append(sequence), Appended::Known, "{sequence}");
    }
    assert_eq!(append(6), Appended::New(Position(6)));
}

#[test]
fn decisions_are_entries_and_are_seen_at_once() {
    let (_folder, store) = store();
    let decide = |decision| {
        let by = "ann".to_owned();
        store.append_decision(at(7), &Decided { by, decision })
    };
    decide(Decision::ExclusionAdded {
        id: 0,
        rule: "account=svc".to_owned(),
        owner: "bob".to_owned(),
        reason: "scanner".to_owned(),
        expires: Some(at(99)),
    })
    .unwrap();
    decide(Decision::HoneytokenSet {
        account: "Bait".into(),
        is: true,
    })
    .unwrap();
    decide(Decision::AlertJudged {
        alert: 4,
        status: AlertStatus::FalsePositive,
        comment: "backup".to_owned(),
    })
    .unwrap();
    let entries = store.entries_after(Position(0), 9).unwrap();
    let Entry::Decided { time, decided } = &entries[0].1 else {
        panic!("{entries:?}");
    };
    assert_eq!(*time, at(7));
    assert!(matches!(
        decided.decision,
        Decision::ExclusionAdded { id: 1, .. }
    ));
    assert_eq!(store.tags().unwrap()[0].account, "Bait".into());
    assert_eq!(store.judgements(4).unwrap()[0].comment, "backup");
    decide(Decision::ExclusionRemoved { id: 1 }).unwrap();
    let exclusion = &store.exclusions().unwrap()[0];
    assert_eq!(exclusion.removed, Some(("ann".to_owned(), at(7))));
    assert_eq!(exclusion.expires, Some(at(99)));
    decide(Decision::HoneytokenSet {
        account: "BAIT".into(),
        is: false,
    })
    .unwrap();
    assert!(store.tags().unwrap().is_empty());
}

fn produced(position: u64, revision: u64, evidence: i32) -> Produced {
    Produced {
        position: Position(position),
        time: at(100),
        activities: vec![activity(position << 20, 5, "Ann", "Ann got a ticket")],
        alerts: vec![alert(1, revision, "kerberoasting", "ann")],
        users: vec![priority("Ann", evidence)],
        computers: vec![computer("10.0.0.9", "ws9", 5)],
        packets: vec![packet(1, 1)],
        notices: vec![Notice {
            alert: 1,
            revision,
            is_new: revision == 1,
        }],
        snapshot: Some(vec![u8::try_from(position).unwrap(); 3]),
        ..Produced::default()
    }
}

fn seen(store: &Store) -> String {
    let key = UserKey::new(&"ann".into(), &"lab".into());
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        store.activities(&ActivityFilter::default(), &Page::default()),
        store.alerts(&AlertFilter::default(), &Page::default()),
        store.user(&key),
        store.priority_trend(&key),
        store.computers(
            &realmward_store::ComputerFilter::default(),
            &Page::default()
        ),
        store.due_notices(at(1000), 100),
        store.snapshot(),
    )
}

#[test]
fn committing_again_changes_nothing() {
    let (_folder, store) = store();
    store
        .put_output(&Output {
            id: OutputId(0),
            name: "siem".to_owned(),
            kind: "syslog".to_owned(),
            target: "siem:514".to_owned(),
            options: serde_json::json!({ "format": "cef" }),
            disabled: false,
        })
        .unwrap();
    store.commit(&produced(1, 1, 30)).unwrap();
    store.commit(&produced(2, 2, 60)).unwrap();
    let before = seen(&store);
    assert_eq!(store.committed().unwrap(), Position(2));
    assert_eq!(store.snapshot().unwrap(), Some((Position(2), vec![2; 3])));
    assert_eq!(store.due_notices(at(1000), 100).unwrap().len(), 2);
    for again in [produced(1, 1, 30), produced(2, 2, 60), produced(1, 1, 90)] {
        store.commit(&again).unwrap();
        assert_eq!(seen(&store), before);
    }
    let key = UserKey::new(&"ANN".into(), &"Lab".into());
    let user = store.user(&key).unwrap().unwrap();
    assert_eq!((user.activities, user.priority.priority), (2, 60));
    assert_eq!(store.priority_trend(&key).unwrap().len(), 2);
}

#[test]
fn all_of_it_is_there_after_a_restart() {
    let (folder, store) = store();
    store.append_batch(SensorId(1), &batch(1)).unwrap();
    store.commit(&produced(1, 1, 30)).unwrap();
    let before = seen(&store);
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(seen(&store), before);
    assert_eq!(
        store.append_batch(SensorId(1), &batch(1)).unwrap(),
        Appended::Known
    );
    assert_eq!(store.appended().unwrap(), Position(1));
}

#[test]
fn a_file_of_each_sensor_has_a_number_of_its_own() {
    let (_folder, store) = store();
    let files = [FileId(0), FileId(7)];
    let first = store.file_numbers(SensorId(1), &files).unwrap();
    let second = store.file_numbers(SensorId(2), &files).unwrap();
    let mut all: Vec<FileId> = first.values().chain(second.values()).copied().collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 4);
    assert_eq!(store.file_numbers(SensorId(1), &files).unwrap(), first);
    assert_eq!(
        store.file_origin(second[&FileId(7)]).unwrap(),
        Some((SensorId(2), FileId(7)))
    );
}

#[test]
fn evidence_is_found_by_its_number() {
    let (_folder, store) = store();
    store.commit(&produced(1, 1, 1)).unwrap();
    let wanted = [packet(1, 2).packet, packet(1, 1).packet];
    assert_eq!(store.evidence(&wanted).unwrap(), vec![packet(1, 1)]);
}
