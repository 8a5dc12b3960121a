//! A worker: some of the lanes, and the events of their flows.

mod deed;
mod order;

pub(crate) use order::{Numbers, Reached, Told};

use crate::guard::Level;
use crate::lane::{Lane, Store};
use crate::memory::{Ceiling, Pace};
use crate::stats::WorkerStats;
use deed::Deed;
use order::Phase;
use realmward_event::{Endpoint, Event, Fact, Source};
use realmward_protocols::Facts;
use realmward_protocols::dns::{Asked, Counted};
use realmward_stream::{End, FlowKey, Packet, Side, Transport};
use realmward_vocab::{EventTime, FlowId, Order};
use std::cmp::Reverse;

/// Flows are spread over this many lanes, whatever the number of workers: a fixed number keeps
/// verdicts the same, and 16 keep as many cores busy as a capture file can feed.
pub const LANES: usize = 16;

/// Keeps the flows of its lanes and turns what they tell into events.
///
/// What many flows tell at once, when they end together, is told in steps: after [`Self::tick`],
/// [`Self::finish`] and the like, [`Self::goes_on`] is asked until it says no, and what was told is taken
/// each time. So what waits to be handed on is never much more than one flow tells.
#[derive(Debug)]
pub struct Worker {
    lanes: Vec<Lane>,
    workers: usize,
    sink: Sink,
    /// What is still to be done before the next packet, the last first.
    duties: Vec<Duty>,
    ceiling: Ceiling,
    pace: Pace,
}

/// Something to be done for a lane, in as many steps as it takes.
#[derive(Clone, Copy, Debug)]
struct Duty {
    lane: usize,
    phase: Phase,
    /// The flow that ends, if one does.
    flow: FlowId,
    deed: Deed,
}

impl Duty {
    /// One that is of no flow that ends.
    const fn of_lane(lane: usize, phase: Phase, deed: Deed) -> Self {
        Self {
            lane,
            phase,
            flow: FlowId(0),
            deed,
        }
    }
}

/// A flow and the end that asks in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) key: FlowKey,
    pub(crate) flow: FlowId,
    pub(crate) client: Side,
}

/// Where lanes put what they learn.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    pub(crate) facts: Facts,
    /// Questions of DNS with the flow they were seen in, until their lane counts them.
    pub(crate) asked: Vec<(Place, Asked)>,
    told: Told,
    /// What is given up to save the processor.
    pub(crate) level: Level,
    order: u64,
    phase: Phase,
    /// Of those that end, the flow that does.
    ending: FlowId,
}

impl Worker {
    /// Worker number `index` of `workers`: it takes the packets for which [`Worker::of`] says so.
    #[must_use]
    pub fn new(index: usize, workers: usize) -> Self {
        let workers = workers.clamp(1, LANES);
        let lanes = (index..LANES).step_by(workers).map(|_| Lane::new());
        Self {
            lanes: lanes.collect(),
            workers,
            sink: Sink::default(),
            duties: Vec::new(),
            ceiling: Ceiling::default(),
            pace: Pace::default(),
        }
    }

    /// Keeps a ceiling of memory, as far as [`Self::is_pressed`] is asked.
    #[must_use]
    pub(crate) fn under(self, ceiling: Ceiling) -> Self {
        Self { ceiling, ..self }
    }

    /// Which of `workers` takes the packets of a flow.
    #[must_use]
    pub fn of(key: &FlowKey, workers: usize) -> usize {
        lane_of(key) % workers.clamp(1, LANES)
    }

