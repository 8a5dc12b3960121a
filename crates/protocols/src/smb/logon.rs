//! Session setup: from the first token to the server's verdict, however many legs it takes.

use super::asked::Moment;
use super::facts;
use crate::gss::Exchange;
use crate::{EVIDENCE_MAX, Facts};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::smb::SmbSessionAnswered;
use realmward_event::{Carrier, Fact, Outcome, SessionPrincipal};
use realmward_vocab::{Direction, NtStatus, PacketRef};

/// A session setup under way.
#[derive(Debug)]
pub(crate) struct Logon {
    claim: Claim,
    /// Another connection joins a session that exists.
    pub(crate) binds: bool,
    /// It takes the place of an earlier session.
    pub(crate) resumes: bool,
    evidence: Vec<PacketRef>,
    moment: Moment,
}

/// Who the client says it is, and by which proof.
#[derive(Debug)]
enum Claim {
    /// Tokens, as of extended security.
    Tokens(Box<Exchange>),
    /// Name and response in the message itself, as SMB1 has it without extended security.
    Response(Box<NtlmAuthenticated>),
    /// Name and password in clear, or no password at all.
    Plain(SessionPrincipal),
}

/// What the server's answer says beside the status.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verdict<'a> {
    pub(crate) token: &'a [u8],
    pub(crate) is_guest: bool,
    pub(crate) is_null: bool,
    pub(crate) encrypts: bool,
}

impl Logon {
    /// One that goes by tokens.
    pub(crate) fn by_tokens() -> Self {
        Self::new(Claim::Tokens(Box::new(Exchange::new(Carrier::Smb))))
    }

    /// One whose client answered the challenge of the negotiation.
    pub(crate) fn by_response(fact: NtlmAuthenticated) -> Self {
        Self::new(Claim::Response(Box::new(fact)))
    }

    /// One without proof that we read.
    pub(crate) fn plain(principal: SessionPrincipal) -> Self {
        Self::new(Claim::Plain(principal))
    }

    fn new(claim: Claim) -> Self {
        Self {
            claim,
            binds: false,
            resumes: false,
            evidence: Vec::new(),
            moment: Moment::default(),
        }
    }

    /// The client's next leg.
    pub(crate) fn ask(&mut self, token: &[u8], moment: Moment, facts: &mut Facts) {
        self.token(Direction::ToServer, token, moment, facts);
        self.moment = moment;
    }

    /// The server's next leg: whether it was the last.
    pub(crate) fn answer(&mut self, token: &[u8], moment: Moment, facts: &mut Facts) {
        self.token(Direction::ToClient, token, moment, facts);
    }

    fn token(&mut self, direction: Direction, token: &[u8], moment: Moment, facts: &mut Facts) {
        if let Claim::Tokens(exchange) = &mut self.claim {
            exchange.token(direction, token, moment.first, moment.at, facts);
        }
        for packet in moment.packets() {
            if self.evidence.len() < EVIDENCE_MAX {
                self.evidence.push(packet);
            }
        }
    }

    /// Who the client says it is, as far as it said it.
    pub(crate) fn principal(&self) -> SessionPrincipal {
        match &self.claim {
            Claim::Tokens(exchange) => exchange.principal(),
            Claim::Response(fact) => facts::principal(fact),
            Claim::Plain(principal) => principal.clone(),
        }
    }

    /// The server has decided: tells so, and whose session it is.
    pub(crate) fn conclude(
        self,
        status: NtStatus,
        verdict: Verdict<'_>,
        moment: Moment,
        facts: &mut Facts,
    ) -> SessionPrincipal {
        let principal = match verdict.is_null {
            true => SessionPrincipal::Anonymous,
            false => self.principal(),
        };
        let outcome = Outcome::from(status);
        match self.claim {
            Claim::Tokens(mut exchange) => {
                exchange.answered(outcome, Some(status), moment.at, facts);
            }
            Claim::Response(fact) => {
                let fact = NtlmAuthenticated {
                    outcome,
                    status: Some(status),
                    ..*fact
                };
                facts.report(moment.at, &self.evidence, Fact::NtlmAuthenticated(fact));
            }
            Claim::Plain(_) => {}
        }
        let fact = SmbSessionAnswered {
            principal: principal.clone(),
            status,
            encrypted: verdict.encrypts,
            guest: verdict.is_guest,
            null: verdict.is_null,
            binding: self.binds,
            resumes: self.resumes,
        };
        facts.report(moment.at, &self.evidence, Fact::SmbSessionAnswered(fact));
        principal
    }

    /// No verdict will come.
    pub(crate) fn give_up(self, facts: &mut Facts) {
        match self.claim {
            Claim::Tokens(mut exchange) => exchange.finish(facts),
            Claim::Response(fact) => {
                let fact = NtlmAuthenticated {
                    outcome: Outcome::Attempt,
                    ..*fact
                };
                facts.report(
                    self.moment.at,
                    &self.evidence,
                    Fact::NtlmAuthenticated(fact),
                );
            }
            Claim::Plain(_) => {}
        }
    }
}
