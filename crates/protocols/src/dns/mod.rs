//! DNS over UDP and TCP (RFC 1035): what name servers answered, to know hosts by name.
//!
//! Names are the largest share of packets at a domain controller, so questions are put aside after
//! twelve octets, and of an answer only the question and the answer section are read. We read them
//! ourselves rather than with a library: an answer stays useful when a later record is odd, and a
//! forged count must not cost memory. Authority and additional sections, zone transfers, dynamic
//! updates and refusals are deliberately absent: they prove no name yet.

mod facts;
mod message;
pub(crate) mod name;
mod parse;

use crate::wire::{Assembler, Framing, ParseError, Piece};
use crate::{Dissector, Facts, Recognised, Stamp};
use message::Header;
use realmward_vocab::{Direction, PacketRef};

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    over_udp: bool,
    streams: [Assembler; 2],
    told: facts::Told,
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new(over_udp: bool) -> Self {
        Self {
            over_udp,
            ..Self::default()
        }
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        if self.over_udp {
            return answer(&mut self.told, octets, at.packet, at, facts);
        }
        let [to_server, to_client] = &mut self.streams;
        let stream = match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        };
        let told = &mut self.told;
        stream.feed(octets, at, STREAM_MESSAGE_MAX, frame, |piece: Piece<'_>| {
            if piece.passed_over == 0 {
                let message = piece.octets.get(PREFIX..).unwrap_or_default();
                answer(told, message, piece.first, piece.at, facts);
            }
        });
    }

    fn gap(&mut self, direction: Direction, lost: u64, _facts: &mut Facts) {
        if let Some(stream) = self.streams.get_mut(direction.index()) {
            stream.lose(lost);
        }
    }

    fn finish(&mut self, _facts: &mut Facts) {}
}

/// Whether these first octets of a direction are this protocol.
#[must_use]
pub fn recognise(over_udp: bool, octets: &[u8]) -> Recognised {
    let (message, total) = match octets.split_first_chunk() {
        _ if over_udp => (octets, octets.len()),
        Some((prefix, message)) => (message, usize::from(u16::from_be_bytes(*prefix))),
        None => return Recognised::TooShort,
    };
    match parse::first_question(message, total) {
        Ok(header) if header.is_response() => Recognised::Yes(Direction::ToClient),
        Ok(_) => Recognised::Yes(Direction::ToServer),
        Err(ParseError::Incomplete { .. }) if !over_udp && message.len() < total => {
            Recognised::TooShort
        }
        Err(_) => Recognised::No,
    }
}

/// Reads one message; only an answer with something in it is more than a look at its header.
fn answer(told: &mut facts::Told, message: &[u8], first: PacketRef, at: Stamp, facts: &mut Facts) {
    match Header::read(message) {
        Ok(header) if header.answers_something() => {}
        Ok(_) => return,
        Err(error) => return facts.fault(PROTOCOL, error),
    }
    match parse::response(message) {
        Ok(response) => {
            if let Some(fault) = response.fault {
                facts.fault(PROTOCOL, fault);
            }
            told.report(response, first, at, facts);
        }
        Err(error) => facts.fault(PROTOCOL, error),
    }
}

/// Two octets of length come before each message (RFC 1035 section 4.2.2). What cannot be read as a
/// header is no boundary: it is dropped until something can.
fn frame(octets: &[u8]) -> Framing {
    let Some((prefix, message)) = octets.split_first_chunk::<PREFIX>() else {
        return Framing::Need(PREFIX + Header::OCTETS);
    };
    let length = usize::from(u16::from_be_bytes(*prefix));
    match Header::read(message) {
        Err(_) if message.len() < Header::OCTETS => Framing::Need(PREFIX + Header::OCTETS),
        Ok(header) if header.is_plausible(length) => {
            if header.answers_something() {
                Framing::Whole(PREFIX + length)
            } else {
                Framing::Head {
                    head: PREFIX + Header::OCTETS,
                    total: PREFIX + length,
                }
            }
        }
        _ => Framing::Drop(1),
    }
}

const PROTOCOL: &str = "dns";

/// Octets of the length before a message on a stream.
const PREFIX: usize = 2;

/// The largest length that fits the prefix, and the prefix.
const STREAM_MESSAGE_MAX: usize = 65_535 + PREFIX;
