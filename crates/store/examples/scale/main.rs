//! Fills a store with a million activities of 10,000 users and says how long its pages take.
//!
//! `cargo run --release -p realmward-store --example scale -- FOLDER [ACTIVITIES]`

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench")]

mod made;

use made::{KINDS, PER_COMMIT, address, produced};
use realmward_event::Outcome;
use realmward_store::{
    ActivityFilter, AlertFilter, ComputerFilter, Page, Store, StoreError, UserFilter, UserKey,
};
use realmward_vocab::EventTime;
use std::path::Path;
use std::time::Instant;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let wanted: u64 = arguments.next().map_or(Ok(1_000_000), |it| it.parse())?;
    let store = Store::open(Path::new(&folder))?;
    fill(&store, wanted)?;
    let sizes = store.sizes()?;
    for size in &sizes {
        println!("{:>12} KiB  {}", size.octets / 1024, size.kind);
    }
    ask(&store)?;
    Ok(())
}

fn fill(store: &Store, wanted: u64) -> Result<(), Failed> {
    let begin = Instant::now();
    let done = store.committed()?.0 * PER_COMMIT;
    for position in (done / PER_COMMIT + 1)..=(wanted / PER_COMMIT) {
        store.commit(&produced(position))?;
    }
    let seconds = begin.elapsed().as_secs_f64();
    if done < wanted {
        let rate = f64::from(u32::try_from(wanted - done)?) / seconds;
        println!(
            "{} activities in {seconds:.1} s: {rate:.0} a second",
            wanted - done
        );
    }
    Ok(())
}

/// Asks the same thing several times and prints the first, the median and the worst of the rest.
fn timed<T>(what: &str, question: impl Fn() -> Result<T, StoreError>) -> Result<T, Failed> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        question()?;
        times.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    let first = times.remove(0);
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or(0.0);
    let worst = times.last().copied().unwrap_or(0.0);
    println!("{first:>9.2} {median:>9.2} {worst:>9.2} ms  {what}");
    Ok(question()?)
}

fn ask(store: &Store) -> Result<(), Failed> {
    println!("    first    median     worst");
    ask_activities(store)?;
    for text in [
        "user01234",
        "srv007",
        "10.0.8.186",
        "us",
        "ticket",
        "corp.example",
        "kerberoast",
    ] {
        timed(&format!("search {text}"), || store.search(text, 8))?;
    }
    ask_users(store)?;
    ask_alerts(store)
}

fn log(change: impl FnOnce(&mut ActivityFilter)) -> ActivityFilter {
    let mut filter = ActivityFilter::default();
    change(&mut filter);
    filter
}

fn ask_activities(store: &Store) -> Result<(), Failed> {
    let page = Page::first(50);
    for (what, filter) in filters().iter().chain(&busy_filters()) {
        let first = timed(&format!("activities {what}"), || {
            store.activities(filter, &page)
        })?;
        if let Some(next) = first.next {
            let page = Page {
                after: Some(next),
                ..page
            };
            timed("  second page", || store.activities(filter, &page))?;
        }
    }
    Ok(())
}

fn filters() -> Vec<(&'static str, ActivityFilter)> {
    let account = || Some(ACCOUNT.into());
    let middle = EventTime::from_unix_seconds(1_751_000_000);
    vec![
        ("all", log(|_| ())),
        ("until a time", log(|it| it.until = Some(middle))),
        ("of an account", log(|it| it.account = account())),
        (
            "of an account that failed",
            log(|it| (it.account, it.outcome) = (account(), Some(Outcome::Failure))),
        ),
        ("of a domain", log(|it| it.domain = Some(DOMAIN.into()))),
        (
            "of an absent domain",
            log(|it| it.domain = Some("none".into())),
        ),
        ("that failed", log(|it| it.outcome = Some(Outcome::Failure))),
        (
            "with an outcome nobody has",
            log(|it| it.outcome = Some(Outcome::Unknown)),
        ),
        (
            "of two kinds",
            log(|it| it.kinds = KINDS.iter().take(2).map(|it| (*it).to_owned()).collect()),
        ),
        (
            "of a kind nobody has",
            log(|it| it.kinds = vec!["Other".to_owned()]),
        ),
        (
            "from an address",
            log(|it| it.source_ip = Some(address(2_234))),
        ),
        (
            "from or at an address",
            log(|it| it.address = Some(address(7))),
        ),
        (
            "from or at an absent address",
            log(|it| it.address = Some(address(999_999))),
        ),
        (
            "with a frequent word",
            log(|it| it.text = "ticket".to_owned()),
        ),
        ("with a rare word", log(|it| it.text = ACCOUNT.to_owned())),
        (
            "with words, of an account",
            log(|it| (it.account, it.text) = (account(), "ticket aes256".to_owned())),
        ),
        (
            "with words, of an absent account",
            log(|it| (it.account, it.text) = (Some("none".into()), "ticket".to_owned())),
        ),
    ]
}

fn busy_filters() -> Vec<(&'static str, ActivityFilter)> {
    vec![
        (
            "at the busiest address",
            log(|it| it.target_ip = Some(address(0))),
        ),
        (
            "from or at the busiest address",
            log(|it| it.address = Some(address(0))),
        ),
        (
            "at the busiest address, of a kind nobody has",
            log(|it| (it.target_ip, it.kinds) = (Some(address(0)), vec!["Other".to_owned()])),
        ),
        (
            "of the busiest account",
            log(|it| it.account = Some(BUSIEST.into())),
        ),
        (
            "of the busiest account, with an outcome nobody has",
            log(|it| {
                (it.account, it.outcome) = (Some(BUSIEST.into()), Some(Outcome::Unknown));
            }),
        ),
        (
            "of the busiest account at the busiest address",
            log(|it| (it.account, it.target_ip) = (Some(BUSIEST.into()), Some(address(0)))),
        ),
        (
            "of the busiest account from or at an address",
            log(|it| (it.account, it.address) = (Some(BUSIEST.into()), Some(address(7)))),
        ),
    ]
}

fn ask_users(store: &Store) -> Result<(), Failed> {
    let page = Page::first(50);
    let key = UserKey::new(&ACCOUNT.into(), &DOMAIN.into());
    timed("user", || store.user(&key))?;
    timed("trend", || store.priority_trend(&key))?;
    timed("users", || store.users(&UserFilter::default(), &page))?;
    let part = UserFilter {
        text: "0123".to_owned(),
        ..UserFilter::default()
    };
    timed("users by part of a name", || store.users(&part, &page))?;
    timed("computers", || {
        store.computers(&ComputerFilter::default(), &page)
    })?;
    Ok(())
}

fn ask_alerts(store: &Store) -> Result<(), Failed> {
    let page = Page::first(50);
    let all = AlertFilter::default();
    timed("alerts", || store.alerts(&all, &page))?;
    let of_one = AlertFilter {
        account: Some(ACCOUNT.into()),
        ..AlertFilter::default()
    };
    timed("alerts of an account", || store.alerts(&of_one, &page))?;
    let with_text = AlertFilter {
        text: "ws0123".to_owned(),
        ..AlertFilter::default()
    };
    timed("alerts by text", || store.alerts(&with_text, &page))?;
    timed("alert counts", || store.alert_counts(&all))?;
    timed("similar alerts", || store.similar_alerts(100))?;
    Ok(())
}

const ACCOUNT: &str = "user01234";
const BUSIEST: &str = "user00000";
const DOMAIN: &str = "corp.example";
const ROUNDS: usize = 20;
