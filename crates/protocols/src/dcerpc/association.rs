//! What one association knows (C706 section 9.3.2): contexts, security, and calls that wait.

use super::bindings::{Binding, Bindings};
use super::calls::{self, Call, Calls, Stub};
use super::facts::{self, Carried};
use super::handles::Handles;
use super::http;
use super::limits::STUBS_OCTETS_MAX;
use super::message::{Bind, Body, Header, PacketType, Pdu, Request, Response};
use super::parse;
use super::security::{LEVEL_PRIVACY, Security, verdict_of_fault};
use super::trailer;
use crate::wire::{ParseError, Piece};
use crate::{Facts, Opaque, Stamp};
use realmward_event::rpc::Transport;
use realmward_event::{Outcome, SessionPrincipal};
use realmward_vocab::Direction;

/// Both directions of one conversation.
#[derive(Debug, Default)]
pub(super) struct Association {
    transport: Transport,
    /// Whose SMB session carries it.
    pub(super) carrier: SessionPrincipal,
    bindings: Bindings,
    security: Security,
    calls: Calls,
    handles: Handles,
    /// Octets of stubs kept over all pending calls.
    kept: usize,
    /// Answered binds that wait for the leg of NTLM that names their user.
    unnamed: Vec<Binding>,
}

impl Association {
    /// One of which nothing is known yet.
    pub(super) fn new(transport: Transport) -> Self {
        Self {
            transport,
            ..Self::default()
        }
    }

