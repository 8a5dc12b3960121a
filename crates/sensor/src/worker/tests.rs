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
    let (mut numbers, mut events) = (Numbers::default(), Vec::new());
    while worker.goes_on() {
        events.extend(numbers.in_order(worker.take_told()));
    }
    events.extend(numbers.in_order(worker.take_told()));
    events
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
