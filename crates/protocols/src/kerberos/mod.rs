//! Kerberos over UDP and TCP (RFC 4120): tickets asked for, given and refused.
//!
//! Reads the clear parts of AS, TGS and error messages and of changes of passwords (RFC 3244, port
//! 464); AP-REQ in other protocols is read here for [`crate::gss`]. What else a service may say over
//! its own connection (KRB-SAFE, KRB-PRIV, KRB-CRED) is counted. Nothing is decrypted, and no name is
//! resolved.

mod answers;
pub mod facts;
mod frame;
pub mod message;
pub mod parse;
mod session;

pub use frame::recognise;

use crate::wire::{Assembler, ParseError, Piece};
use crate::{Dissector, Facts, Opaque, Stamp};
use message::{Body, KdcReq};
use realmward_event::Fact;
use realmward_vocab::{Direction, PacketRef};
use session::{Request, Session};

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    over_udp: bool,
    assemblers: [Assembler; 2],
    /// By direction: octets were lost, and the next record is to be found.
    astray: [bool; 2],
    session: Session,
    /// Where the last octets came in.
    at: Stamp,
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
        self.at = at;
        let mut reading = Reading {
            over_udp: self.over_udp,
            session: &mut self.session,
            facts,
        };
        if self.over_udp {
            if !reading.session.is_repeated(octets) {
                reading.message(octets, at.packet, at);
            }
            return;
        }
        let place = direction.index();
        let (Some(assembler), Some(astray)) =
            (self.assemblers.get_mut(place), self.astray.get_mut(place))
        else {
            return;
        };
        let framing = if *astray { frame::found } else { frame::next };
        let oversized = assembler.feed(
            octets,
            at,
            frame::RECORD_OCTETS_MAX,
            framing,
            |piece: Piece<'_>| {
                *astray = false;
                let message = piece.octets.get(frame::MARK_OCTETS..).unwrap_or_default();
                reading.message(message, piece.first, piece.at);
            },
        );
        for _ in 0..oversized {
            reading.facts.limit("kerberos_record_octets");
        }
    }

    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts) {
        answers::give_up(&mut self.session, self.at, facts);
        let place = direction.index();
        if let (Some(assembler), Some(astray)) =
            (self.assemblers.get_mut(place), self.astray.get_mut(place))
        {
            *astray |= !assembler.lose(lost);
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        answers::give_up(&mut self.session, self.at, facts);
    }
}

/// What reading one message needs.
struct Reading<'a> {
    over_udp: bool,
    session: &'a mut Session,
    facts: &'a mut Facts,
}

impl Reading<'_> {
    fn message(&mut self, octets: &[u8], first: PacketRef, at: Stamp) {
        if parse::is_password(octets) {
            return self.password(octets, first, at);
        }
        let message = match parse::message(octets) {
            Ok(message) => message,
            Err(fault) => return self.facts.fault("kerberos", fault),
        };
        match &message.body {
            Body::AsReq(request) if is_readable(request) => self.asked_as(request, first, at),
            Body::TgsReq(request) if is_readable(request) => self.asked_tgs(request, first, at),
            Body::AsRep(reply) => self.answered_as(reply, first, at),
            Body::TgsRep(reply) => self.answered_tgs(reply, first, at),
            Body::KrbError(error) => self.refused(error, first, at),
            Body::AsReq(_) | Body::TgsReq(_) => self.facts.fault("kerberos", NO_BODY),
            Body::ApReq(_) => {}
            Body::Other(number) => {
                if matches!(number, 20..=22) {
                    self.facts.opaque(Opaque::SealedKerberos);
                }
            }
        }
        if let Some(fault) = message.fault {
            self.facts.fault("kerberos", fault);
        }
    }

    fn asked_as(&mut self, request: &KdcReq<'_>, first: PacketRef, at: Stamp) {
        let asked = facts::ticket_grant_requested(request, self.over_udp, self.facts);
        let packets = [first, at.packet];
        let fact = Fact::TicketGrantRequested(asked.clone());
        self.facts.report(at, &packets, fact);
        self.wait(Request::As(asked), packets);
    }

    fn asked_tgs(&mut self, request: &KdcReq<'_>, first: PacketRef, at: Stamp) {
        let asked = facts::service_ticket_requested(request, self.over_udp, self.facts);
        let packets = [first, at.packet];
        let fact = Fact::ServiceTicketRequested(asked.clone());
        self.facts.report(at, &packets, fact);
        self.wait(Request::Tgs(asked), packets);
    }
}

/// Whether enough of a request was read to say who asks whom.
fn is_readable(request: &KdcReq<'_>) -> bool {
    let body = &request.req_body;
    !body.realm.is_empty() || body.sname.is_some() || body.cname.is_some()
}

/// A request that asks for nothing.
const NO_BODY: ParseError = ParseError::Malformed { field: "req-body" };
