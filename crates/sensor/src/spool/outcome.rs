//! What can go wrong with a spool, and what it says of a batch.

use crate::wire::WireError;
use std::io;
use std::path::PathBuf;

/// A spool cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpoolError {
    /// The operating system refused.
    #[error("spool {}: {source}", path.display())]
    Io {
        /// On what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process holds it.
    #[error("spool {} is in use by another sensor", .0.display())]
    InUse(PathBuf),
    /// Written by a later version.
    #[error("spool {} has format {version}, which this version does not know", path.display())]
    Version {
        /// Which file.
        path: PathBuf,
        /// Its version.
        version: u8,
    },
    /// The batch cannot be packed.
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// What became of a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Appended {
    /// On disk under this number.
    Kept(u64),
    /// Not kept: the spool is full.
    Full,
    /// Not kept: the disk refused.
    Refused(String),
}

/// What was found damaged at opening or reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Octets of a torn end, cut off.
    pub torn_octets: u64,
    /// Octets that were no records.
    pub damaged_octets: u64,
    /// Batches that were on disk and are lost.
    pub lost_batches: u64,
}
