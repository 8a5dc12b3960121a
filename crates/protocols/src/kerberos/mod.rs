//! Kerberos over UDP and TCP (RFC 4120): tickets asked for, given and refused.
//!
//! Reads the clear parts of AS, TGS and error messages; AP-REQ in other protocols is read here for
//! [`crate::gss`]. Passwords changed by RFC 3244 (port 464) are passed over: what is in them is sealed.
//! Nothing is decrypted, and no name is resolved.

pub mod facts;
mod frame;
pub mod message;
pub mod parse;
mod session;

pub use frame::recognise;

use crate::wire::{Assembler, ParseError, Piece};
use crate::{Dissector, Facts, Stamp};
use message::{Body, KdcRep, KdcReq, KrbError};
use realmward_event::Fact;
use realmward_event::kerberos::Exchange;
use realmward_vocab::{Direction, PacketRef};
use session::{Request, Session, Waiting};

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    over_udp: bool,
    assemblers: [Assembler; 2],
    /// By direction: octets were lost, and the next record is to be found.
    astray: [bool; 2],
    session: Session,
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

    fn gap(&mut self, direction: Direction, lost: u64, _facts: &mut Facts) {
        self.session.give_up();
        let place = direction.index();
        if let (Some(assembler), Some(astray)) =
            (self.assemblers.get_mut(place), self.astray.get_mut(place))
        {
            *astray |= !assembler.lose(lost);
        }
    }

    fn finish(&mut self, _facts: &mut Facts) {
        self.session.give_up();
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
        if frame::is_password_change(octets) {
            return;
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
            Body::ApReq(_) | Body::Other(_) => {}
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

    fn wait(&mut self, request: Request, packets: [PacketRef; 2]) {
        if self.session.ask(Waiting { request, packets }) {
            self.facts.limit("kerberos_requests_waiting");
        }
    }

    fn answered_as(&mut self, reply: &KdcRep<'_>, first: PacketRef, at: Stamp) {
        let Some(ticket) = &reply.ticket else { return };
        let client = facts::principal(&reply.cname);
        let (request, packets) = self.session.answered_as(&client).unzip();
        let fact = facts::ticket_granted(reply, facts::ticket(ticket), request);
        self.answer(packets, first, at, Fact::TicketGranted(fact));
    }

    fn answered_tgs(&mut self, reply: &KdcRep<'_>, first: PacketRef, at: Stamp) {
        let Some(ticket) = &reply.ticket else { return };
        let ticket = facts::ticket(ticket);
        let (request, packets) = self.session.answered_tgs(&ticket.service).unzip();
        let fact = facts::service_ticket_issued(reply, ticket, request);
        self.answer(packets, first, at, Fact::ServiceTicketIssued(fact));
    }

    fn refused(&mut self, error: &KrbError<'_>, first: PacketRef, at: Stamp) {
        if error.error_code.is_none() {
            return;
        }
        let mut fact = facts::refused(error, Exchange::Unknown);
        let waiting = self.session.refused(&fact.service);
        let packets = waiting.as_ref().map(|it| it.packets);
        match waiting.map(|it| it.request) {
            Some(Request::As(asked)) => {
                fact.exchange = Exchange::As;
                fact.client = fact.client.or(asked.client);
            }
            Some(Request::Tgs(asked)) => {
                fact.exchange = Exchange::Tgs;
                fact.presented = Some(asked.presented);
            }
            None => {}
        }
        self.answer(packets, first, at, Fact::KerberosRefused(fact));
    }

    /// Reports what a reply completed: packets of the request first, then those of the reply.
    fn answer(&mut self, asked: Option<[PacketRef; 2]>, first: PacketRef, at: Stamp, fact: Fact) {
        match asked {
            Some([begin, end]) => self.facts.report(at, &[begin, end, first, at.packet], fact),
            None => self.facts.report(at, &[first, at.packet], fact),
        }
    }
}

/// Whether enough of a request was read to say who asks whom.
fn is_readable(request: &KdcReq<'_>) -> bool {
    let body = &request.req_body;
    !body.realm.is_empty() || body.sname.is_some() || body.cname.is_some()
}

/// A request that asks for nothing.
const NO_BODY: ParseError = ParseError::Malformed { field: "req-body" };
