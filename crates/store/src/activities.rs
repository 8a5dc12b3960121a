//! The log of what happened: one row for each thing a person may ask about.

mod filter;

use crate::codec::{
    address, count, from_word, json, name, name_if, number, text, time, to_json, word,
};
use crate::open::Fault;
use crate::page::{LIMIT_MAX, Order, list};
use crate::{Cursor, Listing, Page, Store, StoreError, search};
use realmward_event::{Event, Outcome};
use realmward_vocab::{AccountName, DomainName, EventTime, HostName};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Its number: the place of its entry in the journal, shifted left by 20, plus its place in it.
    pub id: u64,
    /// When.
    pub time: EventTime,
    /// What kind of fact.
    pub kind: String,
    /// Who acted; empty if not known.
    pub account: AccountName,
    /// Domain of the account; empty if not known.
    pub domain: DomainName,
    /// From which address.
    pub source_ip: Option<IpAddr>,
    /// From which computer.
    pub source_name: Option<HostName>,
    /// At which address.
    pub target_ip: Option<IpAddr>,
    /// At which computer.
    pub target_name: Option<HostName>,
    /// How it ended.
    pub outcome: Outcome,
    /// One plain sentence.
    pub detail: String,
    /// All that is known of it.
    pub event: Event,
}

/// Which activities; what is empty does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// Who acted, whatever the case.
    pub account: Option<AccountName>,
    /// The actor's domain.
    pub domain: Option<DomainName>,
    /// Any of these kinds of fact.
    pub kinds: Vec<String>,
    /// From this address.
    pub source_ip: Option<IpAddr>,
    /// At this address.
    pub target_ip: Option<IpAddr>,
    /// From or at this address.
    pub address: Option<IpAddr>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Not before.
    pub since: Option<EventTime>,
    /// Before.
    pub until: Option<EventTime>,
    /// Words of the sentence; if no activity has them, the last may be a beginning. Unless an account
    /// or address is asked for too, such a list is in the order in which things were told, not in
    /// which they happened.
    pub text: String,
}

impl Store {
    /// Activities, the latest first.
    ///
    /// # Errors
    /// As any reading.
    pub fn activities(
        &self,
        filter: &ActivityFilter,
        page: &Page,
    ) -> Result<Listing<Activity>, StoreError> {
        self.read(|it| match filter.address {
            Some(ip) if filter.source_ip.is_none() && filter.target_ip.is_none() => {
                let mut from = filter.clone();
                from.address = None;
                let mut at = from.clone();
                from.source_ip = Some(ip);
                at.target_ip = Some(ip);
                Ok(merged(
                    listed(it, &from, page)?,
                    listed(it, &at, page)?,
                    page,
                ))
            }
            _ => listed(it, filter, page),
        })
    }

    /// One activity.
    ///
    /// # Errors
    /// As any reading.
    pub fn activity(&self, id: u64) -> Result<Option<Activity>, StoreError> {
        self.read(|it| {
            Ok(it
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM activities AS a WHERE a.id = ?"
                ))?
                .query_row([number(id)], |row| activity(row, 0))
                .optional()?)
        })
    }
}

fn listed(
    it: &Connection,
    filter: &ActivityFilter,
    page: &Page,
) -> Result<Listing<Activity>, Fault> {
    let read = |row: &Row<'_>| activity(row, 2);
    let words = match filter.is_narrow() {
        true => None,
        false => search::words(it, &filter.text)?,
    };
    if let Some(words) = words {
        let mut conditions = filter::among_words(filter);
        conditions.add("activities_text MATCH ?", [words.into()]);
        let select =
            format!("{COLUMNS} FROM activities_text AS t JOIN activities AS a ON a.id = t.rowid");
        return list(it, &select, conditions, BY_NUMBER, page, read);
    }
    let mut conditions = filter::by_time(it, filter)?;
    if filter.is_narrow() {
        search::sentence_with(&mut conditions, &filter.text);
    }
    let select = format!("{COLUMNS} FROM activities AS a");
    list(it, &select, conditions, BY_TIME, page, read)
}

/// Two pages of the same place in two lists as one page of both.
fn merged(one: Listing<Activity>, other: Listing<Activity>, page: &Page) -> Listing<Activity> {
    let is_backward = page.before.is_some();
    let mut is_more = if is_backward {
        one.previous.or(other.previous).is_some()
    } else {
        one.next.or(other.next).is_some()
    };
    let mut items = one.items;
    items.extend(other.items);
    items.sort_by_key(|it| std::cmp::Reverse((it.time, it.id)));
    items.dedup_by_key(|it| it.id);
    let excess = items.len().saturating_sub(page.limit.clamp(1, LIMIT_MAX));
    is_more |= 0 < excess;
    if is_backward {
        items.drain(..excess);
    } else {
        items.truncate(items.len() - excess);
    }
    let place = |it: &Activity| Cursor::new(it.time.unix_nanoseconds(), number(it.id));
    let is_later = if is_backward {
        is_more
    } else {
        page.after.is_some()
    };
    Listing {
        next: items.last().map(place).filter(|_| is_more || is_backward),
        previous: items.first().map(place).filter(|_| is_later),
        items,
    }
}

/// Writes what is not there yet, and returns it.
pub(crate) fn put<'a>(
    it: &Connection,
    activities: &'a [Activity],
) -> Result<Vec<&'a Activity>, Fault> {
    let mut row = it.prepare_cached(
        "INSERT INTO activities (id, time, kind, account, account_folded, domain, domain_folded, \
         source_ip, source_name, target_ip, target_name, outcome, detail, event) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )?;
    let mut text =
        it.prepare_cached("INSERT INTO activities_text (rowid, detail) VALUES (?, ?)")?;
    let mut added = Vec::new();
    for activity in activities {
        let id = number(activity.id);
        let changed = row.execute(params![
            id,
            activity.time.unix_nanoseconds(),
            activity.kind,
            activity.account.as_str(),
            activity.account.folded().as_str(),
            activity.domain.as_str(),
            activity.domain.folded().as_str(),
            activity.source_ip.map(canonical),
            activity.source_name.as_ref().map(HostName::as_str),
            activity.target_ip.map(canonical),
            activity.target_name.as_ref().map(HostName::as_str),
            word(&activity.outcome),
            activity.detail,
            to_json(&activity.event, "an event")?,
        ])?;
        if 0 < changed {
            text.execute(params![id, activity.detail])?;
            added.push(activity);
        }
    }
    Ok(added)
}

pub(crate) fn activity(row: &Row<'_>, from: usize) -> rusqlite::Result<Activity> {
    Ok(Activity {
        id: count(row, from)?,
        time: time(row, from + 1)?,
        kind: text(row, from + 2)?,
        account: name(row, from + 3)?,
        domain: name(row, from + 4)?,
        source_ip: address(row, from + 5)?,
        source_name: name_if(row, from + 6)?,
        target_ip: address(row, from + 7)?,
        target_name: name_if(row, from + 8)?,
        outcome: from_word(row, from + 9)?,
        detail: text(row, from + 10)?,
        event: json(row, from + 11)?,
    })
}

/// An address as columns hold it.
pub(crate) fn canonical(ip: IpAddr) -> String {
    ip.to_canonical().to_string()
}

const COLUMNS: &str = "a.id, a.time, a.kind, a.account, a.domain, a.source_ip, a.source_name, \
     a.target_ip, a.target_name, a.outcome, a.detail, a.event";
const BY_TIME: Order = Order {
    key: "a.time",
    id: "a.id",
};
const BY_NUMBER: Order = Order {
    key: "t.rowid",
    id: "t.rowid",
};
