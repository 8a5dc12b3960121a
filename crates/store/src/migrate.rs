//! Brings a database to the schema of this version, one numbered step after the other.

use crate::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// Refuses files that are not ours, or that a newer version wrote, before anything is changed.
pub(crate) fn check_owner(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    let ask = |sql: &str| -> Result<i64, StoreError> {
        connection
            .query_row(sql, [], |row| row.get(0))
            .map_err(|error| StoreError::of(&error, file))
    };
    let tables = ask("SELECT count(*) FROM sqlite_schema")?;
    let owner = ask("PRAGMA application_id")?;
    if owner != APPLICATION && (0 < tables || owner != 0) {
        return Err(StoreError::Foreign {
            file: file.to_owned(),
        });
    }
    let found = version(connection).map_err(|error| StoreError::of(&error, file))?;
    if STEPS.len() < found {
        return Err(StoreError::Newer {
            file: file.to_owned(),
            found: u32::try_from(found).unwrap_or(u32::MAX),
            known: u32::try_from(STEPS.len()).unwrap_or(u32::MAX),
        });
    }
    Ok(())
}

/// Takes the steps that the database has not seen, each with its number in one transaction.
pub(crate) fn run(connection: &mut Connection, file: &Path) -> Result<(), StoreError> {
    steps(connection).map_err(|error| StoreError::of(&error, file))
}

fn steps(connection: &mut Connection) -> rusqlite::Result<()> {
    for (number, step) in (1_usize..).zip(STEPS) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&transaction)? < number {
            transaction.execute_batch(step)?;
            transaction.execute_batch(&format!(
                "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number};"
            ))?;
        }
        transaction.commit()?;
    }
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(found).unwrap_or(usize::MAX))
}

const STEPS: &[&str] = &[
    include_str!("../sql/0001_first.sql"),
    include_str!("../sql/0002_filters.sql"),
    include_str!("../sql/0003_incidents.sql"),
    include_str!("../sql/0004_coverage.sql"),
    include_str!("../sql/0005_renewal.sql"),
];

/// "RWMD": how the file says whose it is.
const APPLICATION: i64 = 0x5257_4d44;
