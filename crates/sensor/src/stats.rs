//! What a run saw, in numbers.

use crate::counts;
use realmward_protocols::Counters;
use realmward_stream::tcp::TcpCounters;
use realmward_stream::{DecodeCounters, FileReport};
use realmward_vocab::EventTime;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a run saw.
#[derive(Clone, Debug, Default)]
pub struct SensorStats {
    /// Packets of all files.
    pub packets: u64,
    /// Octets of these packets, as captured.
    pub octets: u64,
    /// Time of the earliest packet.
    pub first: Option<EventTime>,
    /// Time of the latest packet.
    pub last: Option<EventTime>,
    /// TCP connections.
    pub tcp_flows: u64,
    /// UDP exchanges that speak a protocol we know.
    pub udp_flows: u64,
    /// Flows that had to go because a table was full.
    pub flows_evicted: u64,
    /// Flows given up for the ceiling of memory.
    pub flows_shed: u64,
    /// Connections whose holes were given up for it.
    pub holes_shed: u64,
    /// Counts of names that ended early for it.
    pub counts_shed: u64,
    /// Datagrams that were seen twice.
    pub repeated: u64,
    /// Events by [`realmward_event::Fact::kind`].
    pub events: BTreeMap<&'static str, u64>,
    /// Faults by protocol, bounds by name, and what encryption hid.
    pub counters: Counters,
    /// What reassembly saw.
    pub tcp: TcpCounters,
    /// What became of frames.
    pub decode: DecodeCounters,
    /// How each file went, in the order given.
    pub files: Vec<FileReport>,
    /// How long it took.
    pub duration: Duration,
}

/// The share of one worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorkerStats {
    pub(crate) tcp_flows: u64,
    pub(crate) udp_flows: u64,
    pub(crate) flows_evicted: u64,
    pub(crate) flows_shed: u64,
    pub(crate) holes_shed: u64,
    pub(crate) counts_shed: u64,
    pub(crate) repeated: u64,
    pub(crate) counters: Counters,
    pub(crate) tcp: TcpCounters,
}

impl SensorStats {
    /// Events of all kinds.
    #[must_use]
    pub fn events_total(&self) -> u64 {
        self.events.values().sum()
    }

    /// What was seen below the protocols, by name: tunnels, and what looks like evasion.
    #[must_use]
    pub fn wire(&self) -> Vec<(&'static str, u64)> {
        counts::wire(&self.decode, &self.tcp)
    }

    /// Bounds that were reached below the protocols, by name.
    #[must_use]
    pub fn bounds(&self) -> Vec<(&'static str, u64)> {
        let workers = WorkerStats {
            flows_evicted: self.flows_evicted,
            flows_shed: self.flows_shed,
            holes_shed: self.holes_shed,
            counts_shed: self.counts_shed,
            repeated: self.repeated,
            tcp: self.tcp,
            ..WorkerStats::default()
        };
        counts::bounds(&self.decode, &workers)
    }

    pub(crate) fn add_worker(&mut self, worker: &WorkerStats) {
        self.tcp_flows += worker.tcp_flows;
        self.udp_flows += worker.udp_flows;
        self.flows_evicted += worker.flows_evicted;
        self.flows_shed += worker.flows_shed;
        self.holes_shed += worker.holes_shed;
        self.counts_shed += worker.counts_shed;
        self.repeated += worker.repeated;
        self.counters.merge(&worker.counters);
        self.tcp.merge(&worker.tcp);
    }

    pub(crate) fn add_files(&mut self, files: &[FileReport]) {
        for file in files {
            self.packets += file.packets;
            self.octets += file.octets;
            self.first = [self.first, file.first].into_iter().flatten().min();
            self.last = [self.last, file.last].into_iter().flatten().max();
        }
        self.files = files.to_vec();
        // Workers come in any order; names must not.
        self.counters.faults.sort_unstable();
        self.counters.limits.sort_unstable();
        self.counters.opaque.sort_unstable();
    }
}
