//! LDAP and CLDAP (RFC 4511, MS-ADTS): who bound to a directory, how, and what was searched.
//!
//! Only requests and their results are read. Entries, where a domain controller's octets are, are
//! counted by their first octets and passed over; only the root DSE's are read, because there a
//! server says who it is. After a SASL bind messages come wrapped: what is only signed is read as
//! well, what is sealed is counted once a session and passed over. Passwords never leave `parse.rs`.
//!
//! Of changes the attributes are told, and the values of those that decide who may do what; filters
//! also in a normal form. What is sealed is measured. After StartTLS the octets are handed on to [`crate::tls`].

mod bind;
mod changes;
mod facts;
mod filter;
mod framing;
mod limits;
mod message;
mod netlogon;
mod normal;
mod parse;
mod root_dse;
mod sealed;
mod session;
mod wrap;

use crate::wire::{Assembler, Framing, ParseError, Piece};
use crate::{Dissector, Facts, Recognised, Stamp};
use framing::{Form, Framer, frame_messages};
use limits::MESSAGE_OCTETS_MAX;
use message::Envelope;
use realmward_vocab::{Direction, PacketRef};
use session::{Arrived, Session};

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    over_udp: bool,
    channels: [Channel; 2],
    session: Session,
}

/// One direction of a stream: what is on the wire, and the messages inside wrapped buffers.
#[derive(Debug, Default)]
struct Channel {
    outer: Assembler,
    inner: Assembler,
    framer: Framer,
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
        if let Some(tls) = &mut self.session.tls {
            return tls.feed(direction, octets, at, facts);
        }
        if self.over_udp {
            return datagram(&mut self.session, direction, octets, at, facts);
        }
        let [to_server, to_client] = &mut self.channels;
        let channel = match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        };
        channel.feed(&mut self.session, direction, octets, at, facts);
    }

    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts) {
        if let Some(tls) = &mut self.session.tls {
            tls.gap(direction, lost, facts);
        } else if let Some(channel) = self.channels.get_mut(direction.index()) {
            channel.gap(lost);
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        self.session.finish(facts);
    }

    fn is_done(&self) -> bool {
        self.session.tls.as_ref().is_some_and(|it| it.is_over())
    }
}

impl Channel {
    fn feed(
        &mut self,
        session: &mut Session,
        direction: Direction,
        octets: &[u8],
        at: Stamp,
        facts: &mut Facts,
    ) {
        let Self {
            outer,
            inner,
            framer,
        } = self;
        framer.expect(session.is_wrapped);
        outer.feed(
            octets,
            at,
            MESSAGE_OCTETS_MAX,
            |octets| framer.frame(octets),
            |piece| match framer.delivered() {
                Form::Message(envelope) => {
                    session.message(direction, arrived(envelope, &piece), facts);
                    framer.expect(session.is_wrapped);
                    if session.tls.is_some() {
                        framer.hand_on();
                    }
                }
                Form::HandedOn => {
                    if let Some(tls) = &mut session.tls {
                        tls.feed(direction, piece.octets, piece.at, facts);
                    }
                }
                Form::Signed { missing } => {
                    unwrapped(inner, session, direction, &piece, facts);
                    framer.expect(session.is_wrapped);
                    if missing != 0 {
                        inner.lose(u64::try_from(missing).unwrap_or(u64::MAX));
                    }
                }
                Form::Sealed => {
                    let octets = piece.octets.len().saturating_add(piece.passed_over);
                    session.sealed(direction, octets, piece.at, facts);
                }
                Form::Wrapping | Form::Nothing => {}
            },
        );
    }

    /// Octets were lost: if they were messages of a signed buffer, its end is still known.
    fn gap(&mut self, lost: u64) {
        if self.framer.lose(lost) {
            self.inner.lose(lost);
        } else if !self.outer.lose(lost) {
            self.framer.lost();
            self.inner.reset();
        }
    }
}

/// Whether these first octets of a direction are this protocol.
#[must_use]
pub fn recognise(over_udp: bool, octets: &[u8]) -> Recognised {
    if octets.first() == Some(&0) && !over_udp {
        return match wrap::wrapped(octets) {
            Ok(wrapped) => wrapped.sender.map_or(Recognised::Likely, Recognised::Yes),
            Err(ParseError::Incomplete { .. }) => Recognised::TooShort,
            Err(_) => Recognised::No,
        };
    }
    match parse::envelope(octets) {
        Ok(envelope) if envelope.operation.is_request() == Some(true) => {
            Recognised::Yes(Direction::ToServer)
        }
        Ok(_) => Recognised::Yes(Direction::ToClient),
        Err(ParseError::Incomplete { .. }) if !over_udp => Recognised::TooShort,
        Err(_) => Recognised::No,
    }
}

/// A datagram has one message, or an entry and its end (MS-ADTS section 6.3.3).
fn datagram(
    session: &mut Session,
    direction: Direction,
    octets: &[u8],
    at: Stamp,
    facts: &mut Facts,
) {
    Assembler::default().feed(octets, at, octets.len(), frame_datagram, |piece| {
        match parse::envelope(piece.octets) {
            Ok(envelope) => session.message(direction, arrived(envelope, &piece), facts),
            Err(error) => facts.fault("ldap", error),
        }
    });
}

/// A datagram that does not begin with a message is none, whatever follows.
fn frame_datagram(octets: &[u8]) -> Framing {
    match frame_messages(octets) {
        Framing::Drop(_) => Framing::Drop(octets.len()),
        framing => framing,
    }
}

/// Hands on the messages of a signed buffer. One that goes on in the next buffer is put together.
fn unwrapped(
    inner: &mut Assembler,
    session: &mut Session,
    direction: Direction,
    outer: &Piece<'_>,
    facts: &mut Facts,
) {
    inner.feed(
        outer.octets,
        outer.at,
        MESSAGE_OCTETS_MAX,
        frame_messages,
        |piece| {
            if let Ok(envelope) = parse::envelope(piece.octets) {
                let mut arrived = arrived(envelope, &piece);
                arrived.first = arrived.first.min(outer.first);
                arrived.is_wrapped = true;
                session.message(direction, arrived, facts);
            }
        },
    );
}

fn arrived<'a>(envelope: Envelope, piece: &Piece<'a>) -> Arrived<'a> {
    let (start, length) = envelope.content;
    let first: PacketRef = piece.first;
    let end = start.saturating_add(length).min(piece.octets.len());
    Arrived {
        envelope,
        content: piece.octets.get(start..end).unwrap_or_default(),
        controls: piece.octets.get(end..).unwrap_or_default(),
        first,
        at: piece.at,
        is_wrapped: false,
    }
}
