//! A live input that was opened and is not followed yet: between the two, privileges are given up.

use super::super::output::Options;
use super::super::summary::Summary;
use anyhow::Result;
use std::fmt;
use std::path::PathBuf;

type Follow = dyn FnOnce(&Options) -> Result<Summary>;

/// A live input that was opened.
pub struct Opened {
    /// Files and folders that it reads.
    pub read: Vec<PathBuf>,
    /// Folders in which it deletes.
    pub write: Vec<PathBuf>,
    /// Whether it connects, or is connected to.
    pub network: bool,
    /// Octets of its rings.
    pub ring_octets: u64,
    follow: Box<Follow>,
}

impl Opened {
    pub(super) fn new(follow: impl FnOnce(&Options) -> Result<Summary> + 'static) -> Self {
        Self {
            read: Vec::new(),
            write: Vec::new(),
            network: false,
            ring_octets: 0,
            follow: Box::new(follow),
        }
    }

    /// Follows it until the work is stopped.
    ///
    /// # Errors
    ///
    /// When the sensor has not joined, or the output cannot be written.
    pub fn follow(self, options: &Options) -> Result<Summary> {
        (self.follow)(options)
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("read", &self.read)
            .field("write", &self.write)
            .finish_non_exhaustive()
    }
}
