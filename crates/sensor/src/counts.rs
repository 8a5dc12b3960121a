//! Names of what is counted below the protocols.

use crate::stats::WorkerStats;
use realmward_stream::tcp::TcpCounters;
use realmward_stream::{DecodeCounters, Tunnel};

type Counts = Vec<(&'static str, u64)>;

/// What no honest network shows often: tunnels, and what looks like evasion.
pub(crate) fn wire(decode: &DecodeCounters, tcp: &TcpCounters) -> Counts {
    let tunnels = Tunnel::ALL.iter().map(|it| it.as_str()).zip(decode.tunnels);
    let others = [
        ("tunnels_too_deep", decode.too_deep),
        ("fragments_contradict", decode.fragments.contradictory),
        ("tcp_contradictions", tcp.contradictions),
        ("tcp_bad_checksums", tcp.bad_checksums),
        ("tcp_urgent", tcp.urgent),
        ("tcp_syn_within", tcp.syn_within),
    ];
    some(tunnels.chain(others))
}

/// Bounds that were reached.
pub(crate) fn bounds(decode: &DecodeCounters, workers: &WorkerStats) -> Counts {
    some([
        ("flows", workers.flows_evicted),
        ("ip_fragments", decode.fragments.evicted),
        ("tcp_reassembly", workers.tcp.bound_reached),
        ("memory_flows", workers.flows_shed),
        ("memory_holes", workers.holes_shed),
        ("memory_names", workers.counts_shed),
        ("memory_fragments", decode.fragments_shed),
    ])
}

fn some(counts: impl IntoIterator<Item = (&'static str, u64)>) -> Counts {
    counts.into_iter().filter(|(_, count)| 0 < *count).collect()
}
