//! Sessions of people. Only hashes of secrets are kept; when a session ends is for the caller to say.

use crate::codec::{hash, text, time};
use crate::open::Fault;
use crate::{Store, StoreError};
use realmward_vocab::EventTime;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A session of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Name of the account.
    pub account: String,
    /// When it began.
    pub begun: EventTime,
    /// When it was last used.
    pub seen: EventTime,
    /// From where it began.
    pub address: String,
}

impl Store {
    /// A session, by the hash of its secret.
    ///
    /// # Errors
    /// As any reading.
    pub fn session(&self, secret: [u8; 32]) -> Result<Option<Session>, StoreError> {
        self.read(|it| {
            Ok(it
                .prepare_cached(
                    "SELECT account, begun, seen, address FROM sessions WHERE hash = ?",
                )?
                .query_row([secret], |row| session(row, 0))
                .optional()?)
        })
    }

    /// All sessions of an account, those used last first, with their hashes.
    ///
    /// # Errors
    /// As any reading.
    pub fn sessions_of(&self, account: &str) -> Result<Vec<([u8; 32], Session)>, StoreError> {
        self.read(|it| of(it, account))
    }

    /// Begins a session, or notes that it was used.
    ///
    /// # Errors
    /// As any writing.
    pub fn put_session(&self, secret: [u8; 32], session: &Session) -> Result<(), StoreError> {
        self.write(|it| {
            it.prepare_cached(
                "INSERT INTO sessions (hash, account, begun, seen, address) \
                 VALUES (?, ?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET seen = excluded.seen",
            )?
            .execute(params![
                secret,
                session.account,
                session.begun.unix_nanoseconds(),
                session.seen.unix_nanoseconds(),
                session.address,
            ])?;
            Ok(())
        })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// As any writing.
    pub fn end_session(&self, secret: [u8; 32]) -> Result<(), StoreError> {
        self.write(|it| {
            it.execute("DELETE FROM sessions WHERE hash = ?", [secret])?;
            Ok(())
        })
    }

    /// Ends all sessions of an account; returns how many.
    ///
    /// # Errors
    /// As any writing.
    pub fn end_sessions_of(&self, account: &str) -> Result<usize, StoreError> {
        self.write(|it| {
            let sessions = of(it, account)?;
            let mut statement = it.prepare_cached("DELETE FROM sessions WHERE hash = ?")?;
            for (hash, _) in &sessions {
                statement.execute([hash])?;
            }
            Ok(sessions.len())
        })
    }

    /// Ends all sessions that were not used since `seen` or began before `begun`.
    ///
    /// # Errors
    /// As any writing.
    pub fn end_stale_sessions(
        &self,
        seen: EventTime,
        begun: EventTime,
    ) -> Result<usize, StoreError> {
        self.write(|it| {
            Ok(it.execute(
                "DELETE FROM sessions WHERE seen < ? OR begun < ?",
                params![seen.unix_nanoseconds(), begun.unix_nanoseconds()],
            )?)
        })
    }
}

/// The sessions of an account. Names are compared here, since `lower()` of the database knows ASCII
/// letters only; there are never more sessions than people at work.
fn of(it: &Connection, account: &str) -> Result<Vec<([u8; 32], Session)>, Fault> {
    let mut statement = it.prepare_cached(
        "SELECT hash, account, begun, seen, address FROM sessions ORDER BY seen DESC",
    )?;
    let rows = statement.query_map([], |row| Ok((hash(row, 0)?, session(row, 1)?)))?;
    let mut sessions: Vec<([u8; 32], Session)> = rows.collect::<rusqlite::Result<_>>()?;
    let folded = account.to_lowercase();
    sessions.retain(|(_, it)| it.account.to_lowercase() == folded);
    Ok(sessions)
}

fn session(row: &Row<'_>, from: usize) -> rusqlite::Result<Session> {
    Ok(Session {
        account: text(row, from)?,
        begun: time(row, from + 1)?,
        seen: time(row, from + 2)?,
        address: text(row, from + 3)?,
    })
}
