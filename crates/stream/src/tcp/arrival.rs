//! A segment as it arrives, and what waits behind a hole.

use super::held::Held;
use crate::packet::Seen;
use realmward_vocab::EventTime;

/// A segment as it arrives.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) sequence: u32,
    pub(super) octets: &'a [u8],
    pub(super) cut: u32,
    pub(super) fin: bool,
    pub(super) seen: Seen,
    /// Of the octets.
    pub(super) sum: u16,
}

/// What came before its turn.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) held: Held,
    /// When the first octet after the hole came.
    pub(super) since: EventTime,
}
