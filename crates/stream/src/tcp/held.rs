//! Segments that came before their turn, sorted and without overlap.

use super::arrival::Arrival;
use super::sequence::{advance, distance};
use crate::packet::Seen;
use std::collections::VecDeque;

/// A segment that waits. After its octets, `cut` more were not captured.
#[derive(Debug)]
pub(super) struct Early {
    pub(super) sequence: u32,
    pub(super) octets: Vec<u8>,
    pub(super) cut: u32,
    pub(super) seen: Seen,
}

impl Early {
    /// The sequence number after its last octet.
    pub(super) fn end(&self) -> u32 {
        advance(self.sequence, self.octets.len()).wrapping_add(self.cut)
    }

    /// Whether octets that begin at `sequence` are others where both have some.
    fn differs(&self, sequence: u32, octets: &[u8]) -> bool {
        let ahead = distance(self.sequence, sequence);
        let skip = ahead.unsigned_abs() as usize;
        let (mine, theirs) = if ahead < 0 {
            (self.octets.get(skip..), Some(octets))
        } else {
            (Some(self.octets.as_slice()), octets.get(skip..))
        };
        let (mine, theirs) = (mine.unwrap_or_default(), theirs.unwrap_or_default());
        mine.iter().zip(theirs).any(|(mine, theirs)| mine != theirs)
    }
}

/// The waiting segments of one direction.
#[derive(Debug, Default)]
pub(super) struct Held {
    segments: VecDeque<Early>,
    octets: usize,
}

impl Held {
    /// The earliest segment.
    pub(super) fn first(&self) -> Option<&Early> {
        self.segments.front()
    }

    pub(super) fn pop(&mut self) -> Option<Early> {
        let early = self.segments.pop_front()?;
        self.octets -= early.octets.len();
        Some(early)
    }

    /// Octets held.
    pub(super) const fn octets(&self) -> usize {
        self.octets
    }

    /// Whether more is held than one direction may hold.
    pub(super) fn is_over(&self) -> bool {
        HELD_OCTETS_MAX < self.octets || HELD_SEGMENTS_MAX < self.segments.len()
    }

    /// Adds the octets that no held segment covers: the first to come wins. `base` is behind all.
    /// Whether others came first in some of their places.
    pub(super) fn insert(&mut self, base: u32, arrival: &Arrival<'_>) -> bool {
        let Arrival {
            sequence,
            octets,
            cut,
            seen,
            ..
        } = *arrival;
        let mut contradicts = false;
        let mut from = sequence;
        let end = advance(sequence, octets.len());
        let mut at = self
            .segments
            .partition_point(|early| distance(early.end(), base) <= distance(sequence, base));
        while distance(from, end) < 0 {
            let Some(early) = self.segments.get(at) else {
                self.place(at, sequence, octets, (from, end), cut, seen);
                return contradicts;
            };
            let (start, stop) = (early.sequence, early.end());
            if distance(end, start) <= 0 {
                let cut = cut.min(start.wrapping_sub(end));
                self.place(at, sequence, octets, (from, end), cut, seen);
                return contradicts;
            }
            contradicts |= early.differs(sequence, octets);
            if distance(from, start) < 0 {
                self.place(at, sequence, octets, (from, start), 0, seen);
                at += 1;
            }
            from = stop;
            at += 1;
        }
        contradicts
    }

    fn place(
        &mut self,
        at: usize,
        sequence: u32,
        octets: &[u8],
        (from, to): (u32, u32),
        cut: u32,
        seen: Seen,
    ) {
        let range = offset(from, sequence)..offset(to, sequence);
        let octets = octets.get(range).unwrap_or_default().to_vec();
        self.octets += octets.len();
        self.segments.insert(
            at,
            Early {
                sequence: from,
                octets,
                cut,
                seen,
            },
        );
    }
}

fn offset(sequence: u32, base: u32) -> usize {
    usize::try_from(sequence.wrapping_sub(base)).unwrap_or(usize::MAX)
}

/// One window of a fast local connection. Past it the hole is given up.
pub(super) const HELD_OCTETS_MAX: usize = 1024 * 1024;

/// As many segments as `HELD_OCTETS_MAX` has at 1,460 octets, so that tiny segments cost no more.
const HELD_SEGMENTS_MAX: usize = 720;
