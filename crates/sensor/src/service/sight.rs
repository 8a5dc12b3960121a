//! Whether a source shows whole conversations: both directions, and the ports of a domain controller.

use realmward_stream::{FlowKey, Head, Side};
use std::collections::{BTreeMap, HashMap};

/// What was seen of connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sight {
    open: HashMap<FlowKey, Sides>,
    /// Packets to or from each port of a domain controller.
    pub(crate) ports: BTreeMap<u16, u64>,
    /// TCP connections that were looked at.
    pub(crate) connections: u64,
    /// Those of which only one direction was seen.
    pub(crate) one_sided: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sides {
    low: u32,
    high: u32,
}

impl Sight {
    pub(crate) fn packet(&mut self, head: &Head) {
        for end in [head.key.low, head.key.high] {
            if PORTS.iter().any(|(port, _)| *port == end.port) {
                *self.ports.entry(end.port).or_default() += 1;
            }
        }
        if head.tcp.is_none() {
            return;
        }
        if OPEN_MAX <= self.open.len() && !self.open.contains_key(&head.key) {
            self.settle();
        }
        let sides = self.open.entry(head.key).or_default();
        match head.from {
            Side::Low => sides.low = sides.low.saturating_add(1),
            Side::High => sides.high = sides.high.saturating_add(1),
        }
    }

    /// Counts the connections seen since the last call, and forgets them. Few packets prove nothing:
    /// the other direction may be still to come, or nobody may answer.
    pub(crate) fn settle(&mut self) {
        for (_, sides) in self.open.drain() {
            if PACKETS_MIN <= sides.low.saturating_add(sides.high) {
                self.connections += 1;
                self.one_sided += u64::from(sides.low == 0 || sides.high == 0);
            }
        }
    }
}

/// Connections looked at at a time; past it they are counted as they stand.
const OPEN_MAX: usize = 16_384;

const PACKETS_MIN: u32 = 4;

/// Ports of a domain controller, and what speaks there.
pub(crate) const PORTS: [(u16, &str); 9] = [
    (53, "DNS"),
    (88, "Kerberos"),
    (135, "RPC endpoint mapper"),
    (139, "NetBIOS"),
    (389, "LDAP"),
    (445, "SMB"),
    (464, "Kerberos passwords"),
    (636, "LDAPS"),
    (3268, "global catalog"),
];
