//! The security contexts of one connection (MS-RPCE section 3.3.1.5.4): whose calls they carry.
//!
//! A verdict is not a field of this protocol. The third leg of NTLM has no answer of its own; the
//! server shows what it thinks of it in its answer to the first call.

use super::limits::SECURITY_CONTEXTS_MAX;
use super::message::AuthVerifier;
use crate::gss::Exchange;
use crate::{Facts, Stamp};
use realmward_event::{Carrier, Outcome, SessionPrincipal};
use realmward_vocab::{Direction, PacketRef};

/// The security contexts of one connection, by `auth_context_id`, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Security {
    contexts: Vec<Context>,
}

#[derive(Clone, Debug)]
struct Context {
    id: u32,
    auth_level: u8,
    exchange: Exchange,
    judged: bool,
}

impl Security {
    /// A token of a bind, an alter context, an auth3 or an answer to one of them.
    pub(super) fn token(
        &mut self,
        direction: Direction,
        auth: &AuthVerifier<'_>,
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) {
        let Some(context) = self.context(direction, auth, facts) else {
            return;
        };
        if carries_gss(auth.auth_type) && !auth.token.is_empty() {
            context
                .exchange
                .token(direction, auth.token, first, at, facts);
        }
    }

    /// The server answered a call of this context, or refused it.
    pub(super) fn judge(
        &mut self,
        id: Option<u32>,
        outcome: Outcome,
        at: Stamp,
        facts: &mut Facts,
    ) {
        if let Some(context) = self.used_mut(id)
            && !context.judged
        {
            context.judged = true;
            context.exchange.answered(outcome, None, at, facts);
        }
    }

    /// Whose calls these are, as far as RPC itself says. Calls of the lowest levels carry no
    /// verifier: they belong to the newest context.
    pub(super) fn principal(&self, id: Option<u32>) -> SessionPrincipal {
        self.used(id)
            .map(|context| context.exchange.principal())
            .unwrap_or_default()
    }

    /// The level of calls without a verifier: `connect` protects the bind only.
    pub(super) fn level_without_verifier(&self) -> u8 {
        self.used(None)
            .map(|context| context.auth_level)
            .filter(|level| *level == LEVEL_CONNECT)
            .unwrap_or(0)
    }

    /// The level of calls whose verifier was not captured: that of the newest context. If none is
    /// known, the highest, so that nothing is read in clear that may be sealed.
    pub(super) fn level(&self) -> u8 {
        self.used(None)
            .map_or(LEVEL_PRIVACY, |context| context.auth_level)
    }

    /// No verdict will come.
    pub(super) fn finish(&mut self, facts: &mut Facts) {
        for mut context in self.contexts.drain(..) {
            context.exchange.finish(facts);
        }
    }

    /// The context of a token. A client's token begins one, or another authentication in one that
    /// has its verdict.
    fn context(
        &mut self,
        direction: Direction,
        auth: &AuthVerifier<'_>,
        facts: &mut Facts,
    ) -> Option<&mut Context> {
        let id = auth.auth_context_id;
        let known = self.contexts.iter().any(|context| context.id == id);
        if direction == Direction::ToServer && !known {
            self.make_room(facts);
            self.contexts.push(Context {
                id,
                auth_level: auth.auth_level,
                exchange: Exchange::new(Carrier::Rpc),
                judged: false,
            });
        }
        let context = self.contexts.iter_mut().find(|it| it.id == id)?;
        if direction == Direction::ToServer && !auth.token.is_empty() {
            context.judged = false;
        }
        Some(context)
    }

    fn make_room(&mut self, facts: &mut Facts) {
        if self.contexts.len() < SECURITY_CONTEXTS_MAX {
            return;
        }
        facts.limit("rpc_security_contexts");
        self.contexts.remove(0).exchange.finish(facts);
    }

    fn used(&self, id: Option<u32>) -> Option<&Context> {
        match id {
            Some(id) => self.contexts.iter().find(|context| context.id == id),
            None => self.contexts.last(),
        }
    }

    fn used_mut(&mut self, id: Option<u32>) -> Option<&mut Context> {
        match id {
            Some(id) => self.contexts.iter_mut().find(|context| context.id == id),
            None => self.contexts.last_mut(),
        }
    }
}

/// SPNEGO, NTLM and Kerberos tokens are GSS tokens; those of the netlogon secure channel (68) are
/// not, and name a machine only by its own claim.
const fn carries_gss(auth_type: u8) -> bool {
    matches!(auth_type, 9 | 10 | 16)
}

/// What a fault says of the authentication: `nca_s_fault_access_denied` (5) and
/// `RPC_S_SEC_PKG_ERROR` (0x721) refuse it, `nca_s_proto_error` may; all else comes after it.
pub(super) const fn verdict_of_fault(status: u32) -> Option<Outcome> {
    match status {
        5 | 0x721 => Some(Outcome::Failure),
        0x1c01_000b => None,
        _ => Some(Outcome::Success),
    }
}

/// `RPC_C_AUTHN_LEVEL_CONNECT`.
const LEVEL_CONNECT: u8 = 2;
/// `RPC_C_AUTHN_LEVEL_PKT_PRIVACY`: stubs are sealed.
pub(super) const LEVEL_PRIVACY: u8 = 6;