    /// Takes one fragment, or what was captured of it.
    pub(super) fn fragment(
        &mut self,
        direction: Direction,
        piece: Piece<'_>,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        if http::is_rts(piece.octets) {
            return Ok(());
        }
        let pdu = match piece.passed_over {
            0 => parse::pdu(piece.octets)?,
            _ => parse::cut(piece.octets)?,
        };
        if pdu.header.ptype.sent() != direction {
            return Err(ParseError::Malformed { field: "PTYPE" });
        }
        let call_id = pdu.header.call_id;
        self.token(&pdu, piece, facts);
        if direction == Direction::ToServer && !matches!(pdu.header.ptype, PacketType::Bind) {
            self.name_binds(piece.at, facts);
        }
        match &pdu.body {
            Body::Bind(bind) => self.bind(bind, &pdu, piece, facts),
            Body::BindAck(answer) => {
                let bound = self.bindings.answer(call_id, answer, piece.first, piece.at);
                self.answered_bind(bound, pdu.auth.is_some(), facts);
            }
            Body::BindNak { reason } => {
                let refused = self
                    .bindings
                    .refuse(call_id, Some(*reason), piece.first, piece.at);
                let security = refused.as_ref().and_then(|binding| binding.security);
                self.security
                    .judge(security, Outcome::Failure, piece.at, facts);
                self.answered_bind(refused, false, facts);
            }
            Body::Request(request) => self.request(request, &pdu, piece, facts),
            Body::Response(response) => self.response(response, &pdu.header, piece, facts),
            Body::Fault { status } => self.fault(*status, call_id, piece, facts),
            Body::Empty => {
                if pdu.header.ptype == PacketType::Orphaned
                    && let Some(call) = self.calls.take(call_id)
                {
                    self.called(&call, facts);
                }
            }
        }
        Ok(())
    }

    /// Hands the token of a bind, of its answer or of an auth3 to the authentication.
    fn token(&mut self, pdu: &Pdu<'_>, piece: Piece<'_>, facts: &mut Facts) {
        let Some(auth) = &pdu.auth else { return };
        if !matches!(
            pdu.header.ptype,
            PacketType::Request | PacketType::Response | PacketType::Fault
        ) {
            let direction = pdu.header.ptype.sent();
            self.security
                .token(direction, auth, piece.first, piece.at, facts);
        }
    }

    fn bind(&mut self, bind: &Bind, pdu: &Pdu<'_>, piece: Piece<'_>, facts: &mut Facts) {
        let given_up = self.bindings.ask(
            pdu.header.call_id,
            bind.clone(),
            pdu.auth.as_ref(),
            piece.first,
            piece.at,
            facts,
        );
        if let Some(binding) = given_up {
            self.bound(&binding, facts);
        }
    }

    /// Reports an answered bind, or lets it wait: with NTLM, only the next leg names the user.
    fn answered_bind(&mut self, binding: Option<Binding>, more_legs: bool, facts: &mut Facts) {
        let Some(binding) = binding else { return };
        let nameless = self.principal(binding.security) == SessionPrincipal::Unknown;
        if more_legs && nameless && self.unnamed.is_empty() {
            self.unnamed.push(binding);
        } else {
            self.bound(&binding, facts);
        }
    }

    /// The client went on: what it says of itself is said.
    fn name_binds(&mut self, at: Stamp, facts: &mut Facts) {
        for mut binding in std::mem::take(&mut self.unnamed) {
            binding.at = at;
            self.bound(&binding, facts);
        }
    }

    fn request(
        &mut self,
        request: &Request<'_>,
        pdu: &Pdu<'_>,
        piece: Piece<'_>,
        facts: &mut Facts,
    ) {
        let call_id = pdu.header.call_id;
        if pdu.header.flags.first() || self.calls.find(call_id).is_none() {
            self.begin(request, pdu, facts);
        }
        let room = STUBS_OCTETS_MAX.saturating_sub(self.kept);
        let Some(call) = self.calls.find(call_id) else {
            return;
        };
        // The trailer stands in the last fragment, behind the stub, and is not sealed where we look.
        let trailer = match pdu.header.flags.last() && call.auth_level != LEVEL_PRIVACY {
            true => trailer::read(request.stub, pdu.header.order),
            false => None,
        };
        if let Some((verified, _)) = &trailer
            && let Some(verified) = verified
        {
            self.bindings.learn_verified(request.p_cont_id, verified);
        }
        call.trailer_octets = trailer.map_or(0, |(_, octets)| octets);
        let wanted = self.bindings.wants(call);
        let packets = [piece.first, piece.at.packet];
        self.kept += calls::add(
            &mut call.request,
            wanted.then_some(room),
            (request.stub, request.missing),
            (pdu.header.order, packets),
            facts,
        );
        call.at = piece.at;
    }

    fn begin(&mut self, request: &Request<'_>, pdu: &Pdu<'_>, facts: &mut Facts) {
        let call_id = pdu.header.call_id;
        if let Some(unanswered) = self.calls.take(call_id) {
            self.called(&unanswered, facts);
        }
        let auth_level = match &pdu.auth {
            Some(auth) => auth.auth_level,
            None if pdu.header.auth_length != 0 => self.security.level(),
            None => self.security.level_without_verifier(),
        };
        if auth_level == LEVEL_PRIVACY {
            facts.opaque(Opaque::SealedRpcCall);
        }
        let evicted = self.calls.add(Call {
            call_id,
            context: request.p_cont_id,
            opnum: request.opnum,
            object: request.object,
            auth_level,
            security: pdu.auth.map(|auth| auth.auth_context_id),
            ..Call::default()
        });
        if let Some(evicted) = evicted {
            facts.limit("rpc_pending_calls");
            self.called(&evicted, facts);
        }
    }

    fn response(
        &mut self,
        it: &Response<'_>,
        header: &Header,
        piece: Piece<'_>,
        facts: &mut Facts,
    ) {
        let room = STUBS_OCTETS_MAX.saturating_sub(self.kept);
        let Some(call) = self.calls.find(header.call_id) else {
            return; // its request was not seen
        };
        let wanted = self.bindings.wants(call);
        let response = call.response.get_or_insert_with(Stub::default);
        let packets = [piece.first, piece.at.packet];
        self.kept += calls::add(
            response,
            wanted.then_some(room),
            (it.stub, it.missing),
            (header.order, packets),
            facts,
        );
        call.at = piece.at;
        if header.flags.last()
            && let Some(call) = self.calls.take(header.call_id)
        {
            self.security
                .judge(call.security, Outcome::Success, piece.at, facts);
            self.called(&call, facts);
        }
    }

    fn fault(&mut self, status: u32, call_id: u32, piece: Piece<'_>, facts: &mut Facts) {
        if let Some(mut call) = self.calls.take(call_id) {
            if let Some(outcome) = verdict_of_fault(status) {
                self.security.judge(call.security, outcome, piece.at, facts);
            }
            call.fault = Some(status);
            call.at = piece.at;
            call.request.evidence.extend([piece.first, piece.at.packet]);
            self.called(&call, facts);
        } else if let Some(binding) = self.bindings.refuse(call_id, None, piece.first, piece.at) {
            // A server may answer an alter context by a fault (MS-RPCE section 3.3.1.5.2.3).
            self.security
                .judge(binding.security, Outcome::Failure, piece.at, facts);
            self.bound(&binding, facts);
        }
    }

    /// Reports all that waits, without its answers.
    pub(super) fn give_up(&mut self, facts: &mut Facts) {
        for binding in std::mem::take(&mut self.unnamed) {
            self.bound(&binding, facts);
        }
        for binding in self.bindings.take_pending() {
            self.bound(&binding, facts);
        }
        for call in self.calls.take_all() {
            self.called(&call, facts);
        }
    }

    /// The conversation is over.
    pub(super) fn finish(&mut self, facts: &mut Facts) {
        self.give_up(facts);
        self.security.finish(facts);
    }

    fn bound(&self, binding: &Binding, facts: &mut Facts) {
        facts::report_bound(binding, &self.carried(binding.security), facts);
    }

    fn called(&mut self, call: &Call, facts: &mut Facts) {
        let carried = self.carried(call.security);
        let stubs = [Some(&call.request), call.response.as_ref()];
        let kept: usize = stubs.iter().flatten().map(|stub| stub.kept.len()).sum();
        self.kept = self.kept.saturating_sub(kept);
        let context = self.bindings.context(call.context);
        facts::report_called(call, context, carried, &mut self.handles, facts);
        for _ in 0..self.handles.take_evicted() {
            facts.limit("rpc_handles");
        }
    }

    fn carried(&self, security: Option<u32>) -> Carried {
        Carried {
            transport: self.transport.clone(),
            principal: self.principal(security),
        }
    }

    /// RPC's own authentication goes before that of the session that carries it.
    fn principal(&self, security: Option<u32>) -> SessionPrincipal {
        match self.security.principal(security) {
            SessionPrincipal::Unknown => self.carrier.clone(),
            own => own,
        }
    }
}
