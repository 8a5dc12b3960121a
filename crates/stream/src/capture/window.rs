//! A bounded view of a stream of octets that moves forward.

use super::CaptureDamage;
use std::fmt;
use std::io::{ErrorKind, Read};

/// Octets read but not consumed, and how far into the stream they begin.
pub(super) struct Window {
    source: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window")
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl Window {
    pub(super) fn new(source: Box<dyn Read + Send>) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            offset: 0,
            ended: false,
        }
    }

    /// The octets read and not consumed.
    pub(super) fn available(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Where the available octets begin in the stream.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    /// Reads until `wanted` octets are available; `false` when the stream ends before.
    /// The caller has checked `wanted` against a bound.
    pub(super) fn fill(&mut self, wanted: usize) -> Result<bool, CaptureDamage> {
        if wanted <= self.end - self.start {
            return Ok(true);
        }
        self.make_room(wanted);
        while self.end - self.start < wanted && !self.ended {
            let Some(room) = self.buffer.get_mut(self.end..) else {
                break;
            };
            match self.source.read(room) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end += count.min(room.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(wanted <= self.end - self.start)
    }

    /// Fills or says how the file ends.
    pub(super) fn demand(
        &mut self,
        wanted: usize,
        within: &'static str,
    ) -> Result<(), CaptureDamage> {
        if self.fill(wanted)? {
            return Ok(());
        }
        Err(CaptureDamage::Truncated {
            within,
            missing: wanted - self.available().len(),
        })
    }

    /// Grows in steps while octets really come, so that a length alone reserves little.
    fn make_room(&mut self, wanted: usize) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let size = wanted.max(WINDOW_OCTETS);
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
    }
}

/// Read in one go: some hundred packets, small enough to stay in the second-level cache.
const WINDOW_OCTETS: usize = 256 * 1024;
