//! What people decided, as they see it: exclusions, tags, named controllers, verdicts.
//!
//! The engine learns of decisions from the journal; these rows are for looking at, and are written in
//! the same transaction.

use crate::codec::{count, from_word, name, nanoseconds, number, text, time, time_if, word};
use crate::open::Fault;
use crate::{Position, Store, StoreError};
use realmward_event::operator::{AlertStatus, Decided, Decision};
use realmward_vocab::{AccountName, EventTime};
use rusqlite::{Connection, params};
use std::net::IpAddr;

/// A verdict on an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// When.
    pub time: EventTime,
    /// Who.
    pub by: String,
    /// What.
    pub status: AlertStatus,
    /// Why.
    pub comment: String,
}

/// An exclusion, as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExclusionRecord {
    /// Its number, from 1.
    pub id: u64,
    /// Conditions, as `KIND=VALUE[,KIND=VALUE...]`.
    pub rule: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Who added it.
    pub added_by: String,
    /// When.
    pub added_at: EventTime,
    /// Until when it hides; `None` for ever.
    pub expires: Option<EventTime>,
    /// Who removed it and when.
    pub removed: Option<(String, EventTime)>,
    /// Findings it hid.
    pub hits: u64,
}

/// A tag that a person gave an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRecord {
    /// The account, as written.
    pub account: AccountName,
    /// Which tag.
    pub tag: Tag,
    /// Who gave it.
    pub set_by: String,
    /// When.
    pub set_at: EventTime,
}

/// What a person may say of an account.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// It can do much harm.
    Sensitive,
    /// Nobody uses it honestly.
    Honeytoken,
}

impl Store {
    /// The verdicts on an alert, the first first.
    ///
    /// # Errors
    /// As any reading.
    pub fn judgements(&self, alert: u64) -> Result<Vec<Judgement>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT time, judged_by, status, comment FROM judgements \
                 WHERE alert = ? ORDER BY position",
            )?;
            let rows = statement.query_map([number(alert)], |row| {
                Ok(Judgement {
                    time: time(row, 0)?,
                    by: text(row, 1)?,
                    status: from_word(row, 2)?,
                    comment: text(row, 3)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// All exclusions, the latest first, with those that were removed.
    ///
    /// # Errors
    /// As any reading.
    pub fn exclusions(&self) -> Result<Vec<ExclusionRecord>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT id, rule, owner, reason, added_by, added_at, expires, removed_by, \
                 removed_at, hits FROM exclusions ORDER BY id DESC",
            )?;
            let rows = statement.query_map([], |row| {
                let removed_by = text(row, 7)?;
                Ok(ExclusionRecord {
                    id: count(row, 0)?,
                    rule: text(row, 1)?,
                    owner: text(row, 2)?,
                    reason: text(row, 3)?,
                    added_by: text(row, 4)?,
                    added_at: time(row, 5)?,
                    expires: time_if(row, 6)?,
                    removed: time_if(row, 8)?.map(|at| (removed_by, at)),
                    hits: count(row, 9)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Addresses that people named as domain controllers.
    ///
    /// # Errors
    /// As any reading.
    pub fn named_controllers(&self) -> Result<Vec<IpAddr>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached("SELECT address FROM controllers")?;
            let rows = statement.query_map([], |row| crate::codec::address(row, 0))?;
            let found: Vec<Option<IpAddr>> = rows.collect::<rusqlite::Result<_>>()?;
            Ok(found.into_iter().flatten().collect())
        })
    }

    /// All tags, by account.
    ///
    /// # Errors
    /// As any reading.
    pub fn tags(&self) -> Result<Vec<TagRecord>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT name, tag, set_by, set_at FROM tags ORDER BY account, tag",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(TagRecord {
                    account: name(row, 0)?,
                    tag: from_word(row, 1)?,
                    set_by: text(row, 2)?,
                    set_at: time(row, 3)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Writes what a decision changes for the eye; gives a new exclusion its number.
pub(crate) fn apply(
    it: &Connection,
    position: Position,
    at: EventTime,
    decided: &mut Decided,
) -> Result<(), Fault> {
    let by = decided.by.as_str();
    let at = at.unix_nanoseconds();
    match &mut decided.decision {
        Decision::AlertJudged {
            alert,
            status,
            comment,
        } => {
            it.execute(
                "INSERT INTO judgements (position, alert, time, judged_by, status, comment) \
                 VALUES (?, ?, ?, ?, ?, ?)",
                params![
                    number(position.0),
                    number(*alert),
                    at,
                    by,
                    word(status),
                    comment.as_str(),
                ],
            )?;
        }
        Decision::ExclusionAdded { .. } => exclude(it, by, at, &mut decided.decision)?,
        Decision::ExclusionRemoved { id } => {
            it.execute(
                "UPDATE exclusions SET removed_by = ?, removed_at = ? \
                 WHERE id = ? AND removed_at IS NULL",
                params![by, at, number(*id)],
            )?;
        }
        Decision::SensitiveSet { account, is } => tag(it, account, Tag::Sensitive, *is, by, at)?,
        Decision::HoneytokenSet { account, is } => tag(it, account, Tag::Honeytoken, *is, by, at)?,
        Decision::DomainControllerNamed { address } => {
            it.execute(
                "INSERT INTO controllers (address, set_by, set_at) VALUES (?, ?, ?) \
                 ON CONFLICT (address) DO NOTHING",
                params![address.to_canonical().to_string(), by, at],
            )?;
        }
        _ => {}
    }
    Ok(())
}

/// Writes a new exclusion, and gives it a number if it has none.
fn exclude(it: &Connection, by: &str, at: i64, decision: &mut Decision) -> Result<(), Fault> {
    let Decision::ExclusionAdded {
        id,
        rule,
        owner,
        reason,
        expires,
    } = decision
    else {
        return Ok(());
    };
    *id = it.query_row(
        "INSERT INTO exclusions (id, rule, owner, reason, added_by, added_at, expires) \
         VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, owner = excluded.owner, \
         reason = excluded.reason, expires = excluded.expires, removed_at = NULL \
         RETURNING id",
        params![
            number(*id),
            rule.as_str(),
            owner.as_str(),
            reason.as_str(),
            by,
            at,
            nanoseconds(*expires)
        ],
        |row| count(row, 0),
    )?;
    Ok(())
}

fn tag(
    it: &Connection,
    account: &AccountName,
    tag: Tag,
    is: bool,
    by: &str,
    at: i64,
) -> Result<(), Fault> {
    let key = account.folded();
    if is {
        it.execute(
            "INSERT INTO tags (account, tag, name, set_by, set_at) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (account, tag) DO NOTHING",
            params![key.as_str(), word(&tag), account.as_str(), by, at],
        )?;
    } else {
        it.execute(
            "DELETE FROM tags WHERE account = ? AND tag = ?",
            params![key.as_str(), word(&tag)],
        )?;
    }
    Ok(())
}
