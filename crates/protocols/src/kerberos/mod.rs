//! Kerberos over UDP and TCP (RFC 4120).

pub mod facts;
pub mod message;
pub mod parse;

use crate::{Dissector, Facts, Recognised, Stamp};
use realmward_vocab::Direction;

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new(_over_udp: bool) -> Self {
        Self::default()
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, _direction: Direction, _octets: &[u8], _at: Stamp, _facts: &mut Facts) {}

    fn gap(&mut self, _direction: Direction, _lost: u64, _facts: &mut Facts) {}

    fn finish(&mut self, _facts: &mut Facts) {}
}

/// Whether these first octets of a direction are this protocol.
#[must_use]
pub fn recognise(_over_udp: bool, _octets: &[u8]) -> Recognised {
    Recognised::No
}
