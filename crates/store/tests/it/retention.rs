//! What is forgotten, and what never is.

use crate::made::{activity, alert, at, batch, computer, packet, priority, store};
use realmward_event::operator::AlertStatus;
use realmward_store::{
    ActivityFilter, AlertFilter, Appended, HitKind, Page, Position, Produced, Retention, SensorId,
    Store,
};
use std::time::Duration;

fn filled() -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    for sequence in 1..=4 {
        store.append_batch(SensorId(1), &batch(sequence)).unwrap();
    }
    let mut closed = alert(2, 1, "dcsync", "bob");
    closed.status = AlertStatus::TruePositive;
    store
        .commit(&Produced {
            position: Position(3),
            activities: (1..=9)
                .map(|it| activity(it, i64::try_from(it).unwrap(), "zoe", "zoe did it"))
                .collect(),
            alerts: vec![alert(1, 1, "kerberoasting", "ann"), closed],
            users: vec![priority("ann", 50)],
            computers: vec![computer("10.0.0.9", "ws9", 3)],
            packets: (1..=9).map(|it| packet(1, it)).collect(),
            snapshot: Some(vec![1]),
            ..Produced::default()
        })
        .unwrap();
    (folder, store)
}

fn short() -> Retention {
    let age = Duration::from_secs(5);
    Retention {
        journal: age,
        activities: age,
        evidence: age,
        alerts: age,
        trends: age,
        reports: age,
        notices: age,
        unseen: age,
        ..Retention::default()
    }
}

#[test]
fn each_kind_goes_by_its_age() {
    let (_folder, store) = filled();
    assert!(
        store
            .retain(&Retention::default(), at(10))
            .unwrap()
            .rows
            .is_empty()
    );
    let forgotten = store.retain(&short(), at(10)).unwrap();
    let rows: Vec<(&str, u64)> = forgotten.rows.into_iter().collect();
    let expected = [
        ("activities", 4),
        ("alerts", 1),
        ("computers", 1),
        ("evidence", 3),
        ("journal", 3),
        ("trends", 1),
    ];
    assert_eq!(rows, expected);
    assert!(store.retain(&short(), at(10)).unwrap().rows.is_empty());
    store.check().unwrap();
}

#[test]
fn what_an_open_alert_holds_and_what_is_not_in_the_snapshot_stays() {
    let (_folder, store) = filled();
    let forgotten = store.retain(&short(), at(1_000)).unwrap();
    assert_eq!(forgotten.rows.get("users"), Some(&1), "{forgotten:?}");
    let alerts = store.alerts(&AlertFilter::default(), &Page::default());
    let alerts = alerts.unwrap().items;
    assert_eq!(alerts.len(), 1);
    let kept = store.evidence(&[packet(1, 1).packet, packet(1, 2).packet]);
    assert_eq!(kept.unwrap(), vec![packet(1, 1)]);
    let entries = store.entries_after(Position(0), 9).unwrap();
    assert_eq!(entries.first().unwrap().0, Position(4));
    for known in 1..=4 {
        let again = store.append_batch(SensorId(1), &batch(known)).unwrap();
        assert_eq!(again, Appended::Known);
    }
    let next = store.append_batch(SensorId(1), &batch(5)).unwrap();
    assert_eq!(next, Appended::New(Position(5)));
    let hits = store.search("zoe", 9).unwrap();
    assert!(hits.is_empty(), "{hits:?}");
    let hits = store.search("ann", 9).unwrap();
    let kinds: Vec<HitKind> = hits.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [HitKind::Account, HitKind::Alert]);
}

#[test]
fn over_its_size_the_oldest_activities_go_first() {
    let (_folder, store) = store();
    let fill = |from: u64| {
        let activities = (from..from + 3_000)
            .map(|it| activity(it, i64::try_from(it).unwrap(), "zoe", "zoe did it"))
            .collect();
        store.commit(&Produced {
            activities,
            ..Produced::default()
        })
    };
    fill(1).unwrap();
    let full = store.octets_used().unwrap();
    fill(3_001).unwrap();
    let retention = Retention {
        octets_max: full,
        ..Retention::default()
    };
    let forgotten = store.retain(&retention, at(10)).unwrap();
    let gone = forgotten.rows.get("activities").copied().unwrap_or(0);
    assert!((2_000..6_000).contains(&gone), "{forgotten:?}");
    assert!(store.octets_used().unwrap() <= full);
    let left = store
        .activities(&ActivityFilter::default(), &Page::first(1))
        .unwrap();
    assert_eq!(left.items.first().unwrap().id, 6_000);
    store.check().unwrap();
}

#[test]
fn sizes_name_what_takes_the_room() {
    let (_folder, store) = filled();
    let sizes = store.sizes().unwrap();
    let total: u64 = sizes.iter().map(|it| it.octets).sum();
    let used = store.octets_used().unwrap();
    assert!(total <= used && used - total <= 8 * 4096, "{total} {used}");
    let kinds: Vec<&str> = sizes.iter().map(|it| it.kind).collect();
    for kind in ["activities", "journal", "evidence", "alerts", "search"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
}

#[test]
fn a_setting_is_what_it_was_set_to() {
    let (_folder, store) = store();
    assert_eq!(store.setting::<Retention>("retention").unwrap(), None);
    store
        .put_setting("retention", &Retention::default())
        .unwrap();
    store.put_setting("retention", &short()).unwrap();
    assert_eq!(store.setting("retention").unwrap(), Some(short()));
    assert!(store.setting::<u8>("retention").is_err());
}
