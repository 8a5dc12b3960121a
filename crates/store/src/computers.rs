//! Computers, as traffic shows them.

use crate::codec::{address, name, name_if, number, time};
use crate::open::Fault;
use crate::page::{Conditions, Order, list};
use crate::{ComputerRecord, Listing, Page, Position, Store, StoreError, canonical, search};
use realmward_vocab::{EventTime, HostName};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::net::{IpAddr, Ipv4Addr};

/// Which computers; what is empty does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComputerFilter {
    /// Only domain controllers, or only others.
    pub is_domain_controller: Option<bool>,
    /// Seen at or after.
    pub since: Option<EventTime>,
    /// A part of name or address.
    pub text: String,
}

impl Store {
    /// Computers, those seen last first.
    ///
    /// # Errors
    /// As any reading.
    pub fn computers(
        &self,
        filter: &ComputerFilter,
        page: &Page,
    ) -> Result<Listing<ComputerRecord>, StoreError> {
        self.read(|it| {
            let mut conditions = Conditions::default();
            if let Some(is) = filter.is_domain_controller {
                conditions.add("c.is_domain_controller = ?", [i64::from(is).into()]);
            }
            if let Some(since) = filter.since {
                conditions.add("? <= c.last_seen", [since.unix_nanoseconds().into()]);
            }
            search::entries_with(
                &mut conditions,
                "c.name_folded || ' ' || c.address",
                &filter.text,
            );
            list(it, COLUMNS, conditions, BY_SEEN, page, |row| record(row, 2))
        })
    }

    /// One computer, by address.
    ///
    /// # Errors
    /// As any reading.
    pub fn computer(&self, address: IpAddr) -> Result<Option<ComputerRecord>, StoreError> {
        self.read(|it| {
            Ok(it
                .prepare_cached(&format!("SELECT {COLUMNS} WHERE c.address = ?"))?
                .query_row([canonical(address)], |row| record(row, 0))
                .optional()?)
        })
    }

    /// Computers of this name, those seen last first; at most 100.
    ///
    /// # Errors
    /// As any reading.
    pub fn computers_named(&self, name: &HostName) -> Result<Vec<ComputerRecord>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(&format!(
                "SELECT {COLUMNS} WHERE c.name_folded = ? ORDER BY c.last_seen DESC LIMIT 100"
            ))?;
            let rows = statement.query_map([name.folded().as_str()], |row| record(row, 0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Writes computers as of `position`; a name that is known is not forgotten.
pub(crate) fn put(
    it: &Connection,
    position: Position,
    computers: &[ComputerRecord],
) -> Result<(), Fault> {
    let mut statement = it.prepare_cached(
        "INSERT INTO computers (address, name, name_folded, is_domain_controller, first_seen, \
         last_seen, last_account, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (address) DO UPDATE SET \
         name = coalesce(nullif(excluded.name, ''), computers.name), \
         name_folded = coalesce(nullif(excluded.name_folded, ''), computers.name_folded), \
         is_domain_controller = excluded.is_domain_controller, \
         first_seen = min(computers.first_seen, excluded.first_seen), \
         last_seen = max(computers.last_seen, excluded.last_seen), \
         last_account = coalesce(nullif(excluded.last_account, ''), computers.last_account), \
         position = excluded.position WHERE computers.position <= excluded.position \
         RETURNING name",
    )?;
    for computer in computers {
        let name = computer.name.clone().unwrap_or_default();
        let written = statement
            .query_row(
                params![
                    canonical(computer.address),
                    name.as_str(),
                    name.folded().as_str(),
                    computer.is_domain_controller,
                    computer.first_seen.unix_nanoseconds(),
                    computer.last_seen.unix_nanoseconds(),
                    computer.last_account.as_str(),
                    number(position.0),
                ],
                |row| crate::codec::name(row, 0),
            )
            .optional()?;
        if let Some(name) = written {
            search::put_computer(it, &canonical(computer.address), &name)?;
        }
    }
    Ok(())
}

fn record(row: &Row<'_>, from: usize) -> rusqlite::Result<ComputerRecord> {
    Ok(ComputerRecord {
        address: address(row, from)?.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        name: name_if(row, from + 1)?,
        is_domain_controller: row.get(from + 2)?,
        first_seen: time(row, from + 3)?,
        last_seen: time(row, from + 4)?,
        last_account: name(row, from + 5)?,
    })
}

const COLUMNS: &str = "c.address, c.name, c.is_domain_controller, c.first_seen, c.last_seen, \
     c.last_account FROM computers AS c";
const BY_SEEN: Order = Order {
    key: "c.last_seen",
    id: "c.id",
};
