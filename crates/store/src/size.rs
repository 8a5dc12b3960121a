//! How big the database is, whether it is whole, and a copy of it.

use crate::codec::{count, text};
use crate::{Store, StoreError};
use serde::Serialize;
use std::path::Path;

/// What one kind of thing takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindSize {
    /// What it is, as [`crate::Forgotten`] names it, or `other`.
    pub kind: &'static str,
    /// Octets in the database, indexes and all.
    pub octets: u64,
}

impl Store {
    /// What each kind takes, the biggest first. Reads the whole database: not for every page.
    ///
    /// # Errors
    /// As any reading.
    pub fn sizes(&self) -> Result<Vec<KindSize>, StoreError> {
        self.read(|it| {
            let mut sizes: Vec<KindSize> = Vec::new();
            let mut statement = it.prepare_cached(
                "SELECT coalesce(s.tbl_name, d.name), sum(d.pgsize) FROM dbstat AS d \
                 LEFT JOIN sqlite_schema AS s ON s.name = d.name WHERE d.aggregate = TRUE \
                 GROUP BY coalesce(s.tbl_name, d.name)",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let kind = kind_of(&text(row, 0)?);
                let octets = count(row, 1)?;
                match sizes.iter_mut().find(|it| it.kind == kind) {
                    Some(size) => size.octets += octets,
                    None => sizes.push(KindSize { kind, octets }),
                }
            }
            sizes.sort_by_key(|it| std::cmp::Reverse(it.octets));
            Ok(sizes)
        })
    }

    /// Octets of the database that hold something; the file may be bigger.
    ///
    /// # Errors
    /// As any reading.
    pub fn octets_used(&self) -> Result<u64, StoreError> {
        self.read(|it| {
            let ask = |pragma: &str| {
                it.prepare_cached(&format!("PRAGMA {pragma}"))?
                    .query_row([], |row| count(row, 0))
            };
            let pages = ask("page_count")?.saturating_sub(ask("freelist_count")?);
            Ok(pages * ask("page_size")?)
        })
    }

    /// Whether the database is whole. Reads all of it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if it is not.
    pub fn check(&self) -> Result<(), StoreError> {
        let said: String =
            self.read(|it| Ok(it.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?))?;
        if said == "ok" {
            return Ok(());
        }
        Err(StoreError::Corrupt {
            file: self.file().to_owned(),
            why: said,
        })
    }

    /// Writes a whole copy to a file that is not there yet, while everything goes on.
    ///
    /// # Errors
    /// As any reading, or if the file is there or cannot be written.
    pub fn back_up(&self, to: &Path) -> Result<(), StoreError> {
        self.apart(|it| {
            it.execute("VACUUM INTO ?", [to.to_string_lossy()])?;
            Ok(())
        })
    }

    /// Gives pages that hold nothing back to the file system, a part at a time.
    pub(crate) fn shrink(&self) -> Result<(), StoreError> {
        self.maintain(|it| {
            let mut statement =
                it.prepare(&format!("PRAGMA incremental_vacuum({SHRINK_PAGES})"))?;
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {}
            Ok(())
        })
    }
}

fn kind_of(table: &str) -> &'static str {
    let (_, kind) = KINDS
        .iter()
        .find(|(start, _)| table.starts_with(start))
        .unwrap_or(&("", "other"));
    kind
}

/// Kinds by how their tables' names begin.
const KINDS: &[(&str, &str)] = &[
    ("journal", "journal"),
    ("snapshot", "snapshot"),
    ("activities", "activities"),
    ("packets", "evidence"),
    ("alert", "alerts"),
    ("priorities", "trends"),
    ("users", "users"),
    ("computers", "computers"),
    ("entries", "search"),
    ("reports", "reports"),
    ("outbox", "notices"),
    ("audit", "audit"),
];

/// 64 MiB in one go: fractions of a second.
const SHRINK_PAGES: u32 = 16_384;
