//! The three messages of one NTLM logon, however many of them were seen.

use super::facts;
use crate::ntlm::{message::Message, parse};
use crate::wire::ParseError;
use crate::{EVIDENCE_MAX, Facts, Stamp};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::{Carrier, Fact, Outcome, SessionPrincipal};
use realmward_vocab::{NtStatus, PacketRef};

/// How far an NTLM logon has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Round {
    carrier: Carrier,
    fact: Box<NtlmAuthenticated>,
    evidence: Vec<PacketRef>,
    /// Where AUTHENTICATE was complete, if it was seen.
    authenticate: Option<Stamp>,
}

impl Round {
    /// A logon not yet begun.
    pub(super) fn new(carrier: Carrier) -> Self {
        Self {
            carrier,
            ..Self::default()
        }
    }

    /// The next message; gives the claimed principal if it is the third one. A message that cannot
    /// follow what was seen begins a new round, and the one before stays an attempt.
    ///
    /// # Errors
    ///
    /// [`ParseError`] when it is no NTLM message.
    pub(super) fn message(
        &mut self,
        octets: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<Option<SessionPrincipal>, ParseError> {
        let mut claimed = None;
        match parse::message(octets)? {
            Message::Negotiate(message) => {
                self.give_up(facts);
                facts::add_negotiate(&mut self.fact, &message);
            }
            Message::Challenge(message) => {
                if self.fact.server_challenge.is_some() {
                    self.give_up(facts);
                }
                facts::add_challenge(&mut self.fact, &message);
            }
            Message::Authenticate(message) => {
                if self.authenticate.is_some() {
                    self.give_up(facts);
                }
                facts::add_authenticate(&mut self.fact, &message);
                self.authenticate = Some(at);
                claimed = Some(facts::principal(&self.fact));
            }
        }
        self.prove(first);
        self.prove(at.packet);
        Ok(claimed)
    }

    /// The server's verdict: reports the logon if its third message was seen, and forgets it.
    pub(super) fn answered(
        &mut self,
        outcome: Outcome,
        status: Option<NtStatus>,
        at: Stamp,
        facts: &mut Facts,
    ) {
        if self.authenticate.is_some() {
            self.prove(at.packet);
            self.report(outcome, status, at, facts);
        }
    }

    /// No verdict will come: the logon stays an attempt at the time of its third message.
    pub(super) fn give_up(&mut self, facts: &mut Facts) {
        if let Some(at) = self.authenticate {
            self.report(Outcome::Attempt, None, at, facts);
        }
        *self = Self::new(self.carrier);
    }

    fn report(&mut self, outcome: Outcome, status: Option<NtStatus>, at: Stamp, facts: &mut Facts) {
        let Self { fact, evidence, .. } = std::mem::replace(self, Self::new(self.carrier));
        let fact = NtlmAuthenticated {
            carrier: self.carrier,
            outcome,
            status,
            ..*fact
        };
        facts.report(at, &evidence, Fact::NtlmAuthenticated(fact));
    }

    fn prove(&mut self, packet: PacketRef) {
        if self.evidence.len() < EVIDENCE_MAX && !self.evidence.contains(&packet) {
            self.evidence.push(packet);
        }
    }
}
