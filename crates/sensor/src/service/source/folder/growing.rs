//! A file that is read while it is written.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Reads a file; at its end waits for more, until told that no more comes.
#[derive(Debug)]
pub(super) struct Growing {
    file: File,
    read: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

/// What is known of the growth of a file.
#[derive(Debug)]
pub(super) struct Growth {
    path: PathBuf,
    inode: u64,
    read: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Growing {
    pub(super) fn open(path: &Path, stop: &Arc<AtomicBool>) -> io::Result<(Self, Growth)> {
        let file = File::open(path)?;
        let inode = file.metadata()?.ino();
        let (read, over) = (Arc::default(), Arc::default());
        let growth = Growth {
            path: path.to_owned(),
            inode,
            read: Arc::clone(&read),
            over: Arc::clone(&over),
        };
        let growing = Self {
            file,
            read,
            over,
            stop: Arc::clone(stop),
        };
        Ok((growing, growth))
    }
}

impl Read for Growing {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            // Asked before reading: what was written until then is read.
            let ended = self.over.load(Ordering::Relaxed) || self.stop.load(Ordering::Relaxed);
            let count = self.file.read(room)?;
            if 0 < count || ended {
                self.read.fetch_add(count as u64, Ordering::Relaxed);
                return Ok(count);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

impl Growth {
    /// Whether nothing more comes: all was read, nothing was written for a while, and there is another
    /// file; or the file is not what it was.
    pub(super) fn is_over(&self, another: bool) -> bool {
        let Ok(now) = fs::metadata(&self.path) else {
            return true;
        };
        if now.ino() != self.inode || now.len() < self.octets() {
            return true;
        }
        let written = now.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let age = written.elapsed().unwrap_or_default();
        another && now.len() == self.octets() && QUIET_MIN <= age
    }

    /// Nothing more comes.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// How much was read.
    pub(super) fn octets(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Capture tools write at least once a second while packets come, and begin the next file at once.
const QUIET_MIN: Duration = Duration::from_secs(2);
