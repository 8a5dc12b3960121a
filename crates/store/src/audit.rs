//! Who did what: a log that only grows, each row bound to all before it by a hash.
//!
//! Whoever edits, removes or inserts a row breaks the chain from there on. Whoever can write the file
//! can also write a new chain: the [head](AuditVerdict::head) is what to note down elsewhere.

use crate::codec::{count, hash, number, text, time};
use crate::open::Fault;
use crate::page::{Conditions, Order, list};
use crate::{Listing, Page, Store, StoreError};
use realmward_vocab::EventTime;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What somebody did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When, by the server's clock.
    pub time: EventTime,
    /// Who: name of an account, or of a part of the server.
    pub who: String,
    /// What, in a few fixed words.
    pub action: String,
    /// Upon what.
    pub subject: String,
    /// More words.
    pub detail: String,
    /// From where.
    pub address: String,
}

/// A row of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Its number, from 1.
    pub id: u64,
    /// What was done.
    pub entry: AuditEntry,
}

/// What became of the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditVerdict {
    /// Rows that hold.
    pub rows: u64,
    /// Number of the first row that is not what it was, or is missing.
    pub broken: Option<u64>,
    /// Hash of the last row that holds.
    pub head: [u8; 32],
}

impl Store {
    /// Appends to the audit log; returns the number of the row.
    ///
    /// # Errors
    /// As any writing.
    pub fn append_audit(&self, entry: &AuditEntry) -> Result<u64, StoreError> {
        self.write(|it| {
            let (length, head) = head(it)?;
            let id = length + 1;
            let hash = chained(&head, id, entry);
            it.prepare_cached(
                "INSERT INTO audit (id, time, who, action, subject, detail, address, hash) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                number(id),
                entry.time.unix_nanoseconds(),
                entry.who,
                entry.action,
                entry.subject,
                entry.detail,
                entry.address,
                hash,
            ])?;
            it.execute(
                "UPDATE audit_head SET length = ?, hash = ?",
                params![number(id), hash],
            )?;
            Ok(id)
        })
    }

    /// The audit log, the latest first; of one person if `who` is not empty.
    ///
    /// # Errors
    /// As any reading.
    pub fn audit(&self, who: &str, page: &Page) -> Result<Listing<AuditRow>, StoreError> {
        self.read(|it| {
            let mut conditions = Conditions::default();
            if !who.is_empty() {
                conditions.add("l.who = ?", [who.to_owned().into()]);
            }
            list(it, COLUMNS, conditions, BY_NUMBER, page, |row| {
                Ok(AuditRow {
                    id: count(row, 2)?,
                    entry: entry(row, 3)?,
                })
            })
        })
    }

    /// How many rows were ever appended.
    ///
    /// # Errors
    /// As any reading.
    pub fn audit_length(&self) -> Result<u64, StoreError> {
        self.read(|it| Ok(head(it)?.0))
    }

    /// Follows the chain from the first row to the last.
    ///
    /// # Errors
    /// As any reading.
    pub fn verify_audit(&self) -> Result<AuditVerdict, StoreError> {
        self.verify_audit_after(&AuditVerdict::default(), usize::MAX)
    }

    /// Follows the chain on from where it was found whole, for at most so many rows. Of the rows before
    /// that only the last is looked at again; [`Store::verify_audit`] looks at all.
    ///
    /// # Errors
    /// As any reading.
    pub fn verify_audit_after(
        &self,
        known: &AuditVerdict,
        rows_max: usize,
    ) -> Result<AuditVerdict, StoreError> {
        self.read(|it| {
            let (length, _) = head(it)?;
            let mut verdict = AuditVerdict {
                broken: None,
                ..known.clone()
            };
            if !is_still(it, known)? {
                verdict.broken = Some(known.rows);
                return Ok(verdict);
            }
            let mut statement = it.prepare_cached(&format!(
                "SELECT {COLUMNS} WHERE ? < l.id ORDER BY l.id LIMIT ?"
            ))?;
            let most = i64::try_from(rows_max).unwrap_or(i64::MAX);
            let mut rows = statement.query(params![number(known.rows), most])?;
            while let Some(row) = rows.next()? {
                let id = verdict.rows + 1;
                let found = hash(row, 7)?;
                let is_ours = count(row, 0)? == id
                    && id <= length
                    && chained(&verdict.head, id, &entry(row, 1)?) == found;
                if !is_ours {
                    verdict.broken = Some(id);
                    return Ok(verdict);
                }
                verdict.rows = id;
                verdict.head = found;
            }
            let is_end = verdict.rows - known.rows < most.unsigned_abs();
            verdict.broken = (is_end && verdict.rows < length).then_some(verdict.rows + 1);
            Ok(verdict)
        })
    }
}

/// Whether the last row that was found whole is there and has the hash that it had.
fn is_still(it: &Connection, known: &AuditVerdict) -> Result<bool, Fault> {
    if known.rows == 0 {
        return Ok(true);
    }
    let found = it
        .prepare_cached("SELECT hash FROM audit WHERE id = ?")?
        .query_row([number(known.rows)], |row| hash(row, 0))
        .optional()?;
    Ok(found == Some(known.head))
}

fn head(it: &Connection) -> Result<(u64, [u8; 32]), Fault> {
    Ok(
        it.query_row("SELECT length, hash FROM audit_head", [], |row| {
            Ok((count(row, 0)?, hash(row, 1)?))
        })?,
    )
}

/// The hash of a row: over the one before, then number, time and texts, each text after its length, so
/// that no two rows are written alike.
fn chained(before: &[u8; 32], id: u64, entry: &AuditEntry) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(id.to_be_bytes());
    hasher.update(entry.time.unix_nanoseconds().to_be_bytes());
    for text in [
        &entry.who,
        &entry.action,
        &entry.subject,
        &entry.detail,
        &entry.address,
    ] {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().into()
}

fn entry(row: &Row<'_>, from: usize) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        time: time(row, from)?,
        who: text(row, from + 1)?,
        action: text(row, from + 2)?,
        subject: text(row, from + 3)?,
        detail: text(row, from + 4)?,
        address: text(row, from + 5)?,
    })
}

const COLUMNS: &str = "l.id, l.time, l.who, l.action, l.subject, l.detail, l.address, l.hash \
     FROM audit AS l";
const BY_NUMBER: Order = Order {
    key: "l.id",
    id: "l.id",
};
