//! Remote desktops (MS-RDPBCGR): who is asked for, what protects the session, and from which client.
//!
//! What can be read is the connection request with its cookie, the choice of protection, and then
//! either the client's own words (RDP's old encryption) or a TLS handshake, which is handed on. Who
//! logged on is inside (CredSSP) and deliberately not guessed at.

mod parse;

use crate::tls;
use crate::wire::{Assembler, Framing, ParseError};
use crate::{Dissector, Facts, Recognised, Stamp};
use parse::{Confirm, Message};
use realmward_event::rdp::RemoteDesktopAsked;
use realmward_event::{Fact, Outcome};
use realmward_vocab::{Direction, PacketRef};
use std::cell::Cell;

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    streams: [Assembler; 2],
    asked: Option<Box<RemoteDesktopAsked>>,
    evidence: Vec<PacketRef>,
    last: Stamp,
    stage: Stage,
}

/// How far it is.
#[derive(Debug, Default)]
enum Stage {
    /// The connection is asked for.
    #[default]
    Opening,
    /// RDP's own encryption was chosen: the client's core data follow.
    Plain,
    /// TLS was chosen.
    Tls(Box<tls::Conversation>),
    /// Nothing that follows is read.
    Over,
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn message(
        &mut self,
        octets: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        match (parse::message(octets)?, &self.stage) {
            (Message::Request(request), Stage::Opening) => {
                self.evidence = vec![first, at.packet];
                self.last = at;
                self.asked = Some(Box::new(RemoteDesktopAsked {
                    cookie: request.cookie,
                    requested: request.requested,
                    request_flags: request.flags,
                    outcome: Outcome::Attempt,
                    ..RemoteDesktopAsked::default()
                }));
            }
            (Message::Confirm(confirm), Stage::Opening) => self.confirmed(confirm, at, facts),
            (Message::Data, Stage::Plain) => {
                if let Some(core) = parse::client_core(octets)
                    && let Some(asked) = &mut self.asked
                {
                    asked.client_name = Some(core.client_name);
                    asked.client_build = Some(core.client_build);
                    asked.keyboard_layout = Some(core.keyboard_layout);
                    self.last = at;
                    self.evidence.push(at.packet);
                }
                self.tell(facts);
                self.stage = Stage::Over;
            }
            _ => {}
        }
        Ok(())
    }

    fn confirmed(&mut self, confirm: Confirm, at: Stamp, facts: &mut Facts) {
        self.last = at;
        self.evidence.push(at.packet);
        let asked = self.asked.get_or_insert_default();
        match confirm {
            Confirm::Selected(selected) => {
                asked.selected = Some(selected);
                asked.outcome = Outcome::Success;
                self.stage = match selected {
                    0 => Stage::Plain,
                    _ => Stage::Tls(Box::new(tls::Conversation::within("rdp"))),
                };
                if selected != 0 {
                    self.tell(facts);
                }
            }
            Confirm::Failed(code) => {
                asked.failure = Some(code);
                asked.outcome = Outcome::Failure;
                self.stage = Stage::Over;
                self.tell(facts);
            }
        }
    }

    fn tell(&mut self, facts: &mut Facts) {
        if let Some(asked) = self.asked.take() {
            let fact = Fact::RemoteDesktopAsked(*asked);
            facts.report(self.last, &self.evidence, fact);
        }
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        match &mut self.stage {
            Stage::Tls(tls) => return tls.feed(direction, octets, at, facts),
            Stage::Over => return,
            Stage::Opening | Stage::Plain => {}
        }
        let mut stream = match self.streams.get_mut(direction.index()) {
            Some(stream) => std::mem::take(stream),
            None => return,
        };
        // What stands behind the choice of TLS in one segment is TLS too.
        let is_opening = Cell::new(true);
        let extent = |octets: &[u8]| match is_opening.get() {
            true => frame(octets),
            false => Framing::Whole(octets.len().min(MESSAGE_OCTETS_MAX)),
        };
        let oversized = stream.feed(octets, at, MESSAGE_OCTETS_MAX, extent, |piece| {
            match &mut self.stage {
                Stage::Tls(tls) => tls.feed(direction, piece.octets, piece.at, facts),
                Stage::Over => {}
                Stage::Opening | Stage::Plain => {
                    if let Err(error) = self.message(piece.octets, piece.first, piece.at, facts) {
                        facts.fault("rdp", error);
                    }
                }
            }
            is_opening.set(matches!(self.stage, Stage::Opening | Stage::Plain));
        });
        if 0 < oversized {
            facts.limit("rdp_message_octets");
        }
        if let Some(place) = self.streams.get_mut(direction.index()) {
            *place = stream;
        }
    }

    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts) {
        match &mut self.stage {
            Stage::Tls(tls) => tls.gap(direction, lost, facts),
            Stage::Opening | Stage::Plain => {
                if let Some(stream) = self.streams.get_mut(direction.index())
                    && !stream.lose(lost)
                {
                    self.tell(facts);
                    self.stage = Stage::Over;
                }
            }
            Stage::Over => {}
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        self.tell(facts);
        if let Stage::Tls(tls) = &mut self.stage {
            tls.finish(facts);
        }
    }
}

/// Whether these first octets of a direction are this protocol: a X.224 message that opens a
/// connection, with nothing behind it.
///
/// ```text
/// 3 0 length:u16 LI:u8 code:u8
/// ```
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    match *octets {
        [3, 0, high, low, indicator, code, ..] => {
            let length = usize::from(u16::from_be_bytes([high, low]));
            if length != usize::from(indicator) + 5 || indicator < 6 {
                return Recognised::No;
            }
            // Others open connections alike; what is behind the class tells.
            match (code, octets.get(11)) {
                (0xe0, None | Some(b'C' | 1)) => Recognised::Yes(Direction::ToServer),
                (0xd0, None | Some(2 | 3)) => Recognised::Yes(Direction::ToClient),
                _ => Recognised::No,
            }
        }
        [] | [3] | [3, 0] | [3, 0, _] | [3, 0, _, _] | [3, 0, _, _, _] => Recognised::TooShort,
        _ => Recognised::No,
    }
}

/// `version:u8 reserved:u8 length:u16` (RFC 1006 section 6).
fn frame(octets: &[u8]) -> Framing {
    match *octets {
        [3, _, high, low, ..] => {
            let length = usize::from(u16::from_be_bytes([high, low]));
            if length < 7 {
                return Framing::Drop(4);
            }
            Framing::Whole(length)
        }
        [3, ..] | [] => Framing::Need(4),
        _ => Framing::LOST,
    }
}

/// The client's core data come in some 400 octets, with all its channels in a thousand.
const MESSAGE_OCTETS_MAX: usize = 8 * 1024;
