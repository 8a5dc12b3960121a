//! Which alerts are one story.

use crate::made::{alert, at, computer, store};
use realmward_detect::{PartyHost, PartyRole};
use realmward_event::operator::AlertStatus;
use realmward_store::{
    AlertFilter, AlertRecord, ComputerRecord, Incident, Page, Position, Produced, Store,
};

/// An alert at an hour, by somebody, from one address to another.
fn story(id: u64, hour: i64, who: &str, from: &str, to: &str) -> AlertRecord {
    let mut record = alert(id, 1, "dcsync", who);
    let host = |ip: &str, role| PartyHost {
        ip: ip.parse().ok(),
        name: None,
        role,
    };
    record.alert.hosts = vec![host(from, PartyRole::Source), host(to, PartyRole::Target)];
    (record.alert.start, record.alert.end) = (at(hour * 3600), at(hour * 3600 + 60));
    record
}

fn put(store: &Store, alerts: Vec<AlertRecord>) {
    let controller = ComputerRecord {
        is_domain_controller: true,
        ..computer(DC, "dc1", 1)
    };
    store
        .commit(&Produced {
            position: Position(1),
            alerts,
            computers: vec![controller],
            ..Produced::default()
        })
        .unwrap();
}

fn groups(store: &Store) -> Vec<Vec<u64>> {
    groups_of(store, &AlertFilter::default())
}

fn groups_of(store: &Store, filter: &AlertFilter) -> Vec<Vec<u64>> {
    let found = store.incidents(filter, &Page::first(100)).unwrap();
    let ids = |it: &Incident| it.alerts.iter().map(|it| it.alert.id.0).collect();
    found.items.iter().map(ids).collect()
}

const DC: &str = "10.0.0.1";

#[test]
fn who_acted_where_it_came_from_and_where_it_went_chain_alerts_within_a_day() {
    let one = story(1, 0, "ann", "10.0.0.5", DC);
    let check = |other: AlertRecord, is_one: bool, why: &str| {
        let (_folder, store) = store();
        put(&store, vec![one.clone(), other]);
        assert_eq!(groups(&store).len() == 1, is_one, "{why}");
    };
    check(story(2, 5, "ANN", "10.0.0.6", DC), true, "the same account");
    check(story(2, 5, "bob", "10.0.0.5", DC), true, "the same device");
    check(
        story(2, 5, "bob", "10.0.0.6", "10.0.0.5"),
        true,
        "moved to it",
    );
    check(
        story(2, 5, "bob", DC, "10.0.0.7"),
        false,
        "all act upon a controller",
    );
    check(
        story(2, 5, "bob", "10.0.0.6", DC),
        false,
        "nothing in common",
    );
    check(story(2, 26, "ann", "10.0.0.5", DC), false, "a day later");
    let mut target = story(2, 5, "bob", "10.0.0.6", DC);
    target.alert.accounts.push(realmward_detect::Party {
        role: PartyRole::Target,
        ..one.alert.accounts[0].clone()
    });
    check(target, false, "an account acted upon is not who acts");
}

#[test]
fn an_alert_that_belongs_to_two_incidents_makes_them_one_whatever_the_order() {
    let all = [
        story(1, 0, "ann", "10.0.0.5", DC),
        story(2, 1, "bob", "10.0.0.6", DC),
        story(3, 2, "ann", "10.0.0.6", DC),
        story(4, 3, "eve", "10.0.0.9", DC),
    ];
    for order in [[0, 1, 2, 3], [2, 3, 1, 0], [3, 0, 2, 1]] {
        let (_folder, store) = store();
        for place in order {
            put(&store, vec![all[place].clone()]);
        }
        put(&store, all.to_vec());
        assert_eq!(groups(&store), [vec![4], vec![3, 2, 1]], "{order:?}");
        assert_eq!(store.incident_of(2).unwrap(), Some((1, 3)));
        assert_eq!(store.incident_of(4).unwrap(), Some((4, 1)));
        assert_eq!(store.incident_of(5).unwrap(), None);
    }
}

#[test]
fn an_alert_that_learns_of_another_account_joins_later() {
    let (_folder, store) = store();
    put(&store, vec![story(1, 0, "ann", "10.0.0.5", DC)]);
    put(&store, vec![story(2, 1, "bob", "10.0.0.6", DC)]);
    assert_eq!(groups(&store), [[2], [1]]);
    let mut later = story(2, 1, "ann", "10.0.0.6", DC);
    later.revision = 2;
    put(&store, vec![later]);
    assert_eq!(groups(&store), [[2, 1]]);
}

#[test]
fn filters_hold_for_incidents_and_their_alerts_and_pages_repeat_none() {
    let (_folder, store) = store();
    let mut alerts: Vec<AlertRecord> = (1..=30)
        .map(|id| {
            let hour = i64::try_from(id).unwrap();
            story(
                id,
                hour,
                &format!("u{}", id % 10),
                &format!("10.1.0.{}", id % 10),
                DC,
            )
        })
        .collect();
    for it in alerts.iter_mut().filter(|it| 20 < it.alert.id.0) {
        it.status = AlertStatus::FalsePositive;
    }
    put(&store, alerts);
    let open = AlertFilter {
        statuses: vec![AlertStatus::Open],
        ..AlertFilter::default()
    };
    let all = groups_of(&store, &open);
    assert_eq!(all.first().unwrap(), &[20, 10]);
    assert_eq!(all.len(), 10);
    let first = store.incidents(&open, &Page::first(4)).unwrap();
    assert_eq!((first.items[0].fitting, first.items[0].total), (2, 3));
    let mut pages = vec![first];
    while let Some(next) = pages.last().unwrap().next {
        let page = Page {
            after: Some(next),
            ..Page::first(4)
        };
        pages.push(store.incidents(&open, &page).unwrap());
    }
    let ids: Vec<u64> = pages
        .iter()
        .flat_map(|it| &it.items)
        .map(|it| it.id)
        .collect();
    assert_eq!(ids, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let of_one = AlertFilter {
        incident: Some(10),
        ..AlertFilter::default()
    };
    let found = store.alerts(&of_one, &Page::first(9)).unwrap();
    assert_eq!(found.items.len(), 3);
    assert_eq!(store.alert_counts(&of_one).unwrap().total, 3);
}

#[test]
fn a_noisy_source_begins_a_new_incident_at_the_bound() {
    let (_folder, store) = store();
    let most = u64::from(Incident::ALERTS_MAX);
    let alerts = (1..=most + 5).map(|id| story(id, 1, "ann", "10.0.0.5", DC));
    put(&store, alerts.collect());
    let found = store
        .incidents(&AlertFilter::default(), &Page::first(9))
        .unwrap();
    let totals: Vec<u64> = found.items.iter().map(|it| it.total).collect();
    assert_eq!(totals, [5, most]);
    let shown = found.items[1].alerts.len();
    assert_eq!(shown, usize::try_from(Incident::SHOWN_MAX).unwrap());
}
