//! What came in, in one order: batches of sensors and decisions of people.
//!
//! A batch that is appended is on disk. Each batch goes in once, however often a sensor sends it: what
//! has a number up to the highest seen is known, unless it fills a gap.

use crate::codec::{count, nanoseconds, number, pack, to_json, unpack};
use crate::open::Fault;
use crate::{SensorId, Store, StoreError, decided};
use realmward_event::batch::{Batch, SensorHealth};
use realmward_event::operator::Decided;
use realmward_vocab::EventTime;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

/// Place of an entry in the journal, from 1, without gaps; 0 is before the first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

/// What came in.
#[expect(
    clippy::large_enum_variant,
    reason = "entries are read one at a time, and nearly all are batches"
)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Entry {
    /// A batch, as the sensor numbered it.
    Batch {
        /// Who sent it.
        sensor: SensorId,
        /// The batch.
        batch: Batch,
    },
    /// A person decided something.
    Decided {
        /// When, by the server's clock.
        time: EventTime,
        /// What, and who.
        decided: Decided,
    },
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is in the journal at this place.
    New(Position),
    /// It was there already; nothing changed.
    Known,
    /// It is in the journal, but batches before it are not; they count as missing until they come.
    Gap {
        /// Where it is.
        position: Position,
        /// How many were passed over.
        missing: u64,
    },
}

impl Store {
    /// Appends a batch; when it returns, the batch is on disk.
    ///
    /// # Errors
    /// [`StoreError::Full`] and others: then nothing was kept, and the sensor is to try again.
    pub fn append_batch(&self, sensor: SensorId, batch: &Batch) -> Result<Appended, StoreError> {
        self.write(|it| {
            let Some(missing) = missing_before(it, sensor, batch.sequence)? else {
                return Ok(Appended::Known);
            };
            let position = next_position(it)?;
            it.prepare_cached(
                "INSERT INTO journal (position, sensor, sequence, time, body) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![
                number(position.0),
                sensor.0,
                number(batch.sequence),
                nanoseconds(batch.events.last().map(|it| it.time)),
                pack(batch, "a batch")?,
            ])?;
            progress(it, sensor, batch, missing)?;
            report(it, sensor, batch)?;
            Ok(match missing {
                0 => Appended::New(position),
                missing => Appended::Gap { position, missing },
            })
        })
    }

    /// Appends a decision, and shows it at once where people look at exclusions, tags and verdicts.
    ///
    /// An exclusion with number 0 gets the next free number.
    ///
    /// # Errors
    /// As [`Store::append_batch`].
    pub fn append_decision(
        &self,
        time: EventTime,
        decided: &Decided,
    ) -> Result<Position, StoreError> {
        self.write(|it| {
            let position = next_position(it)?;
            let mut decided = decided.clone();
            decided::apply(it, position, time, &mut decided)?;
            it.prepare_cached(
                "INSERT INTO journal (position, sensor, time, body) VALUES (?, 0, ?, ?)",
            )?
            .execute(params![
                number(position.0),
                time.unix_nanoseconds(),
                pack(&decided, "a decision")?,
            ])?;
            Ok(position)
        })
    }

    /// The entries after `position`, in order, at most `max`.
    ///
    /// # Errors
    /// As any reading.
    pub fn entries_after(
        &self,
        position: Position,
        max: usize,
    ) -> Result<Vec<(Position, Entry)>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT position, sensor, sequence, time, body FROM journal \
                 WHERE ? < position ORDER BY position LIMIT ?",
            )?;
            let mut rows = statement.query(params![number(position.0), number(max as u64)])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                let sequence: Option<i64> = row.get(2)?;
                let body = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
                let entry = match sequence {
                    Some(_) => Entry::Batch {
                        sensor: SensorId(row.get(1)?),
                        batch: unpack(body, "a batch")?,
                    },
                    None => Entry::Decided {
                        time: crate::codec::time(row, 3)?,
                        decided: unpack(body, "a decision")?,
                    },
                };
                entries.push((Position(count(row, 0)?), entry));
            }
            Ok(entries)
        })
    }

    /// The first place that is kept; `None` if nothing is. What came before was
    /// [forgotten](Store::retain), or there was nothing.
    ///
    /// # Errors
    /// As any reading.
    pub fn journal_begins(&self) -> Result<Option<Position>, StoreError> {
        self.read(|it| {
            let first = "SELECT position FROM journal ORDER BY position LIMIT 1";
            let found = it.query_row(first, [], |row| Ok(Position(count(row, 0)?)));
            Ok(found.optional()?)
        })
    }

    /// The last place that was given out.
    ///
    /// # Errors
    /// As any reading.
    pub fn appended(&self) -> Result<Position, StoreError> {
        self.read(|it| {
            Ok(it.query_row("SELECT appended FROM engine", [], |row| {
                Ok(Position(count(row, 0)?))
            })?)
        })
    }
}

