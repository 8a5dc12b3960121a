//! What a sensor did, in numbers: for programs as JSON, for people in lines.

use super::totals::Totals;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

/// What a sensor did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Packets read.
    pub packets: u64,
    /// Octets of them.
    pub bytes: u64,
    /// How long it took.
    pub seconds: f64,
    /// Events, by kind.
    pub facts: BTreeMap<String, u64>,
    /// Messages that broke their specification, by protocol.
    pub faults: BTreeMap<String, u64>,
    /// Bounds that were reached, by name.
    pub limits: BTreeMap<String, u64>,
    /// What encryption hid, by kind.
    pub opaque: BTreeMap<String, u64>,
    /// What was seen below the protocols, by name: tunnels, and what looks like evasion.
    pub wire: BTreeMap<String, u64>,
    /// Packets that the kernel dropped.
    pub dropped_packets: u64,
    /// Batches that were dropped because the spool was full.
    pub dropped_batches: u64,
    /// Batches that the server has not yet.
    pub waiting_batches: u64,
    /// Most memory that was ever resident, in octets.
    pub peak_memory_bytes: u64,
    /// What was wrong with inputs.
    pub input_faults: Vec<String>,
}

impl Summary {
    pub(crate) fn of(totals: Totals) -> Self {
        Self {
            packets: totals.packets,
            bytes: totals.octets,
            facts: totals.events,
            faults: totals.faults,
            limits: totals.limits,
            opaque: totals.opaque,
            wire: totals.wire,
            dropped_packets: totals.dropped,
            ..Self::default()
        }
    }
}

impl Display for Summary {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let facts: u64 = self.facts.values().sum();
        writeln!(
            out,
            "{} packets, {} octets, {:.1} s, {facts} facts, {} MiB at most",
            self.packets,
            self.bytes,
            self.seconds,
            self.peak_memory_bytes >> 20
        )?;
        for (title, counts) in [
            ("facts", &self.facts),
            ("faults", &self.faults),
            ("bounds reached", &self.limits),
            ("hidden by encryption", &self.opaque),
            ("below the protocols", &self.wire),
        ] {
            if !counts.is_empty() {
                writeln!(out, "{title}:")?;
            }
            for (name, count) in counts {
                writeln!(out, "  {count:>10}  {name}")?;
            }
        }
        write!(
            out,
            "dropped: {} packets, {} batches; {} batches wait",
            self.dropped_packets, self.dropped_batches, self.waiting_batches
        )
    }
}
