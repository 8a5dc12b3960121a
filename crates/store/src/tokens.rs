//! Secrets that work once: to join a sensor, to choose a password. Only hashes are kept.

use crate::codec::{text, time};
use crate::open::Fault;
use crate::{Store, StoreError};
use realmward_vocab::EventTime;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A secret that works once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is for.
    pub purpose: String,
    /// Whom or what it is for.
    pub subject: String,
    /// From when on it is worth nothing.
    pub expires: EventTime,
}

impl Store {
    /// Keeps a token, by the hash of its secret.
    ///
    /// # Errors
    /// As any writing.
    pub fn put_token(&self, secret: [u8; 32], token: &Token) -> Result<(), StoreError> {
        self.write(|it| {
            it.execute(
                "INSERT INTO tokens (hash, purpose, subject, expires) VALUES (?, ?, ?, ?) \
                 ON CONFLICT (hash) DO NOTHING",
                params![
                    secret,
                    token.purpose,
                    token.subject,
                    token.expires.unix_nanoseconds(),
                ],
            )?;
            Ok(())
        })
    }

    /// A token that was not used yet; whether it has expired is for the caller to say.
    ///
    /// # Errors
    /// As any reading.
    pub fn token(&self, secret: [u8; 32]) -> Result<Option<Token>, StoreError> {
        self.read(|it| {
            Ok(it
                .query_row(
                    "SELECT purpose, subject, expires FROM tokens WHERE hash = ?",
                    [secret],
                    token,
                )
                .optional()?)
        })
    }

    /// Uses a token up: of two who come with it, one gets it.
    ///
    /// # Errors
    /// As any writing.
    pub fn take_token(&self, secret: [u8; 32]) -> Result<Option<Token>, StoreError> {
        self.write(|it| take(it, secret))
    }

    /// Forgets tokens that expired before `now`.
    ///
    /// # Errors
    /// As any writing.
    pub fn forget_tokens(&self, now: EventTime) -> Result<usize, StoreError> {
        self.write(|it| {
            Ok(it.execute(
                "DELETE FROM tokens WHERE expires < ?",
                [now.unix_nanoseconds()],
            )?)
        })
    }
}

pub(crate) fn take(it: &Connection, secret: [u8; 32]) -> Result<Option<Token>, Fault> {
    Ok(it
        .query_row(
            "DELETE FROM tokens WHERE hash = ? RETURNING purpose, subject, expires",
            [secret],
            token,
        )
        .optional()?)
}

fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    Ok(Token {
        purpose: text(row, 0)?,
        subject: text(row, 1)?,
        expires: time(row, 2)?,
    })
}
