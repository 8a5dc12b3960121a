//! Cuts the two directions of a conversation into fragments and hands them to the association.

use super::association::Association;
use super::http;
use super::limits::FRAGMENT_OCTETS_MAX;
use super::parse;
use crate::wire::{Assembler, Framing, ParseError};
use crate::{Dissector, Facts, Stamp};
use realmward_event::SessionPrincipal;
use realmward_event::rpc::Transport;
use realmward_vocab::Direction;
use std::cell::Cell;

/// One conversation: a TCP connection, or one opening of a named pipe.
#[derive(Debug, Default)]
pub struct Conversation {
    streams: [Assembler; 2],
    /// Whether a hole took the place of the next fragment: what is passed over until it is found is
    /// no fault of the sender.
    astray: [bool; 2],
    /// The packets of the latest octets.
    latest: [Stamp; 2],
    association: Association,
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        Self {
            streams: Default::default(),
            astray: Default::default(),
            latest: Default::default(),
            association: Association::new(transport),
        }
    }

    /// Whose session carries this conversation: for pipes, whose SMB session it is.
    pub fn set_principal(&mut self, principal: SessionPrincipal) {
        self.association.carrier = principal;
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        let place = direction.index();
        let (Some(stream), Some(astray), Some(latest)) = (
            self.streams.get_mut(place),
            self.astray.get_mut(place),
            self.latest.get_mut(place),
        ) else {
            return;
        };
        *latest = at;
        let association = &mut self.association;
        let broken = Cell::new(None);
        let framed = |octets: &[u8]| {
            framing(octets).unwrap_or_else(|error| {
                broken.set(Some(error));
                Framing::Drop(distance_to_version(octets))
            })
        };
        stream.feed(
            octets,
            at,
            FRAGMENT_OCTETS_MAX,
            framed,
            |piece| match association.fragment(direction, piece, facts) {
                Ok(()) => *astray = false,
                Err(error) if !*astray => facts.fault(PROTOCOL, error),
                Err(_) => {}
            },
        );
        if let Some(error) = broken.take().filter(|_| !*astray) {
            facts.fault(PROTOCOL, error);
        }
    }

    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts) {
        let place = direction.index();
        let (Some(stream), Some(astray), Some(latest)) = (
            self.streams.get_mut(place),
            self.astray.get_mut(place),
            self.latest.get(place),
        ) else {
            return;
        };
        let association = &mut self.association;
        let frame = |octets: &[u8]| framing(octets).unwrap_or(Framing::Drop(1));
        let known = stream.lose_message(lost, *latest, frame, |piece| {
            // What cannot be told for want of octets is no fault of the sender.
            let _ = association.fragment(direction, piece, facts);
        });
        if !known {
            *astray = true;
            association.give_up(facts);
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        for stream in &mut self.streams {
            stream.reset();
        }
        self.association.finish(facts);
    }
}

/// The extent of the fragment that begins here.
fn framing(octets: &[u8]) -> Result<Framing, ParseError> {
    if let Some(framing) = http::rts(octets) {
        return Ok(framing);
    }
    match parse::header(octets) {
        Ok(header) => Ok(Framing::Whole(usize::from(header.frag_length))),
        Err(ParseError::Incomplete { .. }) => Ok(Framing::Need(parse::HEADER_OCTETS)),
        Err(error) => Err(error),
    }
}

/// How far it is to the next octet that may begin a fragment.
fn distance_to_version(octets: &[u8]) -> usize {
    octets
        .iter()
        .skip(1)
        .position(|octet| *octet == 5)
        .map_or(octets.len(), |place| place + 1)
}

/// The name under which faults are counted.
const PROTOCOL: &str = "dcerpc";
