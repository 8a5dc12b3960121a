//! Calls that wait for their answer, paired by `call_id` (C706 section 12.6.3.1).

use super::limits::{CALLS_PENDING_MAX, EVIDENCE_SIDE_MAX, STUB_OCTETS_MAX};
use super::message::ByteOrder;
use super::ndr::Ndr;
use crate::{Facts, Stamp};
use realmward_vocab::{Guid, PacketRef};
use std::collections::VecDeque;

/// One call.
#[derive(Clone, Debug, Default)]
pub(super) struct Call {
    /// Pairs it with its answer.
    pub(super) call_id: u32,
    /// `p_cont_id`.
    pub(super) context: u16,
    /// `opnum`.
    pub(super) opnum: u16,
    /// `object`.
    pub(super) object: Option<Guid>,
    /// `auth_level`, 0 for none.
    pub(super) auth_level: u8,
    /// `auth_context_id`, if the request has a verifier.
    pub(super) security: Option<u32>,
    /// What was sent.
    pub(super) request: Stub,
    /// Octets of the verification trailer at its end.
    pub(super) trailer_octets: usize,
    /// What came back, if something did.
    pub(super) response: Option<Stub>,
    /// `status` of a fault.
    pub(super) fault: Option<u32>,
    /// When its last fragment, or its answer's, was complete.
    pub(super) at: Stamp,
}

/// Stub data of one side of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Stub {
    /// The first octets, as far as a decoder wants them.
    pub(super) kept: Vec<u8>,
    /// The last four octets: a return code stands there.
    pub(super) tail: [u8; 4],
    /// Whether the last octets were not captured.
    tail_is_missing: bool,
    /// Octets over all fragments.
    pub(super) total: u64,
    /// How its numbers are written.
    pub(super) order: ByteOrder,
    /// The packets it came in.
    pub(super) evidence: Vec<PacketRef>,
}

/// The calls of one connection that wait, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    pending: VecDeque<Call>,
}

impl Calls {
    /// The pending call with this id.
    pub(super) fn find(&mut self, call_id: u32) -> Option<&mut Call> {
        self.pending.iter_mut().find(|call| call.call_id == call_id)
    }

    /// Takes the pending call with this id out.
    pub(super) fn take(&mut self, call_id: u32) -> Option<Call> {
        let place = self.pending.iter().position(|it| it.call_id == call_id)?;
        self.pending.remove(place)
    }

    /// Adds a call; returns the one that must go for want of room.
    pub(super) fn add(&mut self, call: Call) -> Option<Call> {
        self.pending.push_back(call);
        match CALLS_PENDING_MAX < self.pending.len() {
            true => self.pending.pop_front(),
            false => None,
        }
    }

    /// Takes all out, oldest first.
    pub(super) fn take_all(&mut self) -> VecDeque<Call> {
        std::mem::take(&mut self.pending)
    }
}

impl Stub {
    /// Adds a fragment, of which octets may be missing at its end. At most `room` octets are kept; returns how many were.
    pub(super) fn add(
        &mut self,
        (fragment, missing): (&[u8], usize),
        order: ByteOrder,
        room: usize,
        packets: [PacketRef; 2],
    ) -> usize {
        // A hole in what is kept would shift all that follows it.
        let room = room.min(STUB_OCTETS_MAX.saturating_sub(self.kept.len()));
        let kept = if self.is_whole() {
            room.min(fragment.len())
        } else {
            0
        };
        self.kept
            .extend_from_slice(fragment.get(..kept).unwrap_or_default());
        self.order = order;
        self.total = self
            .total
            .saturating_add(u64::try_from(fragment.len() + missing).unwrap_or(u64::MAX));
        self.tail_is_missing = 0 < missing;
        for octet in fragment.iter().skip(fragment.len().saturating_sub(4)) {
            let [_, second, third, fourth] = self.tail;
            self.tail = [second, third, fourth, *octet];
        }
        for packet in packets {
            if self.evidence.len() < EVIDENCE_SIDE_MAX && self.evidence.last() != Some(&packet) {
                self.evidence.push(packet);
            }
        }
        kept
    }

    /// Whether all of it is kept.
    pub(super) fn is_whole(&self) -> bool {
        u64::try_from(self.kept.len()) == Ok(self.total)
    }

    /// What is kept, to be read. `ndr64`: by the context's transfer syntax; `trailer_octets` at its
    /// end are none of its own.
    pub(super) fn ndr(&self, ndr64: bool, trailer_octets: usize) -> Ndr<'_> {
        let end = match self.is_whole() {
            true => self.kept.len().saturating_sub(trailer_octets),
            false => self.kept.len(),
        };
        Ndr::new(self.kept.get(..end).unwrap_or_default(), self.order, ndr64)
    }

    /// The last four octets as a number, if there are as many.
    pub(super) fn last_number(&self) -> Option<u32> {
        if self.total < 4 || self.tail_is_missing {
            return None;
        }
        Some(match self.order {
            ByteOrder::Little => u32::from_le_bytes(self.tail),
            ByteOrder::Big => u32::from_be_bytes(self.tail),
        })
    }

    /// Octets over all fragments, as far as a fact counts them.
    pub(super) fn octets(&self) -> u32 {
        u32::try_from(self.total).unwrap_or(u32::MAX)
    }
}

/// Adds a fragment to a stub that some decoder wants as far as there is `room`; returns how many
/// octets were kept.
pub(super) fn add(
    stub: &mut Stub,
    room: Option<usize>,
    (fragment, missing): (&[u8], usize),
    (order, packets): (ByteOrder, [PacketRef; 2]),
    facts: &mut Facts,
) -> usize {
    let before = stub.is_whole();
    let room_or_none = room.unwrap_or_default();
    let kept = stub.add((fragment, missing), order, room_or_none, packets);
    if room.is_some() && before && kept < fragment.len() {
        facts.limit("rpc_stubs");
    }
    kept
}
