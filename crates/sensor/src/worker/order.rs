//! The one order of all that workers tell.

use realmward_event::{Event, Source};
use realmward_vocab::{FlowId, Order};

/// Why an event is at its place: what is told before the packet comes before what it tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Expired,
    Counted,
    Shed,
    #[default]
    Packet,
}

/// What a worker told, in its order. Until [`Numbers`] numbers them the index of an event is its
/// [`Phase`]: events are large, so nothing is put around them that would have to come off again.
#[derive(Debug, Default)]
pub(crate) struct Told(pub(super) Vec<Event>);

impl Told {
    /// Adds what another worker told.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Takes out what comes before all that is still to be told by one who came so far.
    pub(crate) fn take_before(&mut self, reached: Reached) -> Self {
        self.0.sort_by_key(Reached::of);
        let safe = self.0.partition_point(|it| Reached::of(it) <= reached);
        let rest = self.0.split_off(safe);
        Self(std::mem::replace(&mut self.0, rest))
    }
}

/// How far a worker is: what it tells later comes later in the one order, or is of the same flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reached(Order, FlowId);

impl Reached {
    /// At a packet, and of the flows that end before it at one.
    pub(super) const fn at(packet: u64, phase: Phase, flow: FlowId) -> Self {
        let flow = match phase {
            Phase::Expired => flow,
            // Counts are told lane by lane.
            Phase::Counted => FlowId(0),
            // No other worker tells anything at this packet.
            Phase::Shed | Phase::Packet => FlowId(u64::MAX),
        };
        let index = phase as u32;
        Self(Order { packet, index }, flow)
    }

    const fn of(event: &Event) -> Self {
        let flow = match event.source {
            Source::Wire(flow) => flow,
            _ => FlowId(0),
        };
        Self(event.order, flow)
    }
}

/// Puts what workers told into the one order, and numbers it.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    latest: Order,
}

impl Numbers {
    /// The events of what was told. What is given later was told later, or by the same worker.
    pub(crate) fn in_order(&mut self, Told(mut events): Told) -> Vec<Event> {
        events.sort_by_key(Reached::of);
        for event in &mut events {
            event.order.index = if event.order.packet == self.latest.packet {
                self.latest.index + 1
            } else {
                0
            };
            self.latest = event.order;
        }
        events
    }
}
