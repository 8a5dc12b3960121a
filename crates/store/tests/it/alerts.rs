//! Questions about alerts.

use crate::made::{alert, store};
use realmward_detect::Severity;
use realmward_event::operator::AlertStatus;
use realmward_store::{AlertFilter, AlertRecord, Page, Position, Produced, Store};

fn filled() -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    let mut alerts: Vec<AlertRecord> = (1..=9)
        .map(|id| {
            let detector = if id % 3 == 0 {
                "dcsync"
            } else {
                "kerberoasting"
            };
            alert(id, 1, detector, if id < 5 { "Ann" } else { "bob" })
        })
        .collect();
    alerts[8].status = AlertStatus::FalsePositive;
    alerts[7].alert.severity = Severity::Low;
    alerts[6].alert.hosts[0].ip = "fe80::1".parse().ok();
    alerts[6].alert.hosts[0].name = Some("PC7".into());
    store
        .commit(&Produced {
            position: Position(1),
            alerts,
            ..Produced::default()
        })
        .unwrap();
    (folder, store)
}

fn ids(store: &Store, filter: &AlertFilter) -> Vec<u64> {
    let found = store.alerts(filter, &Page::first(100)).unwrap();
    found.items.iter().map(|it| it.alert.id.0).collect()
}

fn check(store: &Store, filter: &AlertFilter, expected: &[u64]) {
    assert_eq!(ids(store, filter), expected, "{filter:?}");
    let total = store.alert_counts(filter).unwrap().total;
    assert_eq!(total, expected.len() as u64);
}

#[test]
fn filters_find_what_they_say() {
    let (_folder, store) = filled();
    let all = AlertFilter::default();
    let check = |filter: AlertFilter, expected: &[u64]| check(&store, &filter, expected);
    check(all.clone(), &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    check(
        AlertFilter {
            statuses: vec![AlertStatus::FalsePositive, AlertStatus::TruePositive],
            ..all.clone()
        },
        &[9],
    );
    check(
        AlertFilter {
            severity: Some(Severity::Medium),
            detectors: vec!["kerberoasting".into()],
            ..all
        },
        &[7, 5, 4, 2, 1],
    );
}

#[test]
fn alerts_are_found_by_who_and_what_takes_part() {
    let (_folder, store) = filled();
    let all = AlertFilter::default();
    let check = |filter: AlertFilter, expected: &[u64]| check(&store, &filter, expected);
    check(
        AlertFilter {
            account: Some("ANN".into()),
            domain: Some("lab".into()),
            ..all.clone()
        },
        &[4, 3, 2, 1],
    );
    check(
        AlertFilter {
            account: Some("ann".into()),
            domain: Some("other".into()),
            ..all.clone()
        },
        &[],
    );
    check(
        AlertFilter {
            address: "fe80::1".parse().ok(),
            ..all.clone()
        },
        &[7],
    );
    check(
        AlertFilter {
            host: Some("pc7".into()),
            ..all.clone()
        },
        &[7],
    );
    for text in ["pC7", "C7", "c7 fe8"] {
        check(
            AlertFilter {
                text: text.to_owned(),
                ..all.clone()
            },
            &[7],
        );
    }
    check(
        AlertFilter {
            text: "100%_\"'".to_owned(),
            ..all
        },
        &[],
    );
}

#[test]
fn pages_go_forth_and_back() {
    let (_folder, store) = filled();
    let all = AlertFilter::default();
    let first = store.alerts(&all, &Page::first(4)).unwrap();
    let ids = |it: &realmward_store::Listing<AlertRecord>| -> Vec<u64> {
        it.items.iter().map(|it| it.alert.id.0).collect()
    };
    assert_eq!(ids(&first), [9, 8, 7, 6]);
    assert_eq!(first.previous, None);
    let second = Page {
        after: first.next,
        ..Page::first(4)
    };
    let second = store.alerts(&all, &second).unwrap();
    assert_eq!(ids(&second), [5, 4, 3, 2]);
    let third = Page {
        after: second.next,
        ..Page::first(4)
    };
    let third = store.alerts(&all, &third).unwrap();
    assert_eq!((ids(&third), third.next), (vec![1], None));
    let back = Page {
        before: third.previous,
        ..Page::first(4)
    };
    let back = store.alerts(&all, &back).unwrap();
    assert_eq!(back.items, second.items);
    let back = Page {
        before: back.previous,
        ..Page::first(4)
    };
    let back = store.alerts(&all, &back).unwrap();
    assert_eq!((ids(&back), back.previous), (vec![9, 8, 7, 6], None));
    let text = back.next.unwrap().to_string();
    assert_eq!(text.parse(), Ok(back.next.unwrap()));
    assert!("1".parse::<realmward_store::Cursor>().is_err());
}

#[test]
fn the_most_alike_comes_first() {
    let (_folder, store) = filled();
    let similar = store.similar_alerts(5).unwrap();
    let ids: Vec<u64> = similar.iter().map(|it| it.alert.id.0).collect();
    assert_eq!(ids, [8, 7, 4, 2, 1]);
}

#[test]
fn an_alike_alert_is_found_however_many_came_since() {
    let (_folder, store) = store();
    let mut alerts = vec![alert(1, 1, "dcsync", "rare")];
    alerts.extend((2..=700).map(|id| alert(id, 1, "dcsync", "often")));
    alerts.push(alert(701, 1, "dcsync", "rare"));
    store
        .commit(&Produced {
            position: Position(1),
            alerts,
            ..Produced::default()
        })
        .unwrap();
    let similar = store.similar_alerts(701).unwrap();
    assert_eq!(similar.first().unwrap().alert.id.0, 1);
    assert_eq!(similar.len(), 10);
}

#[test]
fn an_older_revision_never_wins() {
    let (_folder, store) = store();
    let commit = |record| {
        let alerts = vec![record];
        let position = Position(1);
        store
            .commit(&Produced {
                position,
                alerts,
                ..Produced::default()
            })
            .unwrap();
    };
    commit(alert(1, 3, "dcsync", "carol"));
    commit(alert(1, 2, "dcsync", "dave"));
    let carol = AlertFilter {
        account: Some("carol".into()),
        ..AlertFilter::default()
    };
    assert_eq!(ids(&store, &carol), [1]);
    commit(alert(1, 4, "dcsync", "dave"));
    assert_eq!(ids(&store, &carol), [0_u64; 0]);
    let by_text = AlertFilter {
        text: "carol".to_owned(),
        ..AlertFilter::default()
    };
    assert_eq!(ids(&store, &by_text), [0_u64; 0]);
}