    /// Takes a packet.
    pub fn packet(&mut self, packet: &Packet<'_>) {
        let lane = lane_of(&packet.head.key) / self.workers;
        self.sink.order = packet.head.order;
        self.sink.phase = Phase::Packet;
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.packet(packet, &mut self.sink);
        }
    }

    /// Time has come to `now`, before the packet at `order`: finishes flows that were idle too long.
    pub fn tick(&mut self, order: u64, now: EventTime) {
        self.sink.order = order;
        self.end_counts(Some(now));
        self.end(|lane| lane.due(now).collect());
    }

    /// No packet comes any more: finishes all flows. `order` is past the last packet's.
    pub fn finish(&mut self, order: u64) {
        self.sink.order = order;
        self.end_counts(None);
        self.end(|lane| lane.all().collect());
    }

    /// To be asked before each packet: whether memory must be given up first, by [`Self::relieve`].
    #[inline]
    pub(crate) fn is_pressed(&mut self, octets: usize) -> bool {
        self.ceiling.is_reached(&mut self.pace, octets)
    }

    /// Gives up memory, before the packet at `order`: what waits behind holes, and if that is not
    /// enough, what is missed least.
    pub(crate) fn relieve(&mut self, order: u64) {
        self.sink.order = order;
        self.duties
            .push(Duty::of_lane(0, Phase::Shed, Deed::LookAgain));
        for (place, lane) in self.lanes.iter_mut().enumerate().rev() {
            let holes = lane.take_holding().into_iter();
            self.duties
                .extend(holes.map(|key| Duty::of_lane(place, Phase::Shed, Deed::GiveUpHoles(key))));
        }
    }

    /// Gives up what is missed least, if memory is still short.
    fn look_again(&mut self) {
        if !self.ceiling.is_near() {
            return;
        }
        for (place, lane) in self.lanes.iter().enumerate().rev() {
            let duty = |deed| Duty::of_lane(place, Phase::Shed, deed);
            self.duties.push(duty(Deed::Shrink));
            let stores = [Store::Counts, Store::Talks, Store::Exchanges];
            let evictions = stores.map(|it| duty(Deed::Evict(it, lane.share(it))));
            self.duties.extend(evictions);
        }
    }

    /// Goes on with what was begun, up to where enough was told; whether it is not at its end yet.
    pub fn goes_on(&mut self) -> bool {
        while !self.has_told_much() && (self.sink.told.0.is_empty() || !self.ceiling.is_tight()) {
            let Some(duty) = self.duties.pop() else {
                return false;
            };
            self.sink.phase = duty.phase;
            self.sink.ending = duty.flow;
            if matches!(duty.deed, Deed::LookAgain) {
                self.look_again();
            } else if let Some(lane) = self.lanes.get_mut(duty.lane) {
                let left = duty.deed.step(lane, &mut self.sink);
                self.duties.extend(left.map(|deed| Duty { deed, ..duty }));
            }
        }
        true
    }

    /// Whether what was told is enough to be handed on.
    #[inline]
    pub(crate) const fn has_told_much(&self) -> bool {
        TOLD_MANY <= self.sink.told.0.len()
    }

    /// From now on gives up this much to save the processor.
    pub(crate) const fn keep_to(&mut self, level: Level) {
        self.sink.level = level;
    }

    /// Ends flows in order of their first packets, whatever their lane.
    fn end(&mut self, which: impl Fn(&mut Lane) -> Vec<(FlowId, FlowKey)>) {
        let begin = self.duties.len();
        for (place, lane) in self.lanes.iter_mut().enumerate() {
            self.duties
                .extend(which(lane).into_iter().map(|(flow, key)| Duty {
                    lane: place,
                    phase: Phase::Expired,
                    flow,
                    deed: Deed::End(key),
                }));
        }
        if let Some(ends) = self.duties.get_mut(begin..) {
            ends.sort_unstable_by_key(|it| Reverse(it.flow));
        }
    }

    fn end_counts(&mut self, now: Option<EventTime>) {
        for place in (0..self.lanes.len()).rev() {
            self.duties
                .push(Duty::of_lane(place, Phase::Counted, Deed::EndCounts(now)));
        }
    }

    pub(crate) fn take_told(&mut self) -> Told {
        if self.duties.is_empty() {
            // The list of many ends is not needed again soon.
            self.duties.shrink_to(DUTIES_KEPT);
        }
        // As many again are likely: growing step by step would copy each event several times.
        let room = Vec::with_capacity(self.sink.told.0.len().min(TOLD_MANY));
        Told(std::mem::replace(&mut self.sink.told.0, room))
    }

    /// How far it is in the one order.
    pub(crate) const fn reached(&self) -> Reached {
        Reached::at(self.sink.order, self.sink.phase, self.sink.ending)
    }

    pub(crate) fn stats(&self) -> WorkerStats {
        let mut stats = WorkerStats {
            counters: self.sink.facts.counters.clone(),
            ..WorkerStats::default()
        };
        for lane in &self.lanes {
            stats.tcp_flows += lane.tcp_flows;
            stats.udp_flows += lane.udp_flows;
            stats.flows_evicted += lane.evicted();
            stats.flows_shed += lane.flows_shed;
            stats.holes_shed += lane.holes_shed;
            stats.counts_shed += lane.counts_shed;
            stats.repeated += lane.repeated;
            stats.tcp.merge(&lane.pool.counters);
        }
        stats
    }
}

