//! A log in which what is asked for never comes together: pages stay quick, and lead on.

use crate::made::{activity, store};
use realmward_store::{Activity, ActivityFilter, Cursor, Page, Position, Produced, Store};

/// A little more than twice what a page looks at: every row is of Ann or from afar; the oldest both.
fn filled() -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    let rows = u64::from(Store::LOOKED_AT) * 2 + 10;
    let activities = (1..=rows).map(|id| {
        let account = if id % 2 == 0 || id == 1 { "Ann" } else { "bob" };
        Activity {
            source_ip: (id % 2 == 1).then(|| "10.9.9.9".parse().unwrap()),
            target_ip: (id % 2 == 0).then(|| "10.9.9.9".parse().unwrap()),
            ..activity(id, i64::try_from(id).unwrap(), account, "ann logged on")
        }
    });
    store
        .commit(&Produced {
            position: Position(1),
            activities: activities.collect(),
            ..Produced::default()
        })
        .unwrap();
    (folder, store)
}

/// Pages until the end, and what was found on them.
fn walk(store: &Store, filter: &ActivityFilter, is_backward: bool) -> (usize, Vec<u64>) {
    let mut pages = 0;
    let mut found = Vec::new();
    let mut place = is_backward.then(|| "0_0".parse::<Cursor>().unwrap());
    loop {
        let (before, after) = if is_backward {
            (place, None)
        } else {
            (None, place)
        };
        let page = Page {
            before,
            after,
            limit: 50,
        };
        let part = store.activities(filter, &page).unwrap();
        pages += 1;
        found.extend(part.items.iter().map(|it| it.id));
        let next = if is_backward {
            part.previous
        } else {
            part.next
        };
        match next {
            Some(next) if pages < 9 => place = Some(next),
            _ => return (pages, found),
        }
    }
}

#[test]
fn what_is_rare_is_found_on_a_later_page_and_no_page_looks_at_everything() {
    let (_folder, store) = filled();
    let both = ActivityFilter {
        account: Some("ann".into()),
        source_ip: "10.9.9.9".parse().ok(),
        ..ActivityFilter::default()
    };
    assert_eq!(walk(&store, &both, false), (2, vec![1]));
    let without = ActivityFilter {
        not_accounts: vec!["bob".into()],
        source_ip: "10.9.9.9".parse().ok(),
        ..ActivityFilter::default()
    };
    assert_eq!(walk(&store, &without, false), (2, vec![1]));
    let by_words = ActivityFilter {
        text: "logged".into(),
        kinds: vec!["Nothing".into()],
        ..ActivityFilter::default()
    };
    assert_eq!(walk(&store, &by_words, false), (3, vec![]));
    let either = ActivityFilter {
        address: "10.9.9.9".parse().ok(),
        not_accounts: vec!["bob".into()],
        kinds: vec!["Nothing".into()],
        ..ActivityFilter::default()
    };
    let (pages, found) = walk(&store, &either, false);
    assert!((1..=3).contains(&pages) && found.is_empty(), "{pages}");
    let (pages, found) = walk(&store, &both, true);
    assert!((1..=3).contains(&pages), "{pages}");
    assert_eq!(found, [1]);
}
