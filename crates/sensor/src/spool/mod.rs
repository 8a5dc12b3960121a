//! Batches on disk until the server has them.
//!
//! A spool is a folder of segments, each a file named by the first number it may hold. A batch is kept
//! once [`Spool::append`] returns: written and synced. Numbers rise by one and are not used again,
//! whatever happens to the process: the newest segment always stays, and its name says the next
//! number even when it is empty. At opening a torn end is cut off; damage elsewhere loses the records
//! it hit and no other, and the server sees which numbers are missing.
//!
//! When it is full the oldest are kept and new ones are refused: what came first is what an
//! investigation needs, and the next batch that is kept says how many are missing before it.
//!
//! Deliberately absent: encryption (the disk's business) and waiting.

mod disk;
mod opening;
mod outcome;
mod record;
#[cfg(test)]
mod tests;

pub use outcome::{Appended, Damage, SpoolError};

use crate::wire;
use disk::{EXTENSION, begin_file, failed, sync_folder, write_number};
use realmward_event::batch::Batch;
use realmward_vocab::Order;
use record::{RECORD_OCTETS, SEGMENT_OCTETS};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

#[derive(Debug)]
struct Segment {
    first: u64,
    path: PathBuf,
    file: File,
    octets: u64,
}

/// A batch that waits.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    sequence: u64,
    /// First number of its segment.
    segment: u64,
    at: u64,
    octets: usize,
}

/// Batches on disk, in order.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    /// Oldest first, never empty.
    segments: VecDeque<Segment>,
    waiting: VecDeque<Waiting>,
    next: u64,
    limit: u64,
    dropped: u64,
    mark: Order,
    damage: Damage,
    _lock: File,
}

impl Spool {
    /// Numbers the batch, tells it how many were dropped before it, and keeps it. `mark` says how far
    /// the input is told with it. One that is not kept may be tried again, or be dropped by
    /// [`Self::drop_batch`].
    ///
    /// # Errors
    ///
    /// [`SpoolError::Wire`] when the batch is too long: append it in parts. Nothing has changed then.
    pub fn append(&mut self, batch: &mut Batch, mark: Order) -> Result<Appended, SpoolError> {
        batch.sequence = self.next;
        batch.dropped = self.dropped;
        let payload = wire::encode(batch)?;
        let octets = (RECORD_OCTETS + payload.len()) as u64;
        if self.limit < self.octets() + octets || WAITING_MAX <= self.waiting.len() {
            return Ok(Appended::Full);
        }
        let record = record::record(self.next, mark, &payload);
        match self.write(&record, payload.len()) {
            Ok(()) => {}
            Err(error) => return Ok(Appended::Refused(error.to_string())),
        }
        self.mark = mark;
        self.next += 1;
        if 0 < std::mem::take(&mut self.dropped) {
            let _ = fs::remove_file(self.folder.join(DROPPED));
        }
        Ok(Appended::Kept(batch.sequence))
    }

    /// A batch was not kept and will not be tried again: the next that is kept tells it. The count on
    /// disk may lag behind, never lead.
    pub fn drop_batch(&mut self) {
        self.dropped += 1;
        if self.dropped.is_power_of_two() {
            let _ = write_number(&self.folder.join(DROPPED), self.dropped);
        }
    }

    /// The oldest batch that waits, packed, with its number. One that is damaged by now is passed over.
    ///
    /// # Errors
    ///
    /// When the disk cannot be read.
    pub fn oldest(&mut self) -> Result<Option<(u64, Vec<u8>)>, SpoolError> {
        while let Some(waiting) = self.waiting.front().copied() {
            let Some(segment) = self.segments.iter().find(|it| it.first == waiting.segment) else {
                self.waiting.pop_front();
                continue;
            };
            let mut octets = vec![0; waiting.octets];
            let read = segment.file.read_exact_at(&mut octets, waiting.at);
            read.map_err(|source| failed(&segment.path, source))?;
            if let Some((header, payload)) = record::parse(&octets)
                && header.sequence == waiting.sequence
            {
                return Ok(Some((waiting.sequence, payload.to_vec())));
            }
            self.damage.lost_batches += 1;
            self.damage.damaged_octets += waiting.octets as u64;
            self.waiting.pop_front();
        }
        Ok(None)
    }

