//! A lane: the flows that hash to it, with bounds of their own.
//!
//! Bounds belong to lanes and not to workers so that what is evicted does not depend on how many
//! workers there are.

mod shed;

pub(crate) use shed::Store;

use crate::dispatch::{Origin, Stage};
use crate::exchange::Exchange;
use crate::talk::{HALF_OPEN_IDLE_S, Talk, end_talk, flow_takes};
use crate::worker::{Place, Sink};
use foldhash::fast::FixedState;
use realmward_protocols::dns::Census;
use realmward_stream::tcp::{Pool, Status};
use realmward_stream::{Flow, FlowKey, FlowTable, Head, Packet, TcpFlags, TcpHead, Transport};
use realmward_vocab::{EventTime, FlowId};

/// The flows of one lane.
#[derive(Debug)]
pub(crate) struct Lane {
    tcp: FlowTable<Talk>,
    udp: FlowTable<Exchange>,
    secret: FixedState,
    /// Datagrams that were seen twice.
    pub(crate) repeated: u64,
    names: Census<Place>,
    pub(crate) pool: Pool,
    /// Connections that began to hold octets behind a hole; some do not any more.
    holding: Vec<FlowKey>,
    pub(crate) tcp_flows: u64,
    pub(crate) udp_flows: u64,
    /// Flows given up for the ceiling of memory.
    pub(crate) flows_shed: u64,
    /// Connections whose holes were given up for it.
    pub(crate) holes_shed: u64,
    /// Counts of names that ended early for it.
    pub(crate) counts_shed: u64,
}

impl Lane {
    pub(crate) fn new() -> Self {
        Self {
            tcp: FlowTable::new(TCP_FLOWS_MAX),
            udp: FlowTable::new(UDP_FLOWS_MAX),
            secret: FixedState::with_seed(getrandom::u64().unwrap_or_default()),
            repeated: 0,
            names: Census::default(),
            pool: Pool::new(HELD_OCTETS_MAX),
            holding: Vec::new(),
            tcp_flows: 0,
            udp_flows: 0,
            flows_shed: 0,
            holes_shed: 0,
            counts_shed: 0,
        }
    }

    /// Flows, and counts of names, that had to go because a table was full.
    pub(crate) const fn evicted(&self) -> u64 {
        self.tcp.evicted() + self.udp.evicted() + self.names.evicted()
    }

    pub(crate) fn packet(&mut self, packet: &Packet<'_>, sink: &mut Sink) {
        match &packet.head.tcp {
            Some(tcp) => self.segment(packet, tcp, sink),
            None => self.datagram(packet, sink),
        }
        self.count(sink);
    }

    /// The flows that were idle for their time at `now`.
    pub(crate) fn due(&mut self, now: EventTime) -> impl Iterator<Item = (FlowId, FlowKey)> {
        let tcp = self.tcp.due(now);
        tcp.into_iter().chain(self.udp.due(now))
    }

    /// All flows.
    pub(crate) fn all(&mut self) -> impl Iterator<Item = (FlowId, FlowKey)> {
        let tcp = self.tcp.all();
        tcp.into_iter().chain(self.udp.all())
    }

    /// Finishes a flow.
    pub(crate) fn end(&mut self, key: &FlowKey, sink: &mut Sink) {
        match key.transport {
            Transport::Tcp => {
                if let Some(flow) = self.tcp.remove(key) {
                    end_talk(&mut self.pool, key, flow, sink);
                }
            }
            Transport::Udp => {
                if let Some(flow) = self.udp.remove(key) {
                    end_exchange(key, flow, sink);
                }
            }
        }
        self.count(sink);
    }

    /// Tells the oldest count of names, if it is old enough at `now`; without a time, in any case.
    /// Whether there was one.
    pub(crate) fn end_count(&mut self, now: Option<EventTime>, sink: &mut Sink) -> bool {
        let mut told = Vec::new();
        let ended = match now {
            Some(now) => self.names.expire(now, &mut told),
            None => self.names.end(&mut told),
        };
        told.into_iter().for_each(|it| sink.count(it));
        ended
    }

    /// Notes whether octets wait in a connection, so that nobody need look at all connections.
    fn note(&mut self, key: &FlowKey) {
        self.holding.push(*key);
        if HOLDING_MAX <= self.holding.len() {
            let tcp = &mut self.tcp;
            let mut is_holding = |key: &FlowKey| {
                let flow = tcp.find(key);
                flow.is_some_and(|it| it.value.is_holding())
            };
            self.holding.sort_unstable();
            self.holding.dedup();
            self.holding.retain(|it| is_holding(it));
        }
    }

    /// Counts the questions of DNS that flows of this lane brought to their end.
    #[inline]
    fn count(&mut self, sink: &mut Sink) {
        if !sink.asked.is_empty() {
            self.count_all(sink);
        }
    }

    fn count_all(&mut self, sink: &mut Sink) {
        let mut told = Vec::new();
        for (place, asked) in sink.asked.drain(..) {
            let client = place.key.end(place.client).address;
            let server = place.key.end(place.client.other()).address;
            self.names.take((client, server), place, &asked, &mut told);
        }
        told.into_iter().for_each(|it| sink.count(it));
    }

