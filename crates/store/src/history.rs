//! How sensors and the database were over time, in steps for a chart.

use crate::codec::{count, number, time, time_if};
use crate::{SensorId, Store, StoreError};
use realmward_vocab::EventTime;
use rusqlite::params;
use serde::Serialize;
use std::time::Duration;

/// What a sensor reported in one step of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct HealthStep {
    /// When the step begins.
    pub begin: EventTime,
    /// How long its reports cover, in seconds.
    pub span_s: f64,
    /// Packets read.
    pub packets: u64,
    /// Octets read.
    pub octets: u64,
    /// Packets lost.
    pub dropped: u64,
    /// The greatest lag, in seconds.
    pub lag_s: f64,
}

impl Store {
    /// What a sensor reported since a time, in steps; steps without a report are left out.
    ///
    /// # Errors
    /// As any reading.
    pub fn sensor_history(
        &self,
        sensor: SensorId,
        since: EventTime,
        step: Duration,
    ) -> Result<Vec<HealthStep>, StoreError> {
        let step = number(u64::try_from(step.as_nanos()).unwrap_or(u64::MAX)).max(1);
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT time / ?3 * ?3, total(json_extract(body, '$.span_s')), \
                 sum(json_extract(body, '$.packets')), sum(json_extract(body, '$.octets')), \
                 sum(json_extract(body, '$.dropped_packets')), \
                 coalesce(max(json_extract(body, '$.lag_s')), 0.0) FROM reports \
                 WHERE sensor = ?1 AND ?2 <= time GROUP BY 1 ORDER BY 1 LIMIT 1000",
            )?;
            let rows =
                statement.query_map(params![sensor.0, since.unix_nanoseconds(), step], |row| {
                    Ok(HealthStep {
                        begin: time(row, 0)?,
                        span_s: row.get(1)?,
                        packets: count(row, 2)?,
                        octets: count(row, 3)?,
                        dropped: count(row, 4)?,
                        lag_s: row.get(5)?,
                    })
                })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Time of the oldest activity that is kept.
    ///
    /// # Errors
    /// As any reading.
    pub fn oldest_activity(&self) -> Result<Option<EventTime>, StoreError> {
        self.read(|it| {
            Ok(it
                .prepare_cached("SELECT min(time) FROM activities")?
                .query_row([], |row| time_if(row, 0))?)
        })
    }

    /// Notes how big the database is now; call it every hour. Older notes than a quarter are forgotten.
    ///
    /// # Errors
    /// As any writing.
    pub fn note_size(&self, now: EventTime) -> Result<(), StoreError> {
        let octets = self.octets_used()?;
        let quarter = number(u64::try_from(SIZES_KEPT.as_nanos()).unwrap_or(u64::MAX));
        self.write(|it| {
            it.execute(
                "INSERT OR REPLACE INTO sizes (time, octets) VALUES (?, ?)",
                params![now.unix_nanoseconds(), number(octets)],
            )?;
            it.execute(
                "DELETE FROM sizes WHERE time < ?",
                [now.unix_nanoseconds().saturating_sub(quarter)],
            )?;
            Ok(())
        })
    }

    /// How big the database was since a time, the first first.
    ///
    /// # Errors
    /// As any reading.
    pub fn size_notes(&self, since: EventTime) -> Result<Vec<(EventTime, u64)>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT time, octets FROM sizes WHERE ? <= time ORDER BY time LIMIT 10000",
            )?;
            let rows = statement.query_map([since.unix_nanoseconds()], |row| {
                Ok((time(row, 0)?, count(row, 1)?))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// 2,160 notes.
const SIZES_KEPT: Duration = Duration::from_secs(90 * 86_400);
