//! A lane: the flows that hash to it, with bounds of their own.
//!
//! Bounds belong to lanes and not to workers so that what is evicted does not depend on how many
//! workers there are.

use crate::dispatch::{Origin, Stage};
use crate::worker::{Place, Sink};
use realmward_event::Fact;
use realmward_protocols::Facts;
use realmward_protocols::dns::{Census, Counted};
use realmward_stream::tcp::{Connection, Pool, Status};
use realmward_stream::{Flow, FlowKey, FlowTable, Head, Packet, Side, TcpFlags, TcpHead};
use realmward_vocab::{EventTime, FlowId};

/// What is remembered of a TCP flow.
#[derive(Debug, Default)]
struct Talk {
    connection: Connection,
    stage: Stage,
}

/// The flows of one lane.
#[derive(Debug)]
pub(crate) struct Lane {
    tcp: FlowTable<Talk>,
    udp: FlowTable<Stage>,
    names: Census<Place>,
    pub(crate) pool: Pool,
    pub(crate) tcp_flows: u64,
    pub(crate) udp_flows: u64,
}

impl Lane {
    pub(crate) fn new() -> Self {
        Self {
            tcp: FlowTable::new(TCP_FLOWS_MAX),
            udp: FlowTable::new(UDP_FLOWS_MAX),
            names: Census::default(),
            pool: Pool::new(HELD_OCTETS_MAX),
            tcp_flows: 0,
            udp_flows: 0,
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
        if !sink.asked.is_empty() {
            self.count(sink);
        }
    }

    /// Finishes the flows that were idle for their time at `now`.
    pub(crate) fn expire(&mut self, now: EventTime, sink: &mut Sink) {
        for (key, flow) in self.tcp.expire(now) {
            end_talk(&mut self.pool, &key, flow, sink);
        }
        for (key, flow) in self.udp.expire(now) {
            end_exchange(&key, flow, sink);
        }
        self.count(sink);
        let mut told = Vec::new();
        self.names.expire(now, &mut told);
        report(told, sink);
    }

    /// Finishes all flows.
    pub(crate) fn finish(&mut self, sink: &mut Sink) {
        for (key, flow) in self.tcp.drain() {
            end_talk(&mut self.pool, &key, flow, sink);
        }
        for (key, flow) in self.udp.drain() {
            end_exchange(&key, flow, sink);
        }
        self.count(sink);
        let mut told = Vec::new();
        self.names.finish(&mut told);
        report(told, sink);
    }

    /// Counts the questions of DNS that flows of this lane brought to their end.
    fn count(&mut self, sink: &mut Sink) {
        let mut told = Vec::new();
        for (place, asked) in sink.asked.drain(..) {
            let client = place.key.end(place.client).address;
            let server = place.key.end(place.client.other()).address;
            self.names.take((client, server), place, &asked, &mut told);
        }
        report(told, sink);
    }

    fn segment(&mut self, packet: &Packet<'_>, tcp: &TcpHead, sink: &mut Sink) {
        let (head, key) = (&packet.head, &packet.head.key);
        if let Some(flow) = self.tcp.find(key) {
            if !flow.value.connection.is_other(head.from, tcp) {
                let status = flow_takes(flow, packet, &mut self.pool, sink);
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
    fn conclude(&mut self, key: &FlowKey, status: Status, sink: &mut Sink) {
        if status == Status::Open {
            return;
        }
        if status == Status::Finished
            && let Some(flow) = self.tcp.find(key)
            && flow.value.stage.is_open()
        {
            let (id, client) = (flow.id, flow.value.stage.client());
            flow.value.stage.close(&mut sink.facts);
            sink.collect(key, id, client);
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
                value: stage,
            };
            if let Some((key, flow)) = self.udp.insert(*key, flow) {
                end_exchange(&key, flow, sink);
            }
        }
        let Some(flow) = self.udp.find(key) else {
            return;
        };
        flow.last = head.seen.time;
        let piece = realmward_stream::tcp::Piece::Octets(packet.payload, head.seen);
        let client = flow.value.client();
        let origin = Origin { key: *key, client };
        flow.value.take(origin, head.from, piece, &mut sink.facts);
        let id = flow.id;
        sink.collect(key, id, client);
    }
}

/// A flow takes its next packet.
fn flow_takes(
    flow: &mut Flow<Talk>,
    packet: &Packet<'_>,
    pool: &mut Pool,
    sink: &mut Sink,
) -> Status {
    flow.last = packet.head.seen.time;
    if !packet.payload.is_empty() && flow.idle_s == HALF_OPEN_IDLE_S {
        flow.idle_s = TCP_IDLE_S;
    }
    let status = flow.value.take(packet, pool, &mut sink.facts);
    sink.collect(&packet.head.key, flow.id, flow.value.stage.client());
    status
}

impl Talk {
    fn take(&mut self, packet: &Packet<'_>, pool: &mut Pool, facts: &mut Facts) -> Status {
        let Self { connection, stage } = self;
        if !stage.is_open() {
            return connection.pass_over(&packet.head);
        }
        let origin = Origin {
            key: packet.head.key,
            client: opener(connection, &packet.head),
        };
        let status = connection.segment(&packet.head, packet.payload, pool, &mut |side, piece| {
            stage.take(origin, side, piece, facts);
        });
        if !stage.is_open() {
            connection.discard(pool);
        }
        status
    }
}

/// The end that opened the connection, as known once this segment is read.
fn opener(connection: &Connection, head: &Head) -> Option<Side> {
    connection.client().or_else(|| {
        let flags = head.tcp.as_ref()?.flags;
        if !flags.has(TcpFlags::SYN) {
            return None;
        }
        Some(if flags.has(TcpFlags::ACK) {
            head.from.other()
        } else {
            head.from
        })
    })
}

/// Delivers what was held and finishes the conversation.
fn end_talk(pool: &mut Pool, key: &FlowKey, flow: Flow<Talk>, sink: &mut Sink) {
    let Talk {
        mut connection,
        mut stage,
    } = flow.value;
    if stage.is_open() {
        let origin = Origin {
            key: *key,
            client: connection.client(),
        };
        connection.finish(pool, &mut |side, piece| {
            stage.take(origin, side, piece, &mut sink.facts);
        });
    }
    connection.discard(pool);
    let client = stage.client();
    stage.close(&mut sink.facts);
    sink.collect(key, flow.id, client);
}

/// What was counted becomes an event of the flow that was last counted.
fn report(told: Vec<Counted<Place>>, sink: &mut Sink) {
    for counted in told {
        let Place { key, flow, client } = counted.place;
        let fact = Fact::NamesAsked(counted.fact);
        sink.facts.report(counted.at, &counted.evidence, fact);
        sink.collect(&key, flow, Some(client));
    }
}

fn end_exchange(key: &FlowKey, mut flow: Flow<Stage>, sink: &mut Sink) {
    let client = flow.value.client();
    flow.value.close(&mut sink.facts);
    sink.collect(key, flow.id, client);
}

/// With 16 lanes 262,144 connections: a domain controller of a large site has some ten thousand.
/// Past it the one idle longest goes, and what it would still have told is read as if joined anew.
const TCP_FLOWS_MAX: usize = 16_384;

/// With 16 lanes 131,072 exchanges, a minute of 2,000 name lookups a second.
const UDP_FLOWS_MAX: usize = 8192;

/// With 16 lanes 64 MiB of segments before their turn.
const HELD_OCTETS_MAX: usize = 4 * 1024 * 1024;

/// Connections without payload: scans, and handshakes whose rest was not captured.
const HALF_OPEN_IDLE_S: u32 = 60;

/// Windows sends a keep-alive every two hours; what is silent longer is gone.
const TCP_IDLE_S: u32 = 7500;

/// The time in which segments of an ended connection still come (TIME-WAIT, RFC 9293 section 3.4.2).
const CLOSED_IDLE_S: u32 = 60;

/// Answers over UDP come within seconds, or not.
const UDP_IDLE_S: u32 = 60;
