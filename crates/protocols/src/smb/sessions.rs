//! Whose sessions a connection carries, as their setups say.

use super::asked::Moment;
use super::limits::SESSIONS_MAX;
use super::logon::{Logon, Verdict};
use super::table::{Displaced, Table};
use crate::{Facts, Opaque};
use realmward_event::smb::SmbSessionEncrypted;
use realmward_event::{Fact, SessionPrincipal};
use realmward_vocab::NtStatus;

/// The sessions of a connection, by `SessionId` or `UID`.
#[derive(Debug)]
pub(crate) struct Sessions {
    known: Table<u64, Session>,
    claim: Claim,
}

#[derive(Debug, Default)]
struct Session {
    /// `None` until the server let it in.
    principal: Option<SessionPrincipal>,
    /// A setup whose last leg is still to come.
    logon: Option<Box<Logon>>,
    hidden_counted: bool,
}

/// Whose all sessions are while the server was never heard, as in a capture of one direction: a client
/// would not go on if it had been refused.
#[derive(Debug, Default)]
enum Claim {
    #[default]
    None,
    One(SessionPrincipal),
    /// The server was heard, or clients share the connection: claims do not count.
    Void,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            known: Table::new(SESSIONS_MAX),
            claim: Claim::default(),
        }
    }
}

impl Sessions {
    /// The setup that a session's next leg goes on with, if one is under way.
    pub(crate) fn logon(&mut self, session: u64) -> Option<Box<Logon>> {
        self.known.find_mut(session)?.logon.take()
    }

    /// A session setup was answered.
    pub(crate) fn set_up(
        &mut self,
        session: u64,
        mut logon: Box<Logon>,
        status: NtStatus,
        verdict: Verdict<'_>,
        moment: Moment,
        facts: &mut Facts,
    ) {
        logon.answer(verdict.token, moment, facts);
        if status == NtStatus::STATUS_MORE_PROCESSING_REQUIRED {
            if let Some(session) = self.session(session, facts) {
                session.logon = Some(logon);
            }
            return;
        }
        let principal = logon.conclude(status, verdict, moment, facts);
        if !status.is_error() {
            if let Some(session) = self.session(session, facts) {
                session.principal = Some(principal);
            }
        } else if self
            .known
            .find(session)
            .is_some_and(|it| it.principal.is_none())
        {
            self.known.remove(session);
        }
    }

    /// An encrypted message of a session went by. No session has the number 0, but some clients send
    /// it once they have logged off.
    pub(crate) fn hide(&mut self, session: u64, moment: Moment, facts: &mut Facts) {
        if session == 0 {
            return;
        }
        if let Some(known) = self.session(session, facts)
            && !std::mem::replace(&mut known.hidden_counted, true)
        {
            facts.opaque(Opaque::Smb3Session);
            let fact = SmbSessionEncrypted {
                principal: self.principal(session),
            };
            facts.report(
                moment.at,
                &moment.packets(),
                Fact::SmbSessionEncrypted(fact),
            );
        }
    }

    /// A session setup claims to be of someone.
    pub(crate) fn claim(&mut self, principal: SessionPrincipal) {
        if principal == SessionPrincipal::Unknown {
            return;
        }
        self.claim = match std::mem::replace(&mut self.claim, Claim::Void) {
            Claim::None => Claim::One(principal),
            Claim::One(before) if before == principal => Claim::One(before),
            _ => Claim::Void,
        };
    }

    /// The server was heard.
    pub(crate) fn hear_server(&mut self) {
        self.claim = Claim::Void;
    }

    /// Whose session it is, as far as known.
    pub(crate) fn principal(&self, session: u64) -> SessionPrincipal {
        let known = self.known.find(session);
        match (known.and_then(|it| it.principal.as_ref()), &self.claim) {
            (Some(principal), _) | (None, Claim::One(principal)) => principal.clone(),
            _ => SessionPrincipal::Unknown,
        }
    }

    /// The session of this id, made if it is not known.
    fn session(&mut self, id: u64, facts: &mut Facts) -> Option<&mut Session> {
        if self.known.find(id).is_none()
            && let Displaced::Oldest(oldest) = self.known.insert(id, Session::default())
        {
            facts.limit("smb_sessions");
            oldest.give_up(facts);
        }
        self.known.find_mut(id)
    }

    /// A session is over.
    pub(crate) fn log_off(&mut self, session: u64, facts: &mut Facts) {
        if let Some(session) = self.known.remove(session) {
            session.give_up(facts);
        }
    }

    /// The connection is over.
    pub(crate) fn finish(&mut self, facts: &mut Facts) {
        for session in self.known.take_all() {
            session.give_up(facts);
        }
    }
}

impl Session {
    fn give_up(self, facts: &mut Facts) {
        if let Some(logon) = self.logon {
            logon.give_up(facts);
        }
    }
}
