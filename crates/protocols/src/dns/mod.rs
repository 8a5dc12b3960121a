//! DNS over UDP and TCP (RFC 1035): what name servers were asked for, answered, gave away and took.
//!
//! Names are the largest share of packets at a domain controller, so what teaches a host's name is told
//! once, whole zones and changes of them are told one by one, and everything else is only counted: a
//! [`Census`] for each host and server tells when somebody asks for more, or for other things, than an
//! ordinary host does. We read messages ourselves rather than with a library: an answer stays useful
//! when a later record is odd, and a forged count must not cost memory. What is in the answers about
//! names that need no host (TXT, MX) is deliberately absent.

mod census;
mod key;
mod lookup;
pub(crate) mod message;
pub(crate) mod name;
pub(crate) mod parse;
mod transfer;
mod update;

pub use census::{Census, Counted};
pub use lookup::Asked;

use crate::wire::{Assembler, Framing, ParseError, Piece, Waiting};
use crate::{Dissector, Facts, Recognised, Stamp};
use message::{Header, kind};
use realmward_vocab::{Direction, PacketRef};

/// One conversation.
#[derive(Debug)]
pub struct Conversation {
    /// None over UDP, which most speak: each datagram is a message.
    streams: Option<Box<[Assembler; 2]>>,
    talk: Talk,
}

/// What was said and awaits an answer.
#[derive(Debug, Default)]
struct Talk {
    lookups: lookup::Lookups,
    rare: Option<Box<Rare>>,
}

/// What few conversations have.
#[derive(Debug, Default)]
struct Rare {
    transfer: Option<transfer::Transfer>,
    updates: Waiting<u16, update::Update>,
    negotiation: key::Negotiation,
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new(over_udp: bool) -> Self {
        Self {
            streams: (!over_udp).then(Box::default),
            talk: Talk::default(),
        }
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        let Self { streams, talk } = self;
        let Some(streams) = streams else {
            return talk.message(octets, at.packet, at, facts);
        };
        let Some(stream) = streams.get_mut(direction.index()) else {
            return;
        };
        stream.feed(octets, at, STREAM_MESSAGE_MAX, frame, |piece: Piece<'_>| {
            let message = piece.octets.get(PREFIX..).unwrap_or_default();
            talk.message(message, piece.first, piece.at, facts);
        });
    }

    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts) {
        if let Some(streams) = &mut self.streams
            && let Some(stream) = streams.get_mut(direction.index())
            && !stream.lose(lost)
        {
            self.talk.give_up(facts);
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        self.talk.give_up(facts);
    }
}

impl Talk {
    fn message(&mut self, message: &[u8], first: PacketRef, at: Stamp, facts: &mut Facts) {
        if let Err(error) = self.read(message, first, at, facts) {
            facts.fault(PROTOCOL, error);
        }
    }

    fn read(
        &mut self,
        message: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let header = Header::read(message)?;
        match (header.is_response(), header.opcode()) {
            (true, QUERY) if self.is_transferred(header.id) => self.transferred(message, at, facts),
            (false, QUERY) if header.qdcount == 1 => self.asked(header, message, first, at, facts),
            (true, QUERY) if header.qdcount == 1 => {
                self.answered(header, message, first, at, facts)
            }
            (false, UPDATE) => {
                let (update, read) = update::Update::read(message, first, at);
                let updates = &mut self.rare.get_or_insert_default().updates;
                if let Some(given_up) = updates.ask(header.id, update, UPDATES_MAX) {
                    given_up.unanswered(facts);
                }
                read
            }
            (true, UPDATE) => {
                let rare = self.rare.as_mut();
                if let Some(update) = rare.and_then(|it| it.updates.take(&header.id)) {
                    update.answered(header.rcode(), at, facts);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn asked(
        &mut self,
        header: Header,
        message: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let (_, question, _) = parse::questions(message)?;
        match question.qtype {
            kind::AXFR | kind::IXFR => {
                let begun = transfer::Transfer::new(header.id, question, first, at);
                let rare = self.rare.get_or_insert_default();
                if let Some(before) = rare.transfer.replace(begun) {
                    before.report(facts);
                }
                Ok(())
            }
            kind::TKEY => {
                let negotiation = &mut self.rare.get_or_insert_default().negotiation;
                negotiation.message(message, first, at, facts)
            }
            _ => {
                let asked = Asked {
                    name: question.qname,
                    kind: question.qtype,
                    octets_asked: u32::try_from(message.len()).unwrap_or(u32::MAX),
                    packet: first,
                    at,
                    ..Asked::default()
                };
                self.lookups.question(header.id, asked, facts);
                Ok(())
            }
        }
    }

    fn answered(
        &mut self,
        header: Header,
        message: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        if let Some(rare) = &mut self.rare
            && parse::questions(message)?.1.qtype == kind::TKEY
        {
            return rare.negotiation.message(message, first, at, facts);
        }
        self.lookups.answer(header, message, first, at, facts)
    }

    fn is_transferred(&self, id: u16) -> bool {
        let rare = self.rare.as_ref();
        rare.and_then(|it| it.transfer.as_ref())
            .is_some_and(|it| it.is_of(id))
    }

    fn transferred(
        &mut self,
        message: &[u8],
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let place = self.rare.as_mut().map(|it| &mut it.transfer);
        let Some(transfer) = place else {
            return Ok(());
        };
        let ended = transfer
            .as_mut()
            .map_or(Ok(true), |it| it.answer(message, at));
        if ended != Ok(false)
            && let Some(transfer) = transfer.take()
        {
            transfer.report(facts);
        }
        ended.map(drop)
    }

    /// What waits will not be answered.
    fn give_up(&mut self, facts: &mut Facts) {
        self.lookups.give_up(facts);
        if let Some(mut rare) = self.rare.take() {
            if let Some(transfer) = rare.transfer {
                transfer.report(facts);
            }
            while let Some(update) = rare.updates.take_oldest() {
                update.unanswered(facts);
            }
            rare.negotiation.finish(facts);
        }
    }
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

/// Two octets of length come before each message (RFC 1035 section 4.2.2). What cannot be read as a
/// header is no boundary: it is dropped until something can.
fn frame(octets: &[u8]) -> Framing {
    let Some((prefix, message)) = octets.split_first_chunk::<PREFIX>() else {
        return Framing::Need(PREFIX + Header::OCTETS);
    };
    let length = usize::from(u16::from_be_bytes(*prefix));
    match Header::read(message) {
        Err(_) if message.len() < Header::OCTETS => Framing::Need(PREFIX + Header::OCTETS),
        Ok(header) if header.is_plausible(length) => Framing::Whole(PREFIX + length),
        _ => Framing::Drop(1),
    }
}

const PROTOCOL: &str = "dns";

const QUERY: u8 = 0;
const UPDATE: u8 = 5;

/// Octets of the length before a message on a stream.
const PREFIX: usize = 2;

/// The largest length that fits the prefix, and the prefix.
const STREAM_MESSAGE_MAX: usize = 65_535 + PREFIX;

/// A host sends one update after the other. Past it the oldest counts as unanswered.
const UPDATES_MAX: usize = 8;
