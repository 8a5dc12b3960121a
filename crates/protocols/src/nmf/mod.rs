//! .NET message framing (MC-NMF) with its negotiate stream (MS-NNS): Active Directory Web Services, at
//! port 9389, is asked in it by PowerShell and by whoever would rather not be seen in LDAP.
//!
//! In clear are the address asked for and the tokens of NTLM or Kerberos; then everything is sealed, and
//! only measured. Services that upgrade to TLS instead are not read.

mod framing;
mod parse;

pub use parse::recognise;

use crate::gss::Exchange;
use crate::wire::{Assembler, Piece};
use crate::{Dissector, EVIDENCE_MAX, Facts, Stamp};
use framing::{Form, Framer};
use realmward_event::http::WebServiceBound;
use realmward_event::ldap::DirectorySessionSealed;
use realmward_event::{Carrier, Fact, Outcome};
use realmward_vocab::{Direction, PacketRef};

/// One connection.
#[derive(Debug)]
pub struct Conversation {
    assemblers: [Assembler; 2],
    framers: [Framer; 2],
    session: Session,
}

/// What is known of a connection.
#[derive(Debug)]
struct Session {
    exchange: Exchange,
    bound: WebServiceBound,
    evidence: Vec<PacketRef>,
    at: Stamp,
    /// Whether the handshake was told of.
    is_told: bool,
    sealed: DirectorySessionSealed,
    /// Where the first and the last sealed buffer came.
    span: Option<(Stamp, Stamp)>,
    is_over: bool,
}

impl Default for Conversation {
    fn default() -> Self {
        Self::new()
    }
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new() -> Self {
        Self {
            assemblers: [Assembler::default(), Assembler::default()],
            framers: [Framer::default(), Framer::default()],
            session: Session {
                exchange: Exchange::new(Carrier::WebService),
                bound: WebServiceBound::default(),
                evidence: Vec::new(),
                at: Stamp::default(),
                is_told: false,
                sealed: DirectorySessionSealed::default(),
                span: None,
                is_over: false,
            },
        }
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        let Self {
            assemblers,
            framers,
            session,
        } = self;
        let place = direction.index();
        let (Some(assembler), Some(framer)) = (assemblers.get_mut(place), framers.get(place))
        else {
            return;
        };
        if session.is_over {
            return;
        }
        if session.is_told {
            framer.seal();
        }
        let oversized = assembler.feed(
            octets,
            at,
            MESSAGE_OCTETS_MAX,
            |octets| framer.frame(octets),
            |piece| session.take(direction, framer.delivered(piece.octets), &piece, facts),
        );
        for _ in 0..oversized {
            facts.limit("nmf_message_octets");
        }
    }

    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts) {
        let Some(assembler) = self.assemblers.get_mut(direction.index()) else {
            return;
        };
        if !assembler.lose(lost) {
            // Nothing in the stream tells where a message begins.
            self.session.finish(facts);
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        self.session.finish(facts);
    }

    fn is_done(&self) -> bool {
        self.session.is_over
    }
}

impl Session {
    fn take(&mut self, direction: Direction, form: Form, piece: &Piece<'_>, facts: &mut Facts) {
        if self.is_over {
            return;
        }
        match form {
            Form::Via => {
                self.bound.via = parse::text(piece.octets);
                self.saw(piece);
            }
            Form::Upgrade if !parse::is_negotiate(piece.octets) => self.finish(facts),
            Form::Record | Form::Upgrade => {}
            Form::Handshake => self.handshake(direction, piece, facts),
            Form::Sealed => self.sealed(direction, piece),
            Form::Strange => {
                facts.fault(
                    "nmf",
                    crate::wire::ParseError::Malformed { field: "record" },
                );
                self.finish(facts);
            }
        }
    }

    fn handshake(&mut self, direction: Direction, piece: &Piece<'_>, facts: &mut Facts) {
        let Some((id, payload)) = parse::handshake(piece.octets) else {
            return;
        };
        self.saw(piece);
        if id != parse::HANDSHAKE_ERROR {
            let exchange = &mut self.exchange;
            exchange.token(direction, payload, piece.first, piece.at, facts);
        }
        match (direction, id) {
            (Direction::ToClient, parse::HANDSHAKE_DONE) => self.tell(Outcome::Success, facts),
            (_, parse::HANDSHAKE_ERROR) => {
                self.bound.error = parse::error_code(payload);
                self.tell(Outcome::Failure, facts);
            }
            _ => {}
        }
    }

    fn sealed(&mut self, direction: Direction, piece: &Piece<'_>) {
        let octets = piece.octets.len().saturating_add(piece.passed_over);
        let octets = u64::try_from(octets).unwrap_or(u64::MAX);
        let sealed = &mut self.sealed;
        let (count, sum) = match direction {
            Direction::ToServer => (&mut sealed.requests, &mut sealed.request_octets),
            Direction::ToClient => (&mut sealed.answers, &mut sealed.answer_octets),
        };
        *count = count.saturating_add(1);
        *sum = sum.saturating_add(octets);
        let first = self.span.map_or(piece.at, |(first, _)| first);
        self.span = Some((first, piece.at));
    }

    fn saw(&mut self, piece: &Piece<'_>) {
        self.at = piece.at;
        for packet in [piece.first, piece.at.packet] {
            if self.evidence.len() < EVIDENCE_MAX {
                self.evidence.push(packet);
            }
        }
    }

    /// The handshake has ended.
    fn tell(&mut self, outcome: Outcome, facts: &mut Facts) {
        if std::mem::replace(&mut self.is_told, true) {
            return;
        }
        match outcome {
            Outcome::Attempt => self.exchange.finish(facts),
            outcome => self.exchange.answered(outcome, None, self.at, facts),
        }
        let mut bound = std::mem::take(&mut self.bound);
        bound.principal = self.exchange.principal();
        bound.outcome = outcome;
        self.sealed.principal = bound.principal.clone();
        facts.report(self.at, &self.evidence, Fact::WebServiceBound(bound));
    }

    fn finish(&mut self, facts: &mut Facts) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        if !self.bound.via.is_empty() {
            self.tell(Outcome::Attempt, facts);
        }
        if let Some((first, last)) = self.span.take() {
            let duration = last.time.saturating_since(first.time);
            self.sealed.duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            let sealed = Fact::DirectorySessionSealed(std::mem::take(&mut self.sealed));
            facts.report(last, &[first.packet, last.packet], sealed);
        }
    }
}

/// A handshake message has at most 64 KiB and its header. A longer record is passed over and counted.
const MESSAGE_OCTETS_MAX: usize = 65_536 + 5;