/// How many numbers are passed over by this one; `None` if it came before.
fn missing_before(it: &Connection, sensor: SensorId, sequence: u64) -> Result<Option<u64>, Fault> {
    let highest = it
        .prepare_cached("SELECT sequence FROM progress WHERE sensor = ?")?
        .query_row([sensor.0], |row| count(row, 0))
        .optional()?
        .unwrap_or(0);
    if sequence <= highest {
        return Ok(fill_gap(it, sensor, sequence)?.then_some(0));
    }
    let missing = sequence - highest - 1;
    if 0 < missing {
        it.execute(
            "INSERT INTO gaps (sensor, first, last) VALUES (?, ?, ?)",
            params![sensor.0, number(highest + 1), number(sequence - 1)],
        )?;
    }
    Ok(Some(missing))
}

/// Takes one number out of a gap; `false` if it is in none.
fn fill_gap(it: &Connection, sensor: SensorId, sequence: u64) -> Result<bool, Fault> {
    let gap = it
        .prepare_cached(
            "SELECT first, last FROM gaps WHERE sensor = ?1 AND first <= ?2 AND ?2 <= last",
        )?
        .query_row(params![sensor.0, number(sequence)], |row| {
            Ok((count(row, 0)?, count(row, 1)?))
        })
        .optional()?;
    let Some((first, last)) = gap else {
        return Ok(false);
    };
    it.execute(
        "DELETE FROM gaps WHERE sensor = ? AND first = ?",
        params![sensor.0, number(first)],
    )?;
    for (first, last) in [(first, sequence - 1), (sequence + 1, last)] {
        if first <= last {
            it.execute(
                "INSERT INTO gaps (sensor, first, last) VALUES (?, ?, ?)",
                params![sensor.0, number(first), number(last)],
            )?;
        }
    }
    it.execute(
        "UPDATE progress SET missing = missing - 1 WHERE sensor = ?",
        [sensor.0],
    )?;
    Ok(true)
}

fn progress(it: &Connection, sensor: SensorId, batch: &Batch, missing: u64) -> Result<(), Fault> {
    it.prepare_cached(
        "INSERT INTO progress (sensor, sequence, batches, events, missing, last_event) \
         VALUES (?, ?, 1, ?, ?, ?) \
         ON CONFLICT (sensor) DO UPDATE SET \
         sequence = max(progress.sequence, excluded.sequence), \
         batches = progress.batches + 1, \
         events = progress.events + excluded.events, \
         missing = progress.missing + excluded.missing, \
         last_event = coalesce(excluded.last_event, progress.last_event)",
    )?
    .execute(params![
        sensor.0,
        number(batch.sequence),
        number(batch.events.len() as u64),
        number(missing),
        nanoseconds(batch.events.last().map(|it| it.time)),
    ])?;
    Ok(())
}

fn report(it: &Connection, sensor: SensorId, batch: &Batch) -> Result<(), Fault> {
    let Some(health) = &batch.health else {
        return Ok(());
    };
    // JSON has no word for what is not a number, and could not be read again.
    let finite = |it: f64| if it.is_finite() { it } else { 0.0 };
    let health = SensorHealth {
        span_s: finite(health.span_s),
        lag_s: finite(health.lag_s),
        ..health.clone()
    };
    it.prepare_cached(
        "INSERT INTO reports (sensor, sequence, time, body) VALUES (?, ?, ?, ?) \
         ON CONFLICT (sensor, sequence) DO NOTHING",
    )?
    .execute(params![
        sensor.0,
        number(batch.sequence),
        health.time.unix_nanoseconds(),
        to_json(&health, "a report")?,
    ])?;
    Ok(())
}

fn next_position(it: &Connection) -> Result<Position, Fault> {
    Ok(it
        .prepare_cached("UPDATE engine SET appended = appended + 1 RETURNING appended")?
        .query_row([], |row| Ok(Position(count(row, 0)?)))?)
}
