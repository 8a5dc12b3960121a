//! Which rows of the log: one condition leads through its index, the others are looked at on the way.
//!
//! A busy log is uneven: one domain controller is asked half of everything, one service account does a
//! tenth of it. So what leads is found by counting a little, and not by what kind of condition it is.

use super::{ActivityFilter, canonical};
use crate::codec::word;
use crate::open::Fault;
use crate::page::Conditions;
use realmward_vocab::AccountName;
use rusqlite::{Connection, params_from_iter};
use std::net::IpAddr;

impl ActivityFilter {
    /// Whether it asks for one account or computer.
    pub(super) const fn is_narrow(&self) -> bool {
        self.account.is_some()
            || self.source_ip.is_some()
            || self.target_ip.is_some()
            || self.address.is_some()
    }
}

/// A column that has an index of its own, ordered by time, and the words any of which it shall hold.
struct Term {
    column: &'static str,
    words: Vec<String>,
}

/// Conditions of a list in the order of time: the one that leads, and what else is asked of each row.
pub(super) fn by_time(
    it: &Connection,
    filter: &ActivityFilter,
) -> Result<(Conditions, Conditions), Fault> {
    let mut terms = terms(filter);
    let mut lead = Conditions::default();
    if !terms.is_empty() {
        let term = terms.remove(rarest(it, &terms)?);
        lead.any_of(&format!("a.{}", term.column), term.words);
    }
    times(&mut lead, filter);
    Ok((lead, rest(filter, terms)))
}

/// The leading condition of a list that words lead.
pub(super) fn by_words(words: String) -> Conditions {
    let mut it = Conditions::default();
    it.add("activities_text MATCH ?", [words.into()]);
    it
}

/// What else is asked of each row of a list that words lead.
pub(super) fn among_words(filter: &ActivityFilter) -> Conditions {
    let mut it = rest(filter, terms(filter));
    times(&mut it, filter);
    it
}

/// The terms, that first which is rare more often than those after it.
fn terms(filter: &ActivityFilter) -> Vec<Term> {
    let account = filter.account.as_ref();
    let domain = filter.domain.as_ref();
    let one = |it: String| vec![it];
    let words = [
        (
            "account_folded",
            account.map(|it| one(it.folded().as_str().to_owned())),
        ),
        ("source_ip", filter.source_ip.map(|it| one(canonical(it)))),
        ("target_ip", filter.target_ip.map(|it| one(canonical(it)))),
        (
            "kind",
            (!filter.kinds.is_empty()).then(|| filter.kinds.clone()),
        ),
        ("outcome", filter.outcome.map(|it| one(word(&it)))),
        (
            "domain_folded",
            domain.map(|it| one(it.folded().as_str().to_owned())),
        ),
    ];
    let term = |(column, words): (_, Option<_>)| {
        Some(Term {
            column,
            words: words?,
        })
    };
    words.into_iter().filter_map(term).collect()
}

/// Which term the fewest rows meet, counting no further than needed.
fn rarest(it: &Connection, terms: &[Term]) -> Result<usize, Fault> {
    let mut lead = 0;
    let mut fewest = u64::MAX;
    if terms.len() < 2 {
        return Ok(lead);
    }
    for (place, term) in terms.iter().enumerate() {
        let rows = it
            .prepare_cached(&format!(
                "SELECT count(*) FROM (SELECT 1 FROM activities WHERE {} IN ({}) LIMIT {MANY})",
                term.column,
                vec!["?"; term.words.len()].join(", ")
            ))?
            .query_row(params_from_iter(&term.words), |row| {
                crate::codec::count(row, 0)
            })?;
        if rows < fewest {
            (lead, fewest) = (place, rows);
        }
    }
    Ok(lead)
}

/// Of these terms each row is looked at, and of what it shall not be.
fn rest(filter: &ActivityFilter, terms: Vec<Term>) -> Conditions {
    let mut it = Conditions::default();
    for term in terms {
        // An expression has no index: the planner cannot be lured away from what leads.
        it.any_of(&format!("(a.{} || '')", term.column), term.words);
    }
    if let Some(ip) = filter.address {
        let ip = canonical(ip);
        it.add(
            "(a.source_ip = ? OR a.target_ip = ?)",
            [ip.clone().into(), ip.into()],
        );
    }
    let folded = |it: &AccountName| it.folded().as_str().to_owned();
    let addresses = |all: &[IpAddr]| all.iter().copied().map(canonical).collect::<Vec<_>>();
    it.none_of("a.account_folded", filter.not_accounts.iter().map(folded));
    it.none_of("a.kind", filter.not_kinds.iter().cloned());
    it.none_of("a.source_ip", addresses(&filter.not_source_ips));
    it.none_of("a.target_ip", addresses(&filter.not_target_ips));
    it.none_of("a.outcome", filter.not_outcomes.iter().map(word));
    it
}

fn times(it: &mut Conditions, filter: &ActivityFilter) {
    if let Some(since) = filter.since {
        it.add("? <= a.time", [since.unix_nanoseconds().into()]);
    }
    if let Some(until) = filter.until {
        it.add("a.time < ?", [until.unix_nanoseconds().into()]);
    }
}

/// Of two conditions that so many rows meet each, it does not matter which one leads: most pages are
/// full soon. Reading so many takes some milliseconds.
const MANY: u32 = 4_000;
