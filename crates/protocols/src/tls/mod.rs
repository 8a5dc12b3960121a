//! TLS, as far as to count the sessions that it hides (RFC 8446).
//!
//! Nothing is kept and nothing is read past the first record: without keys there is nothing to learn
//! but that something was hidden. Certificates and names in hellos are deliberately absent.

use crate::{Dissector, Facts, Opaque, Recognised, Stamp};
use realmward_vocab::Direction;

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    counted: bool,
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, _direction: Direction, octets: &[u8], _at: Stamp, facts: &mut Facts) {
        if !self.counted && !octets.is_empty() {
            self.counted = true;
            facts.opaque(Opaque::TlsSession);
        }
    }

    fn gap(&mut self, _direction: Direction, _lost: u64, _facts: &mut Facts) {}

    fn finish(&mut self, _facts: &mut Facts) {}
}

/// Whether these first octets of a direction are this protocol: a hello in a handshake record says
/// who sent it, application data of a session older than the capture does not.
///
/// ```text
/// record := ContentType:u8 legacy_record_version:u16 length:u16 fragment
/// ```
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    let length = match octets.get(3..5) {
        Some(&[high, low]) => u16::from_be_bytes([high, low]),
        _ => 1,
    };
    if length == 0 || FRAGMENT_OCTETS_MAX < length {
        return Recognised::No;
    }
    match octets {
        [HANDSHAKE, 3, 0..=4, _, _, CLIENT_HELLO, ..] => Recognised::Yes(Direction::ToServer),
        [HANDSHAKE, 3, 0..=4, _, _, SERVER_HELLO, ..] => Recognised::Yes(Direction::ToClient),
        [APPLICATION_DATA, 3, 1..=4, _, _, ..] => Recognised::Likely,
        []
        | [HANDSHAKE | APPLICATION_DATA]
        | [HANDSHAKE | APPLICATION_DATA, 3]
        | [HANDSHAKE | APPLICATION_DATA, 3, 0..=4]
        | [HANDSHAKE | APPLICATION_DATA, 3, 0..=4, _]
        | [HANDSHAKE, 3, 0..=4, _, _] => Recognised::TooShort,
        _ => Recognised::No,
    }
}

const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

/// The longest fragment that any version allows (RFC 5246 section 6.2.3).
const FRAGMENT_OCTETS_MAX: u16 = (1 << 14) + 2_048;
