//! DCE/RPC over datagrams (C706 section 12.5): no bind, for each datagram names its interface.
//!
//! Windows stopped serving it by default long ago; what still speaks it is old, or wants to be
//! overlooked. Calls are paired by activity and sequence number. Fragments are taken in order only: one
//! that comes too early is lost, and what follows it is counted and not read.

pub mod message;
pub mod parse;

use super::bindings::Context;
use super::calls::{self, Call, Stub};
use super::facts::{self, Carried};
use super::handles::Handles;
use super::interfaces;
use super::limits::{CALLS_DONE_MAX, CALLS_PENDING_MAX, STUBS_OCTETS_MAX};
use super::security::LEVEL_PRIVACY;
use crate::wire::ParseError;
use crate::{Dissector, Facts, Opaque, Recognised, Stamp};
use message::{Datagram, PacketType};
use realmward_event::SessionPrincipal;
use realmward_event::rpc::Transport;
use realmward_vocab::{Direction, Guid};
use std::collections::VecDeque;

/// The calls between two ends.
#[derive(Debug, Default)]
pub struct Conversation {
    waiting: VecDeque<Waiting>,
    /// Calls told of, for both ends repeat what they are not sure of.
    done: VecDeque<(Guid, u32)>,
    handles: Handles,
    /// Octets of stubs kept over all waiting calls.
    kept: usize,
}

#[derive(Debug)]
struct Waiting {
    activity: Guid,
    sequence: u32,
    interface: Guid,
    call: Call,
    /// `fragnum` of the next fragment of the request and of the answer.
    next: [u16; 2],
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn request(&mut self, datagram: &Datagram<'_>, at: Stamp, facts: &mut Facts) {
        let id = (datagram.activity, datagram.sequence);
        if self.done.contains(&id) {
            return;
        }
        if self.find(id).is_none() {
            self.begin(datagram, facts);
        }
        self.fragment(datagram, Direction::ToServer, at, facts);
        if datagram.is_maybe() && datagram.is_last() {
            self.conclude(id, facts);
        }
    }

    fn begin(&mut self, datagram: &Datagram<'_>, facts: &mut Facts) {
        if datagram.auth_level == LEVEL_PRIVACY {
            facts.opaque(Opaque::SealedRpcCall);
        }
        self.waiting.push_back(Waiting {
            activity: datagram.activity,
            sequence: datagram.sequence,
            interface: datagram.interface,
            call: Call {
                opnum: datagram.opnum,
                object: datagram.object,
                auth_level: datagram.auth_level,
                ..Call::default()
            },
            next: [0; 2],
        });
        if CALLS_PENDING_MAX < self.waiting.len()
            && let Some(evicted) = self.waiting.pop_front()
        {
            facts.limit("rpc_pending_calls");
            self.told(&evicted, facts);
        }
    }

    /// Adds a fragment to one side of its call, if it is the next one.
    fn fragment(
        &mut self,
        datagram: &Datagram<'_>,
        direction: Direction,
        at: Stamp,
        facts: &mut Facts,
    ) -> bool {
        let room = STUBS_OCTETS_MAX.saturating_sub(self.kept);
        let Some(waiting) = self.find((datagram.activity, datagram.sequence)) else {
            return false;
        };
        let Some(next) = waiting.next.get_mut(direction.index()) else {
            return false;
        };
        if datagram.fragment != *next {
            return false;
        }
        *next = next.wrapping_add(1);
        let wanted = waiting.call.auth_level != LEVEL_PRIVACY
            && interfaces::find(waiting.interface)
                .is_some_and(|interface| interface.decodes(waiting.call.opnum));
        let stub = match direction {
            Direction::ToServer => &mut waiting.call.request,
            Direction::ToClient => waiting.call.response.get_or_insert_with(Stub::default),
        };
        let kept = calls::add(
            stub,
            wanted.then_some(room),
            (datagram.body, datagram.missing),
            (datagram.order, [at.packet; 2]),
            facts,
        );
        waiting.call.at = at;
        self.kept += kept;
        true
    }

    fn answer(&mut self, datagram: &Datagram<'_>, at: Stamp, facts: &mut Facts) {
        let id = (datagram.activity, datagram.sequence);
        match datagram.ptype {
            PacketType::Response => {
                let is_next = self.fragment(datagram, Direction::ToClient, at, facts);
                if is_next && datagram.is_last() {
                    self.conclude(id, facts);
                }
            }
            PacketType::Fault | PacketType::Reject => {
                let status = datagram
                    .body
                    .first_chunk()
                    .map(|octets| match datagram.order {
                        super::message::ByteOrder::Little => u32::from_le_bytes(*octets),
                        super::message::ByteOrder::Big => u32::from_be_bytes(*octets),
                    });
                if let Some(waiting) = self.find(id) {
                    waiting.call.fault = Some(status.unwrap_or_default());
                    waiting.call.at = at;
                    waiting.call.request.evidence.push(at.packet);
                }
                self.conclude(id, facts);
            }
            _ => {}
        }
    }

    fn find(&mut self, (activity, sequence): (Guid, u32)) -> Option<&mut Waiting> {
        self.waiting
            .iter_mut()
            .find(|it| it.activity == activity && it.sequence == sequence)
    }

    /// A call is over.
    fn conclude(&mut self, id: (Guid, u32), facts: &mut Facts) {
        let place = self
            .waiting
            .iter()
            .position(|it| (it.activity, it.sequence) == id);
        if let Some(waiting) = place.and_then(|place| self.waiting.remove(place)) {
            self.told(&waiting, facts);
            self.done.push_back(id);
            if CALLS_DONE_MAX < self.done.len() {
                self.done.pop_front();
            }
        }
    }

    fn told(&mut self, waiting: &Waiting, facts: &mut Facts) {
        let call = &waiting.call;
        let stubs = [Some(&call.request), call.response.as_ref()];
        let kept: usize = stubs.iter().flatten().map(|stub| stub.kept.len()).sum();
        self.kept = self.kept.saturating_sub(kept);
        let context = Context {
            interface: waiting.interface,
            known: interfaces::find(waiting.interface),
            ndr64: false,
        };
        let carried = Carried {
            transport: Transport::Udp,
            principal: SessionPrincipal::Unknown,
        };
        facts::report_called(call, Some(&context), carried, &mut self.handles, facts);
        for _ in 0..self.handles.take_evicted() {
            facts.limit("rpc_handles");
        }
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        let datagram = match parse::datagram(octets) {
            Ok(datagram) => datagram,
            Err(error) => return facts.fault(PROTOCOL, error),
        };
        match (direction, datagram.ptype) {
            // A server asks its client back who it is: that is between the two.
            (Direction::ToServer, PacketType::Request) => self.request(&datagram, at, facts),
            (Direction::ToClient, PacketType::Request) => {}
            (Direction::ToClient, _) => self.answer(&datagram, at, facts),
            (Direction::ToServer, _) => {}
        }
    }

    fn gap(&mut self, _: Direction, _: u64, _: &mut Facts) {}

    fn finish(&mut self, facts: &mut Facts) {
        for waiting in std::mem::take(&mut self.waiting) {
            self.told(&waiting, facts);
        }
    }
}

/// Whether a datagram is this protocol, and who sent it.
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    match parse::datagram(octets) {
        Ok(it) => it.ptype.sent().map_or(Recognised::Likely, Recognised::Yes),
        Err(ParseError::Incomplete { .. }) => Recognised::TooShort,
        Err(_) => Recognised::No,
    }
}

/// The name under which faults are counted.
const PROTOCOL: &str = "dcerpc";
