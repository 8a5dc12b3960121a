//! Puts what comes in into the journal, which is what "taken" means; the engine reads it there.

use crate::web::state::{Intake, now};
use anyhow::Result;
use realmward_event::batch::Batch;
use realmward_event::operator::Decided;
use realmward_store::{SensorId, Store};

/// Straight into the journal.
pub(crate) struct Journal(pub(crate) Store);

impl Intake for Journal {
    fn take(&self, sensor: SensorId, batch: Batch) -> Result<()> {
        self.0.append_batch(sensor, &batch)?;
        self.0.sensor_heard(sensor, now())?;
        Ok(())
    }

    fn decide(&self, decided: Decided) -> Result<()> {
        self.0.append_decision(now(), &decided)?;
        Ok(())
    }
}
