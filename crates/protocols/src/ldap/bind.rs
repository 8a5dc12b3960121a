//! A bind from its first request to its last answer: SASL and sicily take several.

use super::facts;
use super::message::{AuthenticationChoice, BindRequest, LdapResult};
use super::session::Arrived;
use crate::gss::Exchange;
use crate::{EVIDENCE_MAX, Facts, Stamp};
use realmward_event::ldap::DirectoryBound;
use realmward_event::{Carrier, Fact, Outcome, SessionPrincipal};
use realmward_vocab::{Direction, PacketRef, ResultCode};

/// A bind that has no final answer yet.
#[derive(Debug)]
pub(crate) struct Bind {
    /// `messageID` of the last request.
    pub(crate) message_id: u32,
    fact: DirectoryBound,
    exchange: Option<Exchange>,
    /// A step of the exchange whose success is not yet the end: sicily has two.
    is_first_step: bool,
    evidence: Vec<PacketRef>,
    /// Where its last message so far was complete.
    at: Stamp,
}

impl Bind {
    /// A bind that this request begins.
    pub(crate) fn new(fact: DirectoryBound, request: &BindRequest<'_>) -> Self {
        let exchange = match request.authentication {
            AuthenticationChoice::Sasl { .. } | AuthenticationChoice::Sicily { .. } => {
                Some(Exchange::new(Carrier::Ldap))
            }
            AuthenticationChoice::Simple { .. } | AuthenticationChoice::Other => None,
        };
        Self {
            message_id: 0,
            fact,
            exchange,
            is_first_step: false,
            evidence: Vec::new(),
            at: Stamp::default(),
        }
    }

    /// Whether a request that tells `fact` goes on with this bind rather than begins another.
    pub(crate) fn is_continued_by(&self, fact: &DirectoryBound) -> bool {
        self.exchange.is_some() && self.fact.mechanism == fact.mechanism
    }

    /// The same bind, with what its next request tells.
    pub(crate) fn again(mut self, fact: DirectoryBound) -> Self {
        if fact.principal != SessionPrincipal::Unknown {
            self.fact = fact;
        }
        self
    }

    /// Takes a request.
    pub(crate) fn request(
        &mut self,
        authentication: AuthenticationChoice<'_>,
        it: Arrived<'_>,
        facts: &mut Facts,
    ) {
        self.message_id = it.envelope.message_id;
        self.saw(it);
        let (token, is_first_step) = match authentication {
            AuthenticationChoice::Sasl { credentials, .. } => (credentials, false),
            AuthenticationChoice::Sicily { is_response, token } => (token, !is_response),
            AuthenticationChoice::Simple { .. } | AuthenticationChoice::Other => (&[][..], false),
        };
        self.is_first_step = is_first_step;
        self.token(Direction::ToServer, token, it, facts);
    }

    /// Takes an answer.
    pub(crate) fn response(&mut self, result: &LdapResult<'_>, it: Arrived<'_>, facts: &mut Facts) {
        self.saw(it);
        let token = if result.matched_dn.starts_with(b"NTLMSSP\0") {
            result.matched_dn
        } else {
            result.server_sasl_creds
        };
        self.token(Direction::ToClient, token, it, facts);
        let code = ResultCode(result.result_code);
        if !self.goes_on_after(code) {
            self.fact.result = Some(code);
            self.fact.diagnostic = facts::diagnostic(result.diagnostic_message);
        }
    }

    /// Whether an answer with this code asks for another request.
    pub(crate) fn goes_on_after(&self, code: ResultCode) -> bool {
        code == ResultCode::SASL_BIND_IN_PROGRESS
            || (code == ResultCode::SUCCESS && self.is_first_step)
    }

    /// Tells of the bind; gives whose session it asked for and whether by SASL.
    pub(crate) fn conclude(mut self, facts: &mut Facts) -> (SessionPrincipal, bool) {
        let is_sasl = self.exchange.is_some();
        if let Some(exchange) = &mut self.exchange {
            match facts::outcome(self.fact.result) {
                Outcome::Attempt => exchange.finish(facts),
                outcome => exchange.answered(outcome, None, self.at, facts),
            }
            let principal = exchange.principal();
            if principal != SessionPrincipal::Unknown {
                self.fact.principal = principal;
            }
        }
        let principal = if facts::is_unauthenticated(&self.fact) {
            SessionPrincipal::Anonymous
        } else {
            self.fact.principal.clone()
        };
        facts.report(self.at, &self.evidence, Fact::DirectoryBound(self.fact));
        (principal, is_sasl)
    }

    fn saw(&mut self, it: Arrived<'_>) {
        self.at = it.at;
        for packet in [it.first, it.at.packet] {
            if self.evidence.len() < EVIDENCE_MAX && self.evidence.last() != Some(&packet) {
                self.evidence.push(packet);
            }
        }
    }

    fn token(&mut self, direction: Direction, token: &[u8], it: Arrived<'_>, facts: &mut Facts) {
        let is_wrap_token = token.starts_with(&[0x05, 0x04]);
        if let Some(exchange) = self.exchange.as_mut().filter(|_| !is_wrap_token) {
            exchange.token(direction, token, it.first, it.at, facts);
        }
    }
}
