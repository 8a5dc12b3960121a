//! The search bar, the log of activities, lists of users and computers.

use crate::made::{activity, alert, at, computer, priority, store};
use realmward_event::kerberos::{KerberosRefused, TicketGrantRequested};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::operator::{Decided, Decision};
use realmward_event::{Fact, Outcome};
use realmward_store::{
    ActivityFilter, ComputerFilter, HitKind, Page, Position, Produced, Store, Tag, UserFilter,
};
use realmward_vocab::KerberosError;

fn filled() -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    let mut activities = vec![
        activity(
            1,
            10,
            "Ann",
            "Ann got a ticket for cifs/dc1.lab.example from 10.0.0.9",
        ),
        activity(2, 30, "ws9$", "ws9$ read the directory at 10.0.0.10"),
        activity(3, 20, "ИВАН", "ИВАН вошёл на сервер"),
    ];
    if let Some(it) = activities.get_mut(1) {
        it.source_ip = "10.0.0.10".parse().ok();
        it.kind = "DirectorySearched".to_owned();
    }
    store
        .commit(&Produced {
            position: Position(1),
            activities,
            alerts: vec![alert(7, 1, "kerberoasting", "Ann")],
            users: vec![priority("Ann", 40), priority("bob", 90)],
            computers: vec![
                computer("10.0.0.9", "ws9.lab.example", 5),
                computer("10.0.0.10", "", 6),
            ],
            ..Produced::default()
        })
        .unwrap();
    (folder, store)
}

