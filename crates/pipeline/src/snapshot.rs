//! Saving and restoring the state of a pipeline between two events.
//!
//! CBOR with field names: a newer build reads an older snapshot as long as fields are only added.

use crate::{Back, Front, Pipeline, Shard};
use realmward_profile::Roster;
use serde::{Deserialize, Serialize};

/// Why a snapshot cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It is not a snapshot, or it is cut short.
    #[error("snapshot is damaged: {0}")]
    Damaged(String),
    /// Another version of the program wrote it.
    #[error("snapshot has form {found}, this version reads form {known}")]
    Version {
        /// Its form.
        found: u32,
        /// The form that is read here.
        known: u32,
    },
}

#[derive(Deserialize)]
struct Form {
    version: u32,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    front: &'a Front,
    back: &'a Back,
    shards: Vec<(&'a Roster, Vec<u8>)>,
}

#[derive(Deserialize)]
struct Read {
    front: Front,
    back: Back,
    shards: Vec<(Roster, Vec<u8>)>,
}

impl Pipeline {
    /// The whole state as bytes.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::Damaged`] if a detector's state cannot be written.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        let written = Written {
            version: VERSION,
            front: &self.front,
            back: &self.back,
            shards: self
                .shards
                .iter()
                .map(|shard| Ok((&shard.roster, shard.engine.snapshot().map_err(damaged)?)))
                .collect::<Result<_, SnapshotError>>()?,
        };
        let mut bytes = Vec::new();
        ciborium::into_writer(&written, &mut bytes).map_err(damaged)?;
        Ok(bytes)
    }

    /// A pipeline that goes on where [`Pipeline::snapshot`] was taken.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`] if the bytes are damaged, or of a form that this version does not read.
    pub fn restore(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let form: Form = ciborium::from_reader(bytes).map_err(damaged)?;
        if form.version != VERSION {
            return Err(SnapshotError::Version {
                found: form.version,
                known: VERSION,
            });
        }
        let read: Read = ciborium::from_reader(bytes).map_err(damaged)?;
        let count = u32::try_from(read.shards.len()).map_err(damaged)?;
        let mut shards = Vec::with_capacity(read.shards.len());
        for (index, (roster, state)) in (0_u32..).zip(read.shards) {
            let mut shard = Shard::new(&realmward_profile::Settings::default(), index, count);
            shard.roster = roster;
            shard.engine.restore(&state).map_err(damaged)?;
            shards.push(shard);
        }
        Ok(Self {
            front: read.front,
            shards,
            back: read.back,
        })
    }
}

fn damaged(error: impl std::fmt::Display) -> SnapshotError {
    SnapshotError::Damaged(error.to_string())
}

/// Raised when a snapshot of before can no longer be read.
const VERSION: u32 = 1;
