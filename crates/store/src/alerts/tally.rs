//! How many alerts there are of each kind, for who draws them over time.

use super::severity;
use crate::codec::{count, text};
use crate::{Store, StoreError};
use realmward_detect::Severity;

/// How many alerts of one detector, severity and status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertTally {
    /// Id of the detector.
    pub detector: String,
    /// How bad.
    pub severity: Severity,
    /// Status, as JSON writes it.
    pub status: String,
    /// How many.
    pub alerts: u64,
}

impl Store {
    /// How many alerts of each detector, severity and status.
    ///
    /// # Errors
    /// As any reading.
    pub fn alert_tally(&self) -> Result<Vec<AlertTally>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT detector, severity, status, count(*) FROM alerts GROUP BY 1, 2, 3",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(AlertTally {
                    detector: text(row, 0)?,
                    severity: severity(row.get(1)?),
                    status: text(row, 2)?,
                    alerts: count(row, 3)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