impl Sink {
    /// Makes events of what a flow just told.
    #[inline]
    pub(crate) fn collect(&mut self, key: &FlowKey, flow: FlowId, client: Option<Side>) {
        if !self.facts.pending.is_empty() || !self.facts.asked.is_empty() {
            self.envelope(key, flow, client.unwrap_or(Side::Low));
        }
    }

    /// What was counted becomes an event of the flow that was last counted.
    pub(crate) fn count(&mut self, counted: Counted<Place>) {
        let Place { key, flow, client } = counted.place;
        let phase = self.phase;
        if phase == Phase::Expired {
            // It is of another flow than the one that ends.
            self.phase = Phase::Counted;
        }
        let fact = Fact::NamesAsked(counted.fact);
        self.facts.report(counted.at, &counted.evidence, fact);
        self.collect(&key, flow, Some(client));
        self.phase = phase;
    }

    /// Apart, so that the many packets that tell nothing cost no more than a look.
    #[inline(never)]
    fn envelope(&mut self, key: &FlowKey, flow: FlowId, client: Side) {
        let place = Place {
            key: *key,
            flow,
            client,
        };
        let asked = self.facts.asked.drain(..);
        self.asked.extend(asked.map(|it| (place, it)));
        let (client, server) = (key.end(client), key.end(client.other()));
        for proven in self.facts.pending.drain(..) {
            self.told.0.push(Event {
                time: proven.time,
                order: Order {
                    packet: self.order,
                    index: self.phase as u32,
                },
                source: Source::Wire(flow),
                client: Endpoint::new(client.ip(), client.port),
                server: Endpoint::new(server.ip(), server.port),
                evidence: proven.evidence,
                fact: proven.fact,
            });
        }
    }
}

/// All datagrams of DNS between two hosts go to one lane, whatever their ports, so that it can count
/// who asks for what.
fn lane_of(key: &FlowKey) -> usize {
    let is_dns = key.transport == Transport::Udp && (key.low.port == DNS || key.high.port == DNS);
    let hash = if is_dns {
        let alone = |end: End| End { port: 0, ..end };
        FlowKey::new(Transport::Udp, alone(key.low), alone(key.high))
            .0
            .stable_hash()
    } else {
        key.stable_hash()
    };
    usize::try_from(hash % LANES as u64).unwrap_or_default()
}

const DNS: u16 = 53;

/// Events told before they are handed on: all that wait on the way are little beside any ceiling of
/// memory. So many lie in the nearer cache until they are used, and in memory that the allocator hands
/// out again without putting pieces together.
const TOLD_MANY: usize = 64;

/// Room for the ends of so many flows stays.
const DUTIES_KEPT: usize = 1024;

#[cfg(test)]
mod tests;
