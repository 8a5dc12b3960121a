//! The log of what happened: one row for each thing a person may ask about.

mod filter;
mod part;

use crate::codec::{
    address, count, from_word, json, name, name_if, number, text, time, to_json, word,
};
use crate::open::Fault;
use crate::page::Order;
use crate::{Listing, Page, Store, StoreError, search};
use part::{Part, Table};
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
    /// By none of these accounts, whatever the case.
    pub not_accounts: Vec<AccountName>,
    /// Of none of these kinds.
    pub not_kinds: Vec<String>,
    /// From none of these addresses.
    pub not_source_ips: Vec<IpAddr>,
    /// At none of these addresses.
    pub not_target_ips: Vec<IpAddr>,
    /// Ended in none of these ways.
    pub not_outcomes: Vec<Outcome>,
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
    /// Activities, the latest first. What fits is looked for among [`Store::LOOKED_AT`] rows: if fewer
    /// than asked for were found there and there are more to look at, the listing has a `next` (or
    /// `previous`, going back) all the same, and may be empty.
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
                let (one, other) = (listed(it, &from, page)?, listed(it, &at, page)?);
                Ok(part::merged(one, other, page))
            }
            _ => Ok(listed(it, filter, page)?.listing),
        })
    }

    /// So many rows are looked at for one page of activities.
    pub const LOOKED_AT: u32 = part::LOOKED_AT;

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

fn listed(it: &Connection, filter: &ActivityFilter, page: &Page) -> Result<Part, Fault> {
    let words = match filter.is_narrow() {
        true => None,
        false => search::words(it, &filter.text)?,
    };
    if let Some(words) = words {
        let lead = filter::by_words(words);
        return part::read(it, lead, filter::among_words(filter), page, &WORDS);
    }
    let (lead, mut rest) = filter::by_time(it, filter)?;
    if filter.is_narrow() {
        search::sentence_with(&mut rest, &filter.text);
    }
    part::read(it, lead, rest, page, &TIME)
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
const TIME: Table = Table {
    index: "activities AS a",
    rows: "activities AS a",
    order: Order {
        key: "a.time",
        id: "a.id",
    },
};
const WORDS: Table = Table {
    index: "activities_text AS t",
    rows: "activities_text AS t JOIN activities AS a ON a.id = t.rowid",
    order: Order {
        key: "t.rowid",
        id: "t.rowid",
    },
};
