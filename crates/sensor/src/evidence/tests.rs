use super::*;
use realmward_stream::{Decoder, Input, Merge};
use std::path::Path;

/// All packets of a capture of the lab, through a ring of that size.
fn ring(name: &str, octets_max: usize) -> (Evidence, Vec<(PacketRef, Vec<u8>)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/captures");
    let mut merge = Merge::open(vec![Input::Path(folder.join(name))]);
    let (mut decoder, mut evidence) = (Decoder::default(), Evidence::new(octets_max));
    let mut seen = Vec::new();
    while let Some(merged) = merge.next_frame() {
        if let Some(packet) = decoder.decode(&merged)
            && !packet.payload.is_empty()
        {
            evidence.keep(&merged, 0, &packet);
            seen.push((merged.reference(), merged.frame.data.to_vec()));
        }
    }
    (evidence, seen)
}

#[test]
fn the_latest_packets_are_found_and_the_oldest_made_room() {
    let (evidence, seen) = ring("a14_pass_the_hash.pcap.zst", 20_000);
    assert!(evidence.octets <= 20_000);
    assert_eq!(evidence.places.len(), evidence.kept.len());
    let found: Vec<bool> = seen
        .iter()
        .map(|(packet, _)| evidence.find(*packet).is_some())
        .collect();
    assert!(!found[0] && *found.last().unwrap());
    assert!(found.is_sorted(), "a packet is gone before an older one");
}

#[test]
fn no_proof_of_ntlm_in_the_lab_leaves_the_sensor() {
    let (evidence, seen) = ring("a14_pass_the_hash.pcap.zst", 1 << 30);
    let mut proofs = 0;
    for (packet, raw) in seen {
        let Some(at) = raw.windows(12).position(|it| it == b"NTLMSSP\0\x03\0\0\0") else {
            continue;
        };
        let field =
            |place: usize| usize::from(raw[at + place]) | usize::from(raw[at + place + 1]) << 8;
        let (length, offset) = (field(20), field(24));
        let Some(proof) = raw.get(at + offset..at + offset + 16) else {
            continue;
        };
        if length == 0 {
            continue;
        }
        proofs += 1;
        let sent = evidence.find(packet).unwrap().octets;
        assert_eq!(sent.len(), raw.len());
        assert!(sent.windows(16).all(|it| it != proof));
        assert_eq!(sent[at..at + 12], raw[at..at + 12]);
    }
    assert!(0 < proofs);
}

#[test]
fn no_password_of_ldap_in_the_lab_leaves_the_sensor() {
    let (evidence, seen) = ring("a10_ldap_spray.pcap.zst", 1 << 30);
    let mut passwords = 0;
    for (packet, raw) in seen {
        // A bind of version 3 with a name of less than 128 octets, as the lab's tools send it.
        let Some(at) = raw.windows(4).position(|it| it == [2, 1, 3, 4]) else {
            continue;
        };
        let simple = at + 5 + usize::from(raw[at + 4]);
        if raw.get(simple) != Some(&0x80) || raw[simple + 1] == 0 {
            continue;
        }
        passwords += 1;
        let length = usize::from(raw[simple + 1]);
        let sent = evidence.find(packet).unwrap().octets;
        assert_eq!(sent[simple + 2..simple + 2 + length], vec![0; length]);
        assert_eq!(sent[..simple + 2], raw[..simple + 2]);
    }
    assert!(0 < passwords);
}
