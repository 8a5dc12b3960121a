//! Presentation contexts: which `p_cont_id` means which interface (C706 section 12.6.4.3).

use super::calls::Call;
use super::interfaces::{self, Interface};
use super::limits::{BINDS_PENDING_MAX, CONTEXTS_MAX};
use super::message::{AuthVerifier, Bind, BindAck, ContextElement};
use super::security::LEVEL_PRIVACY;
use super::trailer::Verified;
use crate::{Facts, Stamp};
use realmward_vocab::{Guid, PacketRef};
use std::collections::{BTreeMap, VecDeque};

/// What a context id means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// The interface.
    pub(super) interface: Guid,
    /// What we know of it.
    pub(super) known: Option<&'static Interface>,
    /// Whether its stubs are NDR64.
    pub(super) ndr64: bool,
}

/// A bind or alter context.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    /// Pairs it with its answer.
    pub(super) call_id: u32,
    /// What it asked for.
    pub(super) elements: Vec<ContextElement>,
    /// `auth_type`, 0 for none.
    pub(super) auth_type: u8,
    /// `auth_level`, 0 for none.
    pub(super) auth_level: u8,
    /// `auth_context_id`, if it has a verifier.
    pub(super) security: Option<u32>,
    /// Its packets, then those of its answer.
    pub(super) evidence: Vec<PacketRef>,
    /// When it, or its answer, was complete.
    pub(super) at: Stamp,
    /// Whether the client offers to sign headers.
    pub(super) header_signing: bool,
    /// `assoc_group_id` of the answer, 0 until answered.
    pub(super) association_group: u32,
    /// `provider_reject_reason`, if the bind was refused as a whole.
    pub(super) reject_reason: Option<u16>,
    /// One flag an element: whether it was accepted. Empty until answered.
    pub(super) accepted: Vec<bool>,
}

/// The contexts of one connection, and the binds not yet answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings {
    contexts: BTreeMap<u16, Context>,
    pending: VecDeque<Binding>,
}

impl Bindings {
    /// A bind was sent. Its contexts count at once: the answer may never be seen.
    /// Returns a bind that is given up for it.
    pub(super) fn ask(
        &mut self,
        call_id: u32,
        bind: Bind,
        auth: Option<&AuthVerifier<'_>>,
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Option<Binding> {
        for element in &bind.contexts {
            self.learn(element, facts);
        }
        let replaced = self.take(call_id);
        self.pending.push_back(Binding {
            call_id,
            header_signing: bind.header_signing,
            association_group: 0,
            reject_reason: None,
            elements: bind.contexts,
            auth_type: auth.map_or(0, |auth| auth.auth_type),
            auth_level: auth.map_or(0, |auth| auth.auth_level),
            security: auth.map(|auth| auth.auth_context_id),
            evidence: vec![first, at.packet],
            at,
            accepted: Vec::new(),
        });
        if replaced.is_none() && BINDS_PENDING_MAX < self.pending.len() {
            facts.limit("rpc_pending_binds");
            return self.pending.pop_front();
        }
        replaced
    }

    /// A bind was answered: keeps what was accepted and gives the bind back with its verdicts.
    pub(super) fn answer(
        &mut self,
        call_id: u32,
        answer: &BindAck,
        first: PacketRef,
        at: Stamp,
    ) -> Option<Binding> {
        let mut binding = self.take(call_id)?;
        for (place, element) in binding.elements.iter().enumerate() {
            let result = answer.results.get(place).copied().unwrap_or_default();
            let accepted = place < answer.results.len() && result.result == 0;
            binding.accepted.push(accepted);
            if accepted && let Some(context) = self.contexts.get_mut(&element.p_cont_id) {
                context.ndr64 = result.syntaxes.ndr64;
            }
        }
        binding.association_group = answer.association_group;
        binding.evidence.extend([first, at.packet]);
        binding.at = at;
        Some(binding)
    }

    /// A bind was refused as a whole.
    pub(super) fn refuse(
        &mut self,
        call_id: u32,
        reason: Option<u16>,
        first: PacketRef,
        at: Stamp,
    ) -> Option<Binding> {
        self.answer(call_id, &BindAck::default(), first, at)
            .map(|binding| Binding {
                accepted: vec![false; binding.elements.len()],
                reject_reason: reason,
                ..binding
            })
    }

    /// The binds that will have no answer.
    pub(super) fn take_pending(&mut self) -> VecDeque<Binding> {
        std::mem::take(&mut self.pending)
    }

    /// Whether some decoder reads the stubs of this call.
    pub(super) fn wants(&self, call: &Call) -> bool {
        call.auth_level != LEVEL_PRIVACY
            && self
                .context(call.context)
                .and_then(|context| context.known)
                .is_some_and(|interface| interface.decodes(call.opnum))
    }

    /// What this context id means, if its bind was seen.
    pub(super) fn context(&self, p_cont_id: u16) -> Option<&Context> {
        self.contexts.get(&p_cont_id)
    }

    /// A verification trailer says what a context id means whose bind was not seen.
    pub(super) fn learn_verified(&mut self, p_cont_id: u16, verified: &Verified) {
        if self.contexts.len() < CONTEXTS_MAX && !self.contexts.contains_key(&p_cont_id) {
            self.contexts.insert(
                p_cont_id,
                Context {
                    interface: verified.interface,
                    known: interfaces::find(verified.interface),
                    ndr64: verified.syntaxes.ndr64,
                },
            );
        }
    }

    fn learn(&mut self, element: &ContextElement, facts: &mut Facts) {
        if !element.means_interface() {
            return;
        }
        if CONTEXTS_MAX <= self.contexts.len() && !self.contexts.contains_key(&element.p_cont_id) {
            facts.limit("rpc_contexts");
            return;
        }
        self.contexts.insert(
            element.p_cont_id,
            Context {
                interface: element.interface,
                known: interfaces::find(element.interface),
                ndr64: element.syntaxes.ndr64 && !element.syntaxes.ndr,
            },
        );
    }

    fn take(&mut self, call_id: u32) -> Option<Binding> {
        let place = self.pending.iter().position(|it| it.call_id == call_id)?;
        self.pending.remove(place)
    }
}

impl ContextElement {
    /// Whether it asks for an interface, and not only for bind-time features.
    pub(super) const fn means_interface(&self) -> bool {
        !self.syntaxes.bind_time_features || self.syntaxes.ndr || self.syntaxes.ndr64
    }
}
