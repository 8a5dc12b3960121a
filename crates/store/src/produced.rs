//! What the engine made of the journal, in one transaction with the position it came from.
//!
//! Every part of it can be written again without changing anything: activities have numbers that
//! follow from their place in the journal, alerts have revisions, the rest the position. So after a
//! restart the engine goes back to its snapshot and makes the same again.

use crate::alerts::{self, AlertRecord};
use crate::codec::{count, number, to_json};
use crate::open::Fault;
use crate::outbox::{self, Notice};
use crate::{
    Activity, Position, Store, StoreError, activities, computers, coverage, evidence, users,
};
use realmward_event::batch::EvidencePacket;
use realmward_score::UserPriority;
use realmward_vocab::{AccountName, EventTime, HostName};
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What came of the journal up to a position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Produced {
    /// The last entry that went in.
    pub position: Position,
    /// Event time at that position: what the trend of priorities is drawn over.
    pub time: EventTime,
    /// What happened, for the log.
    pub activities: Vec<Activity>,
    /// Alerts that are new or changed, each with its state at `position`.
    pub alerts: Vec<AlertRecord>,
    /// Users whose priority may have changed.
    pub users: Vec<UserPriority>,
    /// Computers that were seen.
    pub computers: Vec<ComputerRecord>,
    /// Weak configurations, if they changed; whatever shape the engine gives them.
    pub hygiene: Option<serde_json::Value>,
    /// Counters of the engine, if they changed.
    pub summary: Option<serde_json::Value>,
    /// Findings that each exclusion hid, in all.
    pub exclusion_hits: Vec<(u64, u64)>,
    /// Packets of evidence, numbered uniquely among sensors.
    pub packets: Vec<EvidencePacket>,
    /// What outputs shall be told; each output is told once of each revision.
    pub notices: Vec<Notice>,
    /// The engine's state at `position`, from time to time.
    pub snapshot: Option<Vec<u8>>,
}

/// A computer, as traffic shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputerRecord {
    /// Its address.
    pub address: IpAddr,
    /// Its name, if known.
    pub name: Option<HostName>,
    /// Whether it is a domain controller.
    pub is_domain_controller: bool,
    /// When it was first seen.
    pub first_seen: EventTime,
    /// When it was last seen.
    pub last_seen: EventTime,
    /// Who acted from it last; empty if nobody did.
    pub last_account: AccountName,
}

impl Store {
    /// Writes all of it, or nothing. Repeating it changes nothing. After a loss of power the latest
    /// commits may be gone, never a part of one and never the journal they were made from.
    ///
    /// # Errors
    /// [`StoreError::Full`] and others: then nothing was written; commit it again later.
    pub fn commit(&self, produced: &Produced) -> Result<(), StoreError> {
        self.write_soon(|it| {
            evidence::put(it, &produced.packets)?;
            let added = activities::put(it, &produced.activities)?;
            users::put_seen(it, &added)?;
            users::put(it, produced.position, produced.time, &produced.users)?;
            computers::put(it, produced.position, &produced.computers)?;
            coverage::put(it, &added)?;
            alerts::put(it, &produced.alerts)?;
            outbox::put(it, produced.time, &produced.notices)?;
            document(it, HYGIENE, produced.position, produced.hygiene.as_ref())?;
            document(it, SUMMARY, produced.position, produced.summary.as_ref())?;
            hits(it, produced)?;
            it.execute(
                "UPDATE engine SET committed = max(committed, ?)",
                [number(produced.position.0)],
            )?;
            if let Some(snapshot) = &produced.snapshot {
                it.execute(
                    "INSERT INTO snapshot (id, position, body) VALUES (1, ?, ?) \
                     ON CONFLICT (id) DO UPDATE \
                     SET position = excluded.position, body = excluded.body \
                     WHERE snapshot.position <= excluded.position",
                    params![number(produced.position.0), snapshot],
                )?;
            }
            Ok(())
        })
    }

    /// The latest state of the engine, and the position it stands for.
    ///
    /// # Errors
    /// As any reading.
    pub fn snapshot(&self) -> Result<Option<(Position, Vec<u8>)>, StoreError> {
        self.read(|it| {
            Ok(it
                .query_row("SELECT position, body FROM snapshot", [], |row| {
                    Ok((Position(count(row, 0)?), row.get(1)?))
                })
                .optional()?)
        })
    }

    /// Up to where the journal's consequences are stored.
    ///
    /// # Errors
    /// As any reading.
    pub fn committed(&self) -> Result<Position, StoreError> {
        self.read(|it| {
            Ok(it.query_row("SELECT committed FROM engine", [], |row| {
                Ok(Position(count(row, 0)?))
            })?)
        })
    }

    /// Weak configurations, as the engine last told them.
    ///
    /// # Errors
    /// As any reading.
    pub fn hygiene<T: DeserializeOwned>(&self) -> Result<Option<T>, StoreError> {
        self.document(HYGIENE)
    }

    /// The engine's counters, as it last told them.
    ///
    /// # Errors
    /// As any reading.
    pub fn summary<T: DeserializeOwned>(&self) -> Result<Option<T>, StoreError> {
        self.document(SUMMARY)
    }

    fn document<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.read(|it| {
            Ok(it
                .query_row("SELECT body FROM documents WHERE name = ?", [name], |row| {
                    crate::codec::json(row, 0)
                })
                .optional()?)
        })
    }
}

fn document(
    it: &Connection,
    name: &str,
    position: Position,
    body: Option<&serde_json::Value>,
) -> Result<(), Fault> {
    let Some(body) = body else { return Ok(()) };
    it.execute(
        "INSERT INTO documents (name, position, body) VALUES (?, ?, ?) \
         ON CONFLICT (name) DO UPDATE SET position = excluded.position, body = excluded.body \
         WHERE documents.position <= excluded.position",
        params![name, number(position.0), to_json(body, "a document")?],
    )?;
    Ok(())
}

fn hits(it: &Connection, produced: &Produced) -> Result<(), Fault> {
    for (id, hits) in &produced.exclusion_hits {
        it.execute(
            "UPDATE exclusions SET hits = max(hits, ?) WHERE id = ?",
            params![number(*hits), number(*id)],
        )?;
    }
    Ok(())
}

const HYGIENE: &str = "hygiene";
const SUMMARY: &str = "summary";
