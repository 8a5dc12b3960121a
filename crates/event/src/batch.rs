//! What a sensor sends: events in numbered batches, with the packets that prove them.
//!
//! A batch is a value, not a message: how it is packed, signed and acknowledged is the business of
//! the two ends. Fields are added with `#[serde(default)]`, never renamed.

use crate::Event;
use realmward_vocab::{EventTime, PacketRef};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Events of one sensor, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// Its number at this sensor, from 1, without gaps and never used again. A server that has seen a
    /// number ignores the batch; one that misses a number knows how many it misses.
    pub sequence: u64,
    /// Batches before this one that the sensor had to drop because its spool was full.
    pub dropped: u64,
    /// What happened. `order`, flows and packets are numbered by the sensor; the server makes them
    /// unique among sensors.
    pub events: Vec<Event>,
    /// Packets that the events name as evidence, each once, as far as they were still held.
    pub packets: Vec<EvidencePacket>,
    /// How the sensor is, from time to time.
    pub health: Option<SensorHealth>,
}

/// A packet kept as proof.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidencePacket {
    /// By what events name it.
    pub packet: PacketRef,
    /// When it was captured.
    pub time: EventTime,
    /// Link type, as `LINKTYPE_` numbers count (1: Ethernet).
    pub link_type: u16,
    /// Its length on the wire, in octets.
    pub octets_on_wire: u32,
    /// What was kept of it, secrets blanked.
    #[serde(with = "serde_bytes")]
    pub octets: Vec<u8>,
}

/// How a sensor is, since its last report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SensorHealth {
    /// When it was written, by the sensor's clock.
    pub time: EventTime,
    /// Version of the sensor.
    pub version: String,
    /// What it reads: an interface, a pipe or files.
    pub input: String,
    /// How long the report covers, in seconds.
    pub span_s: f64,
    /// Packets read.
    pub packets: u64,
    /// Octets read.
    pub octets: u64,
    /// Packets that the kernel or we had to drop.
    pub dropped_packets: u64,
    /// Events told, by kind.
    pub events: BTreeMap<String, u64>,
    /// Messages that could not be read, by protocol.
    pub faults: BTreeMap<String, u64>,
    /// Bounds that were reached, by name.
    pub limits: BTreeMap<String, u64>,
    /// What encryption hid, by kind.
    pub opaque: BTreeMap<String, u64>,
    /// TCP connections of which only one direction was seen, and all connections.
    pub one_sided_connections: u64,
    /// All TCP connections.
    pub connections: u64,
    /// How far it is behind what it watches, in seconds: all that happened so long before the report
    /// was told. A wire on which nothing is said is watched too.
    pub lag_s: f64,
    /// Batches that wait in the spool.
    pub spooled_batches: u64,
    /// Octets of the spool.
    pub spooled_octets: u64,
    /// Peak resident memory, in octets.
    pub memory_peak_octets: u64,
    /// What the sensor gave up before it read: `whole`, or what could not be given up and why; empty
    /// where nothing is given up.
    #[serde(default)]
    pub sandbox: String,
    /// What was seen below the protocols, by name: tunnels, and what looks like evasion.
    #[serde(default)]
    pub wire: BTreeMap<String, u64>,
}