#[test]
fn the_search_bar_finds_by_any_part() {
    let (_folder, store) = filled();
    let check = |text: &str, expected: &[(HitKind, &str)]| {
        let hits = store.search(text, 10).unwrap();
        let found: Vec<(HitKind, &str)> =
            hits.iter().map(|it| (it.kind, it.key.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    };
    use HitKind::{Account, Activity, Alert, Computer};
    check(
        "ann",
        &[(Account, "ann@lab"), (Alert, "7"), (Activity, "1")],
    );
    check("B", &[(Account, "bob@lab")]);
    check("9.lab.ex", &[(Computer, "10.0.0.9"), (Alert, "7")]);
    check("иван", &[(Account, "иван@lab"), (Activity, "3")]);
    check("вошёл сер", &[(Activity, "3")]);
    check("cifs/dc1", &[(Activity, "1")]);
    check("10.0.0.10", &[(Computer, "10.0.0.10"), (Activity, "2")]);
    for nothing in ["", "   ", "\"", "*", "' OR 1=1 --", "NEAR(", "%%%", "__"] {
        check(nothing, &[]);
    }
}

#[test]
fn a_name_that_is_learned_later_is_found() {
    let (_folder, store) = filled();
    store
        .commit(&Produced {
            position: Position(2),
            computers: vec![
                computer("10.0.0.10", "printer", 7),
                computer("10.0.0.9", "", 8),
            ],
            ..Produced::default()
        })
        .unwrap();
    assert_eq!(store.search("print", 9).unwrap().len(), 1);
    let named = store.computers_named(&"WS9.lab.example".into()).unwrap();
    assert_eq!(named.first().unwrap().last_seen, at(8));
    let hits = store.search("ws9.lab", 9).unwrap();
    assert!(
        hits.iter().any(|it| it.kind == HitKind::Computer),
        "{hits:?}"
    );
}

fn log(change: impl FnOnce(&mut ActivityFilter)) -> ActivityFilter {
    let mut filter = ActivityFilter::default();
    change(&mut filter);
    filter
}

fn check(store: &Store, filters: &[(ActivityFilter, Vec<u64>)]) {
    for (filter, expected) in filters {
        let found = store.activities(filter, &Page::default()).unwrap();
        let ids: Vec<u64> = found.items.iter().map(|it| it.id).collect();
        assert_eq!(ids, *expected, "{filter:?}");
    }
}

#[test]
fn activities_are_filtered_by_what_a_person_does_not_want() {
    let (_folder, store) = filled();
    check(
        &store,
        &[
            (log(|it| it.not_accounts = vec!["aNN".into()]), vec![2, 3]),
            (
                log(|it| it.not_kinds = vec!["DirectorySearched".into(), "X".into()]),
                vec![3, 1],
            ),
            (
                log(|it| it.not_source_ips = vec!["10.0.0.10".parse().unwrap()]),
                vec![3, 1],
            ),
            (
                log(|it| it.not_target_ips = vec!["10.0.0.1".parse().unwrap()]),
                vec![],
            ),
            (log(|it| it.not_outcomes = vec![Outcome::Success]), vec![]),
            (
                log(|it| {
                    it.text = "ticket directory".into();
                    it.not_kinds = vec!["DirectorySearched".into()];
                }),
                vec![],
            ),
        ],
    );
}

#[test]
fn activities_are_filtered_by_everything_a_person_asks() {
    let (_folder, store) = filled();
    let filters = [
        (log(|_| ()), vec![2, 3, 1]),
        (log(|it| it.account = Some("aNN".into())), vec![1]),
        (
            log(|it| (it.domain, it.since) = (Some("lab".into()), Some(at(20)))),
            vec![2, 3],
        ),
        (log(|it| it.until = Some(at(20))), vec![1]),
        (
            log(|it| it.kinds = vec!["DirectorySearched".into()]),
            vec![2],
        ),
        (log(|it| it.source_ip = "10.0.0.10".parse().ok()), vec![2]),
        (
            log(|it| it.address = "10.0.0.1".parse().ok()),
            vec![2, 3, 1],
        ),
        (log(|it| it.address = "10.0.0.9".parse().ok()), vec![3, 1]),
        (log(|it| it.text = "direct".into()), vec![2]),
        (log(|it| it.text = "TICKET 10.0.0.9".into()), vec![1]),
        (
            log(|it| (it.text, it.account) = ("СЕРВЕР".into(), Some("иван".into()))),
            vec![3],
        ),
        (
            log(|it| (it.text, it.domain) = ("ticket".into(), Some("LAB".into()))),
            vec![1],
        ),
        (
            log(|it| (it.text, it.account) = ("lab.example".into(), Some("bob".into()))),
            vec![],
        ),
        (log(|it| it.outcome = Some(Outcome::Failure)), vec![]),
    ];
    check(&store, &filters);
    let one = store.activity(3).unwrap().unwrap();
    assert_eq!(one, activity(3, 20, "ИВАН", "ИВАН вошёл на сервер"));
}

#[test]
fn users_are_ranked_and_filtered() {
    let (_folder, store) = filled();
    let decided = Decided {
        by: "bob".to_owned(),
        decision: Decision::SensitiveSet {
            account: "ANN".into(),
            is: true,
        },
    };
    store.append_decision(at(1), &decided).unwrap();
    let all = UserFilter::default;
    for (filter, expected) in [
        (all(), vec!["bob", "Ann", "ИВАН", "ws9$"]),
        (
            UserFilter {
                priority: Some(50),
                ..all()
            },
            vec!["bob"],
        ),
        (
            UserFilter {
                machines: Some(true),
                ..all()
            },
            vec!["ws9$"],
        ),
        (
            UserFilter {
                machines: Some(false),
                text: "N".into(),
                ..all()
            },
            vec!["Ann"],
        ),
        (
            UserFilter {
                tag: Some(Tag::Sensitive),
                ..all()
            },
            vec!["Ann"],
        ),
        (
            UserFilter {
                text: "100%".into(),
                ..all()
            },
            vec![],
        ),
    ] {
        let found = store.users(&filter, &Page::default()).unwrap();
        let names: Vec<&str> = found
            .items
            .iter()
            .map(|it| it.priority.name.as_str())
            .collect();
        assert_eq!(names, expected, "{filter:?}");
    }
}

#[test]
fn a_name_becomes_a_user_when_there_is_such_an_account() {
    let asked = || Fact::TicketGrantRequested(TicketGrantRequested::default());
    let refused = |code| {
        Fact::KerberosRefused(KerberosRefused {
            code,
            ..KerberosRefused::default()
        })
    };
    let logon = || Fact::NtlmAuthenticated(NtlmAuthenticated::default());
    let unknown = KerberosError::KDC_ERR_C_PRINCIPAL_UNKNOWN;
    let wrong = KerberosError::KDC_ERR_PREAUTH_FAILED;
    for (told, times) in [
        (vec![(asked(), Outcome::Attempt)], None),
        (vec![(refused(unknown), Outcome::Failure)], None),
        (vec![(logon(), Outcome::Failure)], None),
        (
            vec![
                (asked(), Outcome::Attempt),
                (refused(wrong), Outcome::Failure),
            ],
            Some(2),
        ),
        (
            vec![(logon(), Outcome::Success), (logon(), Outcome::Failure)],
            Some(2),
        ),
    ] {
        let (_folder, store) = store();
        let activities = (1..).zip(&told).map(|(id, (fact, outcome))| {
            let mut it = activity(id, 10, "Ann", "");
            it.event.fact = fact.clone();
            it.outcome = *outcome;
            it
        });
        let produced = Produced {
            position: Position(1),
            activities: activities.collect(),
            ..Produced::default()
        };
        store.commit(&produced).unwrap();
        let users = store.users(&UserFilter::default(), &Page::default());
        let found = users.unwrap().items.first().map(|it| it.activities);
        assert_eq!(found, times, "{told:?}");
    }
}

#[test]
fn computers_are_listed_by_when_they_were_seen() {
    let (_folder, store) = filled();
    let all = ComputerFilter::default;
    for (filter, expected) in [
        (all(), vec!["10.0.0.10", "10.0.0.9"]),
        (
            ComputerFilter {
                text: "WS9".into(),
                ..all()
            },
            vec!["10.0.0.9"],
        ),
        (
            ComputerFilter {
                since: Some(at(6)),
                ..all()
            },
            vec!["10.0.0.10"],
        ),
        (
            ComputerFilter {
                is_domain_controller: Some(true),
                ..all()
            },
            vec![],
        ),
    ] {
        let found = store.computers(&filter, &Page::default()).unwrap();
        let names: Vec<String> = found
            .items
            .iter()
            .map(|it| it.address.to_string())
            .collect();
        assert_eq!(names, expected, "{filter:?}");
    }
}

#[test]
fn pages_of_an_address_go_forth_and_back_over_both_ends() {
    let (_folder, store) = store();
    let activities = (1..=9)
        .map(|id| {
            let mut it = activity(id, i64::try_from(id).unwrap(), "ann", "x");
            let (one, other) = ("10.0.0.1".parse().ok(), "10.0.0.2".parse().ok());
            (it.source_ip, it.target_ip) = match id % 3 {
                0 => (one, one),
                1 => (one, other),
                _ => (other, one),
            };
            it
        })
        .collect();
    let produced = Produced {
        activities,
        ..Produced::default()
    };
    store.commit(&produced).unwrap();
    let filter = log(|it| it.address = "10.0.0.1".parse().ok());
    let mut page = Page::first(4);
    let mut pages = Vec::new();
    loop {
        let listing = store.activities(&filter, &page).unwrap();
        pages.push(listing.items.iter().map(|it| it.id).collect::<Vec<_>>());
        if listing.next.is_none() {
            page.before = listing.previous;
            break;
        }
        page.after = listing.next;
    }
    assert_eq!(pages, [vec![9, 8, 7, 6], vec![5, 4, 3, 2], vec![1]]);
    let back = store.activities(&filter, &page).unwrap();
    assert_eq!(back.items.first().unwrap().id, 5);
    page.before = back.previous;
    let back = store.activities(&filter, &page).unwrap();
    assert_eq!(back.items.first().unwrap().id, 9);
    assert_eq!((back.items.len(), back.previous), (4, None));
}

/// Uneven, as logs are: one account and one address do most, one kind and one outcome are rare.
fn uneven(number: u64) -> realmward_store::Activity {
    let account = if number % 10 < 7 { "svc" } else { "ann" };
    let mut it = activity(number, i64::try_from(number / 3).unwrap(), account, "word");
    let ip = |is: bool| if is { "10.0.0.1" } else { "10.0.0.2" }.parse().ok();
    it.source_ip = ip(number.is_multiple_of(5));
    it.target_ip = ip(!number.is_multiple_of(7));
    it.kind = if number % 50 == 3 { "Rare" } else { "Usual" }.to_owned();
    if number.is_multiple_of(40) {
        it.outcome = Outcome::Failure;
        it.domain = "OTHER".into();
    }
    it
}

#[test]
fn whatever_leads_the_same_rows_are_found() {
    let (_folder, store) = store();
    let all: Vec<_> = (1..=400).map(uneven).collect();
    let produced = Produced {
        position: Position(1),
        activities: all.clone(),
        ..Produced::default()
    };
    store.commit(&produced).unwrap();
    for bits in 0_u32..128 {
        let has = |bit: u32| bits >> bit & 1 == 1;
        let one = "10.0.0.1".parse().ok();
        let filter = ActivityFilter {
            account: has(0).then(|| "Ann".into()),
            domain: has(1).then(|| "other".into()),
            kinds: has(2).then(|| "Rare".to_owned()).into_iter().collect(),
            source_ip: one.filter(|_| has(3)),
            target_ip: one.filter(|_| has(4)),
            address: one.filter(|_| has(5)),
            outcome: has(6).then_some(Outcome::Failure),
            ..ActivityFilter::default()
        };
        let fits = |it: &&realmward_store::Activity| {
            (!has(0) || it.account.as_str() == "ann")
                && (!has(1) || it.domain.as_str() == "OTHER")
                && (!has(2) || it.kind == "Rare")
                && (!has(3) || it.source_ip == one)
                && (!has(4) || it.target_ip == one)
                && (!has(5) || it.source_ip == one || it.target_ip == one)
                && (!has(6) || it.outcome == Outcome::Failure)
        };
        let mut expected: Vec<u64> = all.iter().filter(fits).map(|it| it.id).collect();
        expected.reverse();
        let mut found = Vec::new();
        let mut page = Page::first(7);
        loop {
            let listing = store.activities(&filter, &page).unwrap();
            found.extend(listing.items.iter().map(|it| it.id));
            let Some(next) = listing.next else { break };
            page.after = Some(next);
        }
        assert_eq!(found, expected, "{filter:?}");
    }
}
