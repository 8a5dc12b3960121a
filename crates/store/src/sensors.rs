//! Sensors that have joined, how far each has come and how it is.

use crate::codec::{count, json, text, time, time_if};
use crate::{Store, StoreError, tokens};
use realmward_event::batch::SensorHealth;
use realmward_vocab::EventTime;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

/// Number of a sensor that has joined, from 1; 0 is the server itself. A sensor that joins again is
/// another one: its batches begin anew.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct SensorId(pub u32);

/// A sensor that has joined.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sensor {
    /// Its number.
    pub id: SensorId,
    /// Its name, as the operator chose it.
    pub name: String,
    /// Fingerprint of its certificate.
    pub certificate: String,
    /// When it was given the certificate that it uses.
    pub certified: EventTime,
    /// When it joined.
    pub joined: EventTime,
    /// When it was shut out, if it was.
    pub revoked: Option<EventTime>,
    /// When it was last heard, by the server's clock.
    pub last_seen: Option<EventTime>,
    /// Number of its latest batch.
    pub sequence: u64,
    /// Batches taken.
    pub batches: u64,
    /// Events taken.
    pub events: u64,
    /// Batches that never came.
    pub missing: u64,
    /// Time of its latest event, by the sensor's clock.
    pub last_event: Option<EventTime>,
}

impl Store {
    /// Enrols a sensor if the token still stands, and uses the token up. A sensor of the same name
    /// that joined before is shut out. `None` if the token is not known or has expired.
    ///
    /// # Errors
    /// As any writing.
    pub fn enrol(
        &self,
        token: [u8; 32],
        name: &str,
        certificate: &str,
        now: EventTime,
    ) -> Result<Option<Sensor>, StoreError> {
        self.write(|it| {
            let Some(token) = tokens::take(it, token)? else {
                return Ok(None);
            };
            if token.expires <= now {
                return Ok(None);
            }
            let now = now.unix_nanoseconds();
            it.execute(
                "UPDATE sensors SET revoked = ? WHERE name = ? AND revoked IS NULL",
                params![now, name],
            )?;
            it.execute(
                "INSERT INTO sensors (name, certificate, joined) VALUES (?, ?, ?)",
                params![name, certificate, now],
            )?;
            let id = it.last_insert_rowid();
            Ok(Some(it.query_row(
                &format!("SELECT {COLUMNS} WHERE s.id = ?"),
                [id],
                sensor,
            )?))
        })
    }

