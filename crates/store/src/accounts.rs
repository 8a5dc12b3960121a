//! Accounts of the people who use the portal.

use crate::codec::{from_word, text, word};
use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

/// Roles, from the least to the most; each may all that those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything but the configuration.
    Viewer,
    /// Judges alerts, adds exclusions and tags, downloads evidence.
    Analyst,
    /// Configures sensors, accounts and outputs.
    Administrator,
}

/// An account of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name, as written; names that differ only in case are the same.
    pub name: String,
    /// The password's hash, in the notation of its algorithm.
    pub password: String,
    /// What the person may do.
    pub role: Role,
    /// Whether the person is locked out.
    pub disabled: bool,
}

impl Store {
    /// An account by name, whatever the case.
    ///
    /// # Errors
    /// As any reading.
    pub fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        self.read(|it| {
            Ok(it
                .prepare_cached(
                    "SELECT name, password, role, disabled FROM accounts WHERE folded = ?",
                )?
                .query_row([name.to_lowercase()], account)
                .optional()?)
        })
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// As any reading.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT name, password, role, disabled FROM accounts ORDER BY folded",
            )?;
            let rows = statement.query_map([], account)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Adds or replaces an account.
    ///
    /// # Errors
    /// As any writing.
    pub fn put_account(&self, account: &Account) -> Result<(), StoreError> {
        self.write(|it| {
            it.execute(
                "INSERT INTO accounts (folded, name, password, role, disabled) \
                 VALUES (?, ?, ?, ?, ?) ON CONFLICT (folded) DO UPDATE SET \
                 name = excluded.name, password = excluded.password, role = excluded.role, \
                 disabled = excluded.disabled",
                params![
                    account.name.to_lowercase(),
                    account.name,
                    account.password,
                    word(&account.role),
                    account.disabled,
                ],
            )?;
            Ok(())
        })
    }
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        name: text(row, 0)?,
        password: text(row, 1)?,
        role: from_word(row, 2)?,
        disabled: row.get(3)?,
    })
}