    fn segment(&mut self, packet: &Packet<'_>, tcp: &TcpHead, sink: &mut Sink) {
        let (head, key) = (&packet.head, &packet.head.key);
        if let Some(flow) = self.tcp.find(key) {
            if !flow.value.is_other(head.from, tcp) {
                let was_holding = self.pool.held_octets();
                let status = flow_takes(flow, packet, &mut self.pool, sink);
                let begins = was_holding < self.pool.held_octets() && flow.value.begins_to_hold();
                if begins {
                    self.note(key);
                }
                return self.conclude(key, status, sink);
            }
            if let Some(flow) = self.tcp.remove(key) {
                end_talk(&mut self.pool, key, flow, sink);
            }
        } else {
            let begins = tcp.flags.has(TcpFlags::SYN) || !packet.payload.is_empty();
            if !begins || tcp.flags.has(TcpFlags::RST) {
                return;
            }
        }
        self.begin(head, sink);
        if let Some(flow) = self.tcp.find(key) {
            let status = flow_takes(flow, packet, &mut self.pool, sink);
            self.conclude(key, status, sink);
        }
    }

    /// Ends or soon forgets a flow that is over.
    #[inline]
    fn conclude(&mut self, key: &FlowKey, status: Status, sink: &mut Sink) {
        if status != Status::Open {
            self.is_over(key, status, sink);
        }
    }

    fn is_over(&mut self, key: &FlowKey, status: Status, sink: &mut Sink) {
        if status == Status::Finished
            && let Some(flow) = self.tcp.find(key)
            && let Talk::Open(open) = &mut flow.value
        {
            let client = open.stage.client();
            open.stage.close(&mut sink.facts);
            flow.value = Talk::Passing;
            sink.collect(key, flow.id, client);
        }
        self.tcp.shorten(key, CLOSED_IDLE_S);
    }

    fn begin(&mut self, head: &Head, sink: &mut Sink) {
        self.tcp_flows += 1;
        let flow = Flow {
            id: FlowId(head.order),
            last: head.seen.time,
            idle_s: HALF_OPEN_IDLE_S,
            value: Talk::default(),
        };
        if let Some((key, flow)) = self.tcp.insert(head.key, flow) {
            end_talk(&mut self.pool, &key, flow, sink);
        }
    }

    fn datagram(&mut self, packet: &Packet<'_>, sink: &mut Sink) {
        let (head, key) = (&packet.head, &packet.head.key);
        if packet.payload.is_empty() {
            return;
        }
        if self.udp.find(key).is_none() {
            let Some(stage) = Stage::of_datagram(key, head.from, packet.payload) else {
                return;
            };
            self.udp_flows += 1;
            let flow = Flow {
                id: FlowId(head.order),
                last: head.seen.time,
                idle_s: UDP_IDLE_S,
                value: Exchange::new(stage),
            };
            if let Some((key, flow)) = self.udp.insert(*key, flow) {
                end_exchange(&key, flow, sink);
            }
        }
        let Some(flow) = self.udp.find(key) else {
            return;
        };
        flow.last = head.seen.time;
        let datagram = (head.from, packet.payload);
        if flow.value.repeats(datagram, head.seen.time, &self.secret) {
            self.repeated += 1;
            return;
        }
        let piece = realmward_stream::tcp::Piece::Octets(packet.payload, head.seen);
        let stage = &mut flow.value.stage;
        let client = stage.client();
        let origin = Origin { key: *key, client };
        stage.take(origin, head.from, piece, &mut sink.facts);
        let id = flow.id;
        sink.collect(key, id, client);
    }
}

fn end_exchange(key: &FlowKey, mut flow: Flow<Exchange>, sink: &mut Sink) {
    let client = flow.value.stage.client();
    flow.value.stage.close(&mut sink.facts);
    sink.collect(key, flow.id, client);
}

/// With 16 lanes 229,376 connections: a domain controller of a large site has some ten thousand.
/// Past it the one idle longest goes, and what it would still have told is read as if joined anew.
/// Seven eighths of a power of two: as many as a table of that size holds before it doubles.
const TCP_FLOWS_MAX: usize = 14_336;

/// With 16 lanes 114,688 exchanges, a minute of 1,900 name lookups a second.
const UDP_FLOWS_MAX: usize = 7168;

/// With 16 lanes 64 MiB of segments before their turn.
const HELD_OCTETS_MAX: usize = 4 * 1024 * 1024;

/// Entries of connections that hold octets behind a hole, before those that do no more are swept out:
/// twice as many as can hold any.
const HOLDING_MAX: usize = 2 * TCP_FLOWS_MAX;

/// The time in which segments of an ended connection still come (TIME-WAIT, RFC 9293 section 3.4.2).
const CLOSED_IDLE_S: u32 = 60;

/// Answers over UDP come within seconds, or not.
const UDP_IDLE_S: u32 = 60;
