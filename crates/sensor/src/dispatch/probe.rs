//! First octets of a flow, kept while nobody can tell whose they are.

use realmward_stream::{Seen, Side};

/// First octets, kept until the protocol is known.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    pieces: Vec<(Side, Seen, Vec<u8>)>,
    segments: [u8; 2],
    /// Octets of this side were passed over or lost.
    missed: [bool; 2],
}

impl Probe {
    /// Keeps octets of a side.
    pub(super) fn keep(&mut self, side: Side, seen: Seen, octets: &[u8]) {
        self.pieces.push((side, seen, octets.to_vec()));
    }

    /// What is kept, in order of arrival.
    pub(super) fn pieces(&self) -> &[(Side, Seen, Vec<u8>)] {
        &self.pieces
    }

    /// What is kept of a side, in one piece.
    pub(super) fn kept(&self, side: Side) -> Vec<u8> {
        let mut kept = Vec::new();
        for (_, _, octets) in self.pieces.iter().filter(|(it, _, _)| *it == side) {
            kept.extend_from_slice(octets);
        }
        kept
    }

    /// Octets of a side were passed over or lost, and with them those kept of it.
    pub(super) fn miss(&mut self, side: Side) {
        self.pieces.retain(|(it, _, _)| *it != side);
        let [low, high] = &mut self.missed;
        let [low_segments, high_segments] = &mut self.segments;
        let (missed, segments) = match side {
            Side::Low => (low, low_segments),
            Side::High => (high, high_segments),
        };
        *missed = true;
        *segments = segments.saturating_add(1);
    }

    /// Whether octets of a side were passed over or lost.
    pub(super) const fn missed(&self, side: Side) -> bool {
        let [low, high] = self.missed;
        match side {
            Side::Low => low,
            Side::High => high,
        }
    }

    /// Whether enough was tried on this side, and the other side is no hope.
    pub(super) fn is_hopeless(&self, side: Side, from_start: bool) -> bool {
        let max = if from_start {
            SEGMENTS_MAX_FROM_START
        } else {
            SEGMENTS_MAX_JOINED
        };
        let [low, high] = self.segments;
        let (mine, theirs) = match side {
            Side::Low => (low, high),
            Side::High => (high, low),
        };
        let waiting = self.pieces.iter().any(|(it, _, _)| *it != side);
        max <= mine && (theirs == 0 || max <= theirs || 2 * max <= mine) && !waiting
            || 4 * max <= mine
    }
}

/// Our protocols begin with their first octet; a few more segments allow for a preamble.
const SEGMENTS_MAX_FROM_START: u8 = 8;

/// A long message is about this many segments; after it a new one begins at a segment's start.
const SEGMENTS_MAX_JOINED: u8 = 32;