    /// The sensor that owns this certificate, unless it is shut out. Who comes with a renewed
    /// certificate for the first time ends the one before.
    ///
    /// # Errors
    /// As any reading, and the first time as any writing.
    pub fn sensor(&self, certificate: &str) -> Result<Option<Sensor>, StoreError> {
        let found = self.read(|it| {
            Ok(it
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} WHERE s.revoked IS NULL AND s.id = \
                     (SELECT id FROM sensors WHERE certificate = ?1 \
                     UNION SELECT id FROM sensors WHERE next_certificate = ?1)"
                ))?
                .query_row([certificate], sensor)
                .optional()?)
        })?;
        let Some(mut sensor) = found else {
            return Ok(None);
        };
        if sensor.certificate != certificate {
            self.write(|it| {
                it.execute(
                    "UPDATE sensors SET certificate = next_certificate, \
                     certified = next_certified, next_certificate = NULL, next_certified = NULL \
                     WHERE next_certificate = ?",
                    [certificate],
                )?;
                Ok(())
            })?;
            certificate.clone_into(&mut sensor.certificate);
        }
        Ok(Some(sensor))
    }

    /// Notes a certificate that a sensor is given in place of its own; `false` if it is not known or
    /// is shut out. Both are good until the new one is used.
    ///
    /// # Errors
    /// As any writing.
    pub fn renew_sensor(
        &self,
        id: SensorId,
        certificate: &str,
        now: EventTime,
    ) -> Result<bool, StoreError> {
        self.write(|it| {
            let changed = it.execute(
                "UPDATE sensors SET next_certificate = ?, next_certified = ? \
                 WHERE id = ? AND revoked IS NULL",
                params![certificate, now.unix_nanoseconds(), id.0],
            )?;
            Ok(0 < changed)
        })
    }

    /// All sensors that ever joined, in order.
    ///
    /// # Errors
    /// As any reading.
    pub fn sensors(&self) -> Result<Vec<Sensor>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(&format!("SELECT {COLUMNS} ORDER BY s.id"))?;
            let rows = statement.query_map([], sensor)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Shuts a sensor out; `false` if it is not known or shut out already.
    ///
    /// # Errors
    /// As any writing.
    pub fn revoke_sensor(&self, id: SensorId, now: EventTime) -> Result<bool, StoreError> {
        self.write(|it| {
            let changed = it.execute(
                "UPDATE sensors SET revoked = ? WHERE id = ? AND revoked IS NULL",
                params![now.unix_nanoseconds(), id.0],
            )?;
            Ok(0 < changed)
        })
    }

    /// Gives a sensor another name; `false` if it is not known.
    ///
    /// # Errors
    /// As any writing.
    pub fn rename_sensor(&self, id: SensorId, name: &str) -> Result<bool, StoreError> {
        self.write(|it| {
            let changed = it.execute(
                "UPDATE sensors SET name = ? WHERE id = ?",
                params![name, id.0],
            )?;
            Ok(0 < changed)
        })
    }

    /// Notes that a sensor was heard; call it now and then, not for each request.
    ///
    /// # Errors
    /// As any writing.
    pub fn sensor_heard(&self, id: SensorId, now: EventTime) -> Result<(), StoreError> {
        self.write(|it| {
            it.prepare_cached("UPDATE sensors SET last_seen = ? WHERE id = ?")?
                .execute(params![now.unix_nanoseconds(), id.0])?;
            Ok(())
        })
    }

    /// Each sensor that is not shut out, with its latest report.
    ///
    /// # Errors
    /// As any reading.
    pub fn health(&self) -> Result<Vec<(Sensor, Option<SensorHealth>)>, StoreError> {
        let sensors = self.sensors()?;
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT body FROM reports WHERE sensor = ? ORDER BY sequence DESC LIMIT 1",
            )?;
            let mut health = Vec::new();
            for sensor in sensors.into_iter().filter(|it| it.revoked.is_none()) {
                let report = statement
                    .query_row([sensor.id.0], |row| json(row, 0))
                    .optional()?;
                health.push((sensor, report));
            }
            Ok(health)
        })
    }

    /// Reports of a sensor since a time, the first first; at most 10,000.
    ///
    /// # Errors
    /// As any reading.
    pub fn sensor_reports(
        &self,
        sensor: SensorId,
        since: EventTime,
    ) -> Result<Vec<SensorHealth>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT body FROM reports WHERE sensor = ? AND ? <= time ORDER BY time LIMIT 10000",
            )?;
            let rows = statement.query_map(params![sensor.0, since.unix_nanoseconds()], |row| {
                json(row, 0)
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn sensor(row: &Row<'_>) -> rusqlite::Result<Sensor> {
    Ok(Sensor {
        id: SensorId(row.get(0)?),
        name: text(row, 1)?,
        certificate: text(row, 2)?,
        joined: time(row, 3)?,
        revoked: time_if(row, 4)?,
        last_seen: time_if(row, 5)?,
        sequence: count(row, 6)?,
        batches: count(row, 7)?,
        events: count(row, 8)?,
        missing: count(row, 9)?,
        last_event: time_if(row, 10)?,
        certified: time(row, 11)?,
    })
}

const COLUMNS: &str = "s.id, s.name, s.certificate, s.joined, s.revoked, s.last_seen, \
     coalesce(p.sequence, 0), coalesce(p.batches, 0), coalesce(p.events, 0), \
     coalesce(p.missing, 0), p.last_event, coalesce(s.certified, s.joined) \
     FROM sensors AS s LEFT JOIN progress AS p ON p.sensor = s.id";
