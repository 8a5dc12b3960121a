//! Session setup of SMB1, with tokens or with the older responses.

use super::super::asked::Question;
use super::super::facts;
use super::super::logon::{Logon, Verdict};
use super::commands;
use super::message::{Block, SessionSetup};
use super::session::Turn;
use crate::Facts;
use crate::ntlm::message::{Authenticate, Text};
use realmward_event::SessionPrincipal;
use realmward_vocab::{AccountName, NtStatus};

impl Turn<'_> {
    pub(super) fn session_setup(
        &mut self,
        setup: &SessionSetup<'_>,
        facts: &mut Facts,
    ) -> Question {
        let (mut logon, token) = match *setup {
            SessionSetup::Token(token) => {
                let known = self.connection.sessions.logon(self.header.uid.into());
                let logon = known.unwrap_or_else(|| Box::new(Logon::by_tokens()));
                (logon, token)
            }
            SessionSetup::Response { lm, nt, names } => {
                (Box::new(self.by_response(lm, nt, names)), &[][..])
            }
        };
        logon.ask(token, self.moment, facts);
        self.connection.claim(&logon);
        Question::SessionSetup(logon)
    }

    /// A logon without tokens. What may be a password in clear is not looked at.
    fn by_response(&self, lm: &[u8], nt: &[u8], [user, domain]: [&[u8]; 2]) -> Logon {
        let unicode = self.header.is_unicode();
        let text = |octets| Text { octets, unicode };
        let message = Authenticate {
            lm_challenge_response: lm,
            nt_challenge_response: nt,
            user_name: text(user),
            domain_name: text(domain),
            ..Authenticate::default()
        };
        let negotiation = &self.connection.negotiation;
        let is_anonymous = user.is_empty() && nt.is_empty() && lm.len() < 2;
        let is_response = lm.len() == RESPONSE_OCTETS || RESPONSE_OCTETS <= nt.len();
        if is_anonymous || (is_response && !negotiation.takes_plaintext) {
            return Logon::by_response(facts::authenticated(&message, negotiation.challenge));
        }
        let name = AccountName::new(message.user_name.decode());
        Logon::plain(SessionPrincipal::Named(name))
    }

    /// A session setup was answered.
    pub(super) fn session_set_up(
        &mut self,
        logon: Box<Logon>,
        status: NtStatus,
        block: &Block<'_>,
        facts: &mut Facts,
    ) {
        let (is_guest, token) = commands::session_setup_response(block);
        let verdict = Verdict {
            token,
            is_guest,
            ..Verdict::default()
        };
        let session = self.header.uid.into();
        self.connection
            .sessions
            .set_up(session, logon, status, verdict, self.moment, facts);
    }
}

/// Octets of LM and NT responses of the first version.
const RESPONSE_OCTETS: usize = 24;
