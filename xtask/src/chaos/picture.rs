//! What a server shows in the end, in a form that two runs can be compared in.
//!
//! Left out is what may differ: when it was written, how the journal was cut into batches, and how many
//! points a reason was worth: points fade, and which batches share a commit says when they are counted.

use anyhow::{Context as _, Result, ensure};
use realmward_store::{
    Activity, ActivityFilter, AlertFilter, AlertRecord, ComputerFilter, Cursor, Listing, Page,
    Store, StoreError, UserFilter, UserRecord,
};
use realmward_vocab::{EventTime, Order};
use serde::Serialize;
use std::collections::BTreeMap;

/// Lines by kind, sorted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) alerts: Vec<String>,
    pub(super) activities: Vec<String>,
    users: Vec<String>,
    computers: Vec<String>,
}

impl Picture {
    pub(super) fn of(store: &Store) -> Result<Self> {
        store.check()?;
        let alerts = all(|page| store.alerts(&AlertFilter::default(), page))?;
        told_once(store, &alerts)?;
        let alerts = alerts.iter().map(|it| alert(store, it));
        let activities = all(|page| store.activities(&ActivityFilter::default(), page))?;
        let users = all(|page| store.users(&UserFilter::default(), page))?;
        let computers = all(|page| store.computers(&ComputerFilter::default(), page))?;
        Ok(Self {
            alerts: sorted(alerts.collect::<Result<_>>()?),
            activities: lines(activities.into_iter().map(activity))?,
            users: lines(users.into_iter().map(user))?,
            computers: lines(computers)?,
        })
    }

    /// Fails with the first lines that only one of both has.
    pub(super) fn expect(&self, other: &Self) -> Result<()> {
        let pairs = [
            ("alerts", &self.alerts, &other.alerts),
            ("activities", &self.activities, &other.activities),
            ("users", &self.users, &other.users),
            ("computers", &self.computers, &other.computers),
        ];
        let mut differences = String::new();
        for (kind, mine, theirs) in pairs.into_iter().filter(|(_, mine, theirs)| mine != theirs) {
            differences.push_str(&format!("{kind}: {} and {}\n", mine.len(), theirs.len()));
            for (mark, these, those) in [('-', mine, theirs), ('+', theirs, mine)] {
                let only = these.iter().filter(|it| those.binary_search(it).is_err());
                for line in only.take(SHOWN_MAX) {
                    differences.push_str(&format!("{mark} {line}\n"));
                }
            }
        }
        ensure!(
            differences.is_empty(),
            "undisturbed (-) and disturbed (+) differ:\n{differences}"
        );
        Ok(())
    }
}

/// Each alert was new to outputs once.
fn told_once(store: &Store, alerts: &[AlertRecord]) -> Result<()> {
    let mut news: BTreeMap<u64, u32> = BTreeMap::new();
    let end_of_time = EventTime::from_unix_nanoseconds(i64::MAX);
    for due in store.due_notices(end_of_time, NOTICES_MAX)? {
        *news.entry(due.notice.alert).or_default() += u32::from(due.notice.is_new);
    }
    for record in alerts {
        let times = news.remove(&record.alert.id.0).unwrap_or_default();
        ensure!(
            times == 1,
            "alert {} was new {times} times",
            record.alert.id.0
        );
    }
    ensure!(news.is_empty(), "told of alerts that are none: {news:?}");
    Ok(())
}

fn alert(store: &Store, record: &AlertRecord) -> Result<String> {
    let packets = store.evidence(&record.alert.evidence)?;
    let mut record = record.clone();
    record.revision = 0;
    record.alert.revision = 0;
    record.changed_at = EventTime::default();
    Ok(serde_json::to_string(&(record, packets))?)
}

fn activity(mut activity: Activity) -> Activity {
    activity.id = 0;
    activity.event.order = Order::default();
    activity
}

fn user(mut user: UserRecord) -> UserRecord {
    user.priority.evidence.0 = 0;
    user.priority.priority = 0;
    for reason in &mut user.priority.reasons {
        reason.evidence.0 = 0;
        reason.without = 0;
    }
    user.priority
        .reasons
        .sort_by_cached_key(|it| it.text.clone());
    user
}

fn lines<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Vec<String>> {
    let lines = rows.into_iter().map(|it| Ok(serde_json::to_string(&it)?));
    Ok(sorted(lines.collect::<Result<_>>()?))
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_unstable();
    lines
}

fn all<T>(ask: impl Fn(&Page) -> Result<Listing<T>, StoreError>) -> Result<Vec<T>> {
    let (mut rows, mut after): (Vec<T>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = Page {
            after,
            ..Page::first(PAGE)
        };
        let listing = ask(&page).context("reading the store")?;
        rows.extend(listing.items);
        after = listing.next;
        if after.is_none() {
            return Ok(rows);
        }
    }
}

const PAGE: usize = 1000;

/// More than the fixtures raise.
const NOTICES_MAX: usize = 1_000_000;
const SHOWN_MAX: usize = 4;