    /// The server has all up to `sequence`.
    ///
    /// # Errors
    ///
    /// When that cannot be written down. The server will be sent them again, and ignore them.
    pub fn acknowledge(&mut self, sequence: u64) -> Result<(), SpoolError> {
        while self
            .waiting
            .front()
            .is_some_and(|it| it.sequence <= sequence)
        {
            self.waiting.pop_front();
        }
        write_number(&self.folder.join(ACKNOWLEDGED), sequence)?;
        self.free()
    }

    /// Batches that wait.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// Octets on disk.
    #[must_use]
    pub fn octets(&self) -> u64 {
        self.segments.iter().map(|it| it.octets).sum()
    }

    /// The most octets it will hold.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// How far the input is told by what was ever kept here.
    #[must_use]
    pub const fn mark(&self) -> Order {
        self.mark
    }

    /// Batches refused since the last that was kept.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// What was found damaged.
    #[must_use]
    pub const fn damage(&self) -> Damage {
        self.damage
    }

    fn write(&mut self, record: &[u8], payload: usize) -> Result<(), SpoolError> {
        let full = self
            .segments
            .back()
            .is_none_or(|it| self.segment_octets() <= it.octets);
        if full {
            self.begin_segment()?;
        }
        let Some(segment) = self.segments.back_mut() else {
            return Ok(());
        };
        let at = segment.octets;
        let written = segment
            .file
            .write_all_at(record, at)
            .and_then(|()| segment.file.sync_data());
        if let Err(source) = written {
            // What was written of it must not be found at the next opening.
            let _ = segment.file.set_len(at);
            return Err(failed(&segment.path, source));
        }
        segment.octets += record.len() as u64;
        self.waiting.push_back(Waiting {
            sequence: self.next,
            segment: segment.first,
            at,
            octets: RECORD_OCTETS + payload,
        });
        Ok(())
    }

    /// Small spools have small segments, so that what is acknowledged makes room.
    fn segment_octets(&self) -> u64 {
        SEGMENT_OCTETS_MAX.min(self.limit / 4)
    }

    fn begin_segment(&mut self) -> Result<(), SpoolError> {
        let first = self.next;
        if self.segments.back().is_some_and(|it| it.first == first) {
            return Ok(());
        }
        let path = self.folder.join(format!("{first:020}.{EXTENSION}"));
        let begun = begin_file(&path, self.mark);
        let file = begun.map_err(|source| failed(&path, source))?;
        sync_folder(&self.folder)?;
        self.segments.push_back(Segment {
            first,
            path,
            file,
            octets: SEGMENT_OCTETS as u64,
        });
        self.free()
    }

    /// Deletes segments of which nothing waits, except the newest.
    fn free(&mut self) -> Result<(), SpoolError> {
        let oldest = self.waiting.front().map_or(self.next, |it| it.segment);
        while 1 < self.segments.len()
            && let Some(segment) = self.segments.front()
            && segment.first < oldest
        {
            fs::remove_file(&segment.path).map_err(|source| failed(&segment.path, source))?;
            self.segments.pop_front();
        }
        Ok(())
    }
}

const ACKNOWLEDGED: &str = "acknowledged";
const DROPPED: &str = "dropped";

/// Small enough to be deleted soon, large enough that a gibibyte is 128 files.
const SEGMENT_OCTETS_MAX: u64 = 8 * 1024 * 1024;

/// What is known of each takes 32 octets of memory; at one a second this is eleven days.
const WAITING_MAX: usize = 1_000_000;
