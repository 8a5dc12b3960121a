//! What an answer completes, together with the request that waited for it.

use super::message::{KdcRep, KrbError, Password, PasswordContent};
use super::session::{Request, Session, Waiting};
use super::{Reading, facts, parse};
use crate::{Facts, Stamp};
use realmward_event::kerberos::Exchange;
use realmward_event::{Fact, Outcome};
use realmward_vocab::{KerberosError, PacketRef};

impl Reading<'_> {
    pub(super) fn wait(&mut self, request: Request, packets: [PacketRef; 2]) {
        if self.session.ask(Waiting { request, packets }) {
            self.facts.limit("kerberos_requests_waiting");
        }
    }

    pub(super) fn answered_as(&mut self, reply: &KdcRep<'_>, first: PacketRef, at: Stamp) {
        let Some(ticket) = &reply.ticket else { return };
        let client = facts::principal(&reply.cname);
        let (request, packets) = self.session.answered_as(&client).unzip();
        let fact = facts::ticket_granted(reply, facts::ticket(ticket), request);
        self.answer(packets, first, at, Fact::TicketGranted(fact));
    }

    pub(super) fn answered_tgs(&mut self, reply: &KdcRep<'_>, first: PacketRef, at: Stamp) {
        let Some(ticket) = &reply.ticket else { return };
        let ticket = facts::ticket(ticket);
        let (request, packets) = self.session.answered_tgs(&ticket.service).unzip();
        let fact = facts::service_ticket_issued(reply, ticket, request);
        self.answer(packets, first, at, Fact::ServiceTicketIssued(fact));
    }

    pub(super) fn refused(&mut self, error: &KrbError<'_>, first: PacketRef, at: Stamp) {
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
                fact.timestamp = asked.timestamp;
                facts::add_request(&mut fact, asked.realm, asked.service);
            }
            Some(Request::Tgs(asked)) => {
                fact.exchange = Exchange::Tgs;
                fact.presented = Some(asked.presented);
                fact.client = fact.client.or(asked.client);
                facts::add_request(&mut fact, asked.realm, asked.service.unwrap_or_default());
            }
            Some(Request::Password(_)) | None => {}
        }
        self.answer(packets, first, at, Fact::KerberosRefused(fact));
    }

    /// A message about a password. An answer without its request tells nothing.
    pub(super) fn password(&mut self, octets: &[u8], first: PacketRef, at: Stamp) {
        let Password { version, content } = match parse::password(octets) {
            Ok(message) => message,
            Err(fault) => return self.facts.fault("kerberos", fault),
        };
        if let PasswordContent::Request(ap_req, sealed) = &content {
            let asked = facts::password_change(version, ap_req, sealed);
            return self.wait(Request::Password(asked), [first, at.packet]);
        }
        let Some((mut fact, packets)) = self.session.answered_password() else {
            return;
        };
        fact.outcome = Outcome::Attempt;
        match content {
            PasswordContent::Reply(sealed) => {
                fact.answer_octets = facts::length(sealed.enc_part.cipher);
            }
            PasswordContent::Error(error) => {
                fact.error = error.error_code.map(KerberosError);
                fact.result_code = facts::password_result(error.e_data);
                fact.outcome = Outcome::Failure;
            }
            PasswordContent::Request(..) => {}
        }
        let fact = Fact::PasswordChangeRequested(fact);
        self.answer(Some(packets), first, at, fact);
    }

    /// Reports what a reply completed: packets of the request first, then those of the reply.
    fn answer(&mut self, asked: Option<[PacketRef; 2]>, first: PacketRef, at: Stamp, fact: Fact) {
        match asked {
            Some([begin, end]) => self.facts.report(at, &[begin, end, first, at.packet], fact),
            None => self.facts.report(at, &[first, at.packet], fact),
        }
    }
}

/// Nothing that waits will be answered: tells of what no fact has told of yet.
pub(super) fn give_up(session: &mut Session, at: Stamp, facts: &mut Facts) {
    for (mut fact, packets) in session.give_up() {
        fact.outcome = Outcome::Attempt;
        facts.report(at, &packets, Fact::PasswordChangeRequested(fact));
    }
}
