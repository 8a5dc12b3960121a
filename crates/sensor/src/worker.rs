//! A worker: some of the lanes, and the events of their flows.

use crate::guard::Level;
use crate::lane::Lane;
use crate::stats::WorkerStats;
use realmward_event::{Endpoint, Event, Source};
use realmward_protocols::Facts;
use realmward_protocols::dns::Asked;
use realmward_stream::{End, FlowKey, Packet, Side, Transport};
use realmward_vocab::{EventTime, FlowId, Order};

/// Flows are spread over this many lanes, whatever the number of workers: a fixed number keeps
/// verdicts the same, and 16 keep as many cores busy as a capture file can feed.
pub const LANES: usize = 16;

/// Keeps the flows of its lanes and turns what they tell into events.
#[derive(Debug)]
pub struct Worker {
    lanes: Vec<Lane>,
    workers: usize,
    sink: Sink,
}

/// Why an event is at its place: those of expired flows come before those of the packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    #[default]
    Expired,
    Packet,
}

/// What a worker told, in its order. Until [`in_order`] numbers them the index of an event is its
/// [`Phase`]: events are large, so nothing is put around them that would have to come off again.
#[derive(Debug, Default)]
pub(crate) struct Told(Vec<Event>);

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
        }
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
        self.sink.phase = Phase::Expired;
        for lane in &mut self.lanes {
            lane.expire(now, &mut self.sink);
        }
    }

    /// From now on gives up this much to save the processor.
    pub(crate) const fn keep_to(&mut self, level: Level) {
        self.sink.level = level;
    }

    /// Gives up what memory cannot hold any more, before the packet at `order`.
    pub(crate) fn shed(&mut self, order: u64) {
        self.sink.order = order;
        self.sink.phase = Phase::Expired;
        for lane in &mut self.lanes {
            lane.shed(&mut self.sink);
        }
    }

    /// No packet comes any more: finishes all flows. `order` is past the last packet's.
    pub fn finish(&mut self, order: u64) {
        self.sink.order = order;
        self.sink.phase = Phase::Expired;
        for lane in &mut self.lanes {
            lane.finish(&mut self.sink);
        }
    }

    pub(crate) fn take_told(&mut self) -> Told {
        // As many again are likely: growing step by step would copy each event several times.
        let room = Vec::with_capacity(self.sink.told.0.len());
        Told(std::mem::replace(&mut self.sink.told.0, room))
    }

    /// Whether enough was told to be worth handing over.
    pub(crate) const fn has_told_much(&self) -> bool {
        TOLD_MANY <= self.sink.told.0.len()
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

impl Told {
    /// Adds what another worker told of the same packets.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }
}

/// Puts what all workers told of the same packets into the one order, and numbers it.
pub(crate) fn in_order(Told(mut events): Told) -> Vec<Event> {
    events.sort_by_key(|it| (it.order, flow(it)));
    let mut before = Order::default();
    for event in &mut events {
        event.order.index = if event.order.packet == before.packet {
            before.index + 1
        } else {
            0
        };
        before = event.order;
    }
    events
}

const fn flow(event: &Event) -> FlowId {
    match event.source {
        Source::Wire(flow) => flow,
        _ => FlowId(0),
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

/// So many events lie in the nearer cache until they are used, and in memory that the allocator hands
/// out again without putting pieces together.
const TOLD_MANY: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_stream::{Decoder, Input, Merge};
    use std::path::Path;

    /// Reads a capture of the lab; `alter` hands its packets to the worker.
    fn told(name: &str, mut alter: impl FnMut(&mut Worker, &Packet<'_>)) -> Vec<Event> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/captures");
        let mut merge = Merge::open(vec![Input::Path(folder.join(name))]);
        let mut decoder = Decoder::default();
        let mut worker = Worker::new(0, 1);
        while let Some(frame) = merge.next_frame() {
            if let Some(packet) = decoder.decode(&frame) {
                alter(&mut worker, &packet);
            }
        }
        worker.finish(merge.packets() + 1);
        in_order(worker.take_told())
    }

    /// Hands a TCP payload over in segments of at most `octets`.
    fn split(worker: &mut Worker, packet: &Packet<'_>, octets: usize) {
        let Some(tcp) = packet.head.tcp.filter(|_| !packet.payload.is_empty()) else {
            worker.packet(packet);
            return;
        };
        let mut part = *packet;
        for (index, payload) in packet.payload.chunks(octets).enumerate() {
            let before = u32::try_from(index * octets).unwrap();
            let last = before as usize + payload.len() == packet.payload.len();
            part.payload = payload;
            part.head.cut = if last { packet.head.cut } else { 0 };
            part.head.tcp = Some(realmward_stream::TcpHead {
                sequence: tcp.sequence.wrapping_add(before),
                flags: if last {
                    tcp.flags
                } else {
                    realmward_stream::TcpFlags(0x10)
                },
                // That of the whole fits none of its parts.
                checksum: realmward_stream::tcp::Checksum::Unset,
                ..tcp
            });
            worker.packet(&part);
        }
    }

    const CAPTURES: [&str; 4] = [
        "a01_dcsync_krbtgt.pcap.zst",
        "a07_kerb_userenum.pcap.zst",
        "a10_ldap_spray.pcap.zst",
        "a14_pass_the_hash.pcap.zst",
    ];

    #[test]
    fn small_segments_tell_the_same() {
        for name in CAPTURES {
            let whole = told(name, Worker::packet);
            // Not one by one: a joined flow takes a first single octet for a keep-alive.
            for octets in [2, 7, 100] {
                let parts = told(name, |worker, packet| split(worker, packet, octets));
                let facts = |events: &[Event]| -> Vec<String> {
                    events.iter().map(|it| format!("{:?}", it.fact)).collect()
                };
                assert_eq!(facts(&parts), facts(&whole), "{name} by {octets}");
            }
        }
    }

    #[test]
    fn what_is_no_bulk_is_told_though_the_content_of_bulk_is_given_up() {
        // A replication of ten megabytes over RPC, and what a new domain controller asks besides.
        let name = "scenarios/promotion.pcap.zst";
        let besides = |level| {
            let mut given_up = 0;
            let events = told(name, |worker, packet| {
                worker.keep_to(level);
                worker.packet(packet);
                let limits = worker.sink.facts.counters.limits.iter();
                let bulk = limits.filter(|(name, _)| *name == "cpu_bulk_segments");
                given_up = bulk.map(|(_, count)| *count).sum();
            });
            let facts = events.into_iter().map(|it| format!("{:?}", it.fact));
            let besides = facts.filter(|it| !it.starts_with("RpcCalled"));
            (besides.collect::<Vec<_>>(), given_up)
        };
        let (all, nothing) = besides(Level::Nothing);
        let (kept, given_up) = besides(Level::Bulk);
        assert!(!all.is_empty() && nothing == 0);
        assert!(1000 < given_up, "{given_up} segments were given up");
        assert_eq!(kept, all);
    }

    #[test]
    fn packets_seen_twice_tell_nothing_new_over_tcp() {
        for name in CAPTURES {
            let once = told(name, Worker::packet);
            let twice = told(name, |worker, packet| {
                worker.packet(packet);
                if packet.head.tcp.is_some() {
                    worker.packet(packet);
                }
            });
            assert_eq!(twice, once, "{name}");
        }
    }

    #[test]
    fn clients_and_servers_are_told_without_the_handshake() {
        for name in CAPTURES {
            let ends = |events: &[Event]| -> Vec<(Endpoint, Endpoint)> {
                events
                    .iter()
                    .map(|event| (event.client.clone(), event.server.clone()))
                    .collect()
            };
            let whole = told(name, Worker::packet);
            let joined = told(name, |worker, packet| {
                let syn = packet.head.tcp.is_some_and(|tcp| tcp.flags.has(2));
                if !syn {
                    worker.packet(packet);
                }
            });
            assert_eq!(ends(&joined), ends(&whole), "{name}");
        }
    }
}
