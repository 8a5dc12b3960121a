//! A TCP flow of a lane: its connection and its conversation, as long as somebody wants its octets.

use crate::dispatch::{Origin, Stage};
use crate::guard::Level;
use crate::worker::Sink;
use realmward_protocols::Facts;
use realmward_stream::tcp::{Checksum, Connection, Pool, Status};
use realmward_stream::{Flow, FlowKey, Head, Packet, Side, TcpFlags, TcpHead};

/// What is remembered of a TCP flow.
#[derive(Debug)]
pub(crate) enum Talk {
    /// Somebody wants its octets.
    Open(Box<Open>),
    /// Nobody does, or it is over.
    Passing,
}

/// A connection and its conversation.
#[derive(Debug, Default)]
pub(crate) struct Open {
    connection: Connection,
    pub(crate) stage: Stage,
    /// Octets of both directions so far.
    carried: u64,
    /// Its lane knows that octets wait behind a hole, or waited.
    noted: bool,
}

impl Default for Talk {
    fn default() -> Self {
        Self::Open(Box::default())
    }
}

/// A flow takes its next packet.
pub(crate) fn flow_takes(
    flow: &mut Flow<Talk>,
    packet: &Packet<'_>,
    pool: &mut Pool,
    sink: &mut Sink,
) -> Status {
    flow.last = packet.head.seen.time;
    if !packet.payload.is_empty() && flow.idle_s == HALF_OPEN_IDLE_S {
        flow.idle_s = TCP_IDLE_S;
    }
    let Talk::Open(open) = &mut flow.value else {
        return passed(&packet.head);
    };
    let lean = (Level::Bulk <= sink.level && open.is_bulk(packet)).then(|| without_payload(packet));
    if lean.is_some() {
        sink.facts.limit("cpu_bulk_segments");
    }
    let packet = lean.as_ref().unwrap_or(packet);
    let status = open.take(packet, pool, &mut sink.facts);
    sink.collect(&packet.head.key, flow.id, open.stage.client());
    if !open.stage.is_open() {
        flow.value = Talk::Passing;
    }
    status
}

/// Whether a segment ends a connection whose octets nobody wants.
const fn passed(head: &Head) -> Status {
    match &head.tcp {
        Some(tcp) if tcp.flags.0 & (TcpFlags::FIN | TcpFlags::RST) != 0 => Status::Closing,
        _ => Status::Open,
    }
}

impl Talk {
    /// Whether octets wait behind a hole, and did not before as far as its lane knows.
    pub(crate) fn begins_to_hold(&mut self) -> bool {
        match self {
            Self::Open(open) if open.connection.is_holding() => {
                !std::mem::replace(&mut open.noted, true)
            }
            _ => false,
        }
    }

    /// Whether octets wait behind a hole.
    pub(crate) fn is_holding(&self) -> bool {
        matches!(self, Self::Open(open) if open.connection.is_holding())
    }

    pub(crate) fn is_other(&self, from: Side, tcp: &TcpHead) -> bool {
        match self {
            Self::Open(open) => open.connection.is_other(from, tcp),
            Self::Passing => tcp.flags.has(TcpFlags::SYN) && !tcp.flags.has(TcpFlags::RST),
        }
    }
}

/// A segment as if its octets had not been captured.
fn without_payload(packet: &Packet<'_>) -> Packet<'static> {
    let length = u32::try_from(packet.payload.len()).unwrap_or(u32::MAX);
    let mut head = packet.head;
    head.cut = head.cut.saturating_add(length);
    if let Some(tcp) = &mut head.tcp {
        tcp.checksum = Checksum::Unset;
    }
    Packet { head, payload: &[] }
}

impl Open {
    /// Whether it is one of many long segments, as of files.
    const fn is_bulk(&self, packet: &Packet<'_>) -> bool {
        let octets = packet.payload.len() + packet.head.cut as usize;
        BULK_OCTETS < self.carried && BULK_SEGMENT_OCTETS <= octets
    }

    fn take(&mut self, packet: &Packet<'_>, pool: &mut Pool, facts: &mut Facts) -> Status {
        let Self {
            connection,
            stage,
            carried,
            ..
        } = self;
        *carried += packet.payload.len() as u64 + u64::from(packet.head.cut);
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

    /// Gives up all holes and delivers what was held behind them.
    pub(crate) fn flush(&mut self, key: &FlowKey, pool: &mut Pool, facts: &mut Facts) {
        self.noted = false;
        let Self {
            connection, stage, ..
        } = self;
        let origin = Origin {
            key: *key,
            client: connection.client(),
        };
        connection.finish(pool, &mut |side, piece| {
            stage.take(origin, side, piece, facts);
        });
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
pub(crate) fn end_talk(pool: &mut Pool, key: &FlowKey, flow: Flow<Talk>, sink: &mut Sink) {
    let Talk::Open(mut open) = flow.value else {
        return;
    };
    open.flush(key, pool, &mut sink.facts);
    open.connection.discard(pool);
    let client = open.stage.client();
    open.stage.close(&mut sink.facts);
    sink.collect(key, flow.id, client);
}

/// A conversation that carried more is bulk: no logon, and hardly a search, comes near.
const BULK_OCTETS: u64 = 1024 * 1024;

/// Of bulk only segments of this length are given up: what is shorter is a message between.
const BULK_SEGMENT_OCTETS: usize = 1024;

/// Connections without payload: scans, and handshakes whose rest was not captured.
pub(crate) const HALF_OPEN_IDLE_S: u32 = 60;

/// Windows sends a keep-alive every two hours; what is silent longer is gone.
const TCP_IDLE_S: u32 = 7500;
