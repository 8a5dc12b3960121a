//! Hostile octets: the dissector comes back, keeps bounds, and finds its place again.

use super::build::*;
use super::real::conversation;
use super::{run, told};
use crate::conversation::{abuse, count, in_pieces_of};
use realmward_protocols::smb::Conversation;

#[test]
fn broken_conversations_of_the_lab_end() {
    for name in ["wrong-password", "service-control"] {
        abuse(Conversation::new, &conversation(name));
    }
}

#[test]
fn broken_chains_and_compounds_end() {
    let header = |command, id| Smb2 {
        command,
        id,
        ..REQUEST
    };
    let messages = [
        (header(3, 1), tree_connect("\\\\dc1\\IPC$")),
        (header(5, 2), create("svcctl", 1)),
        (header(9, 3), write(FILE, &bind())),
        (header(0xb, 4), transceive(FILE, &request(2, 15))),
    ];
    let any = Smb1 {
        reply: false,
        status: 0,
        unicode: false,
        tid: 1,
        uid: 2,
        mid: 3,
    };
    let chain = any.chain(&[
        (0x73, vec![0; 26], b"user\0domain\0".to_vec()),
        (0x75, vec![0; 8], b"\\\\dc1\\IPC$\0IPC\0".to_vec()),
        (0xa2, vec![0; 48], b"\\svcctl\0".to_vec()),
    ]);
    abuse(
        Conversation::new,
        &[
            client(1, framed(&compound(&messages))),
            client(2, framed(&chain)),
        ],
    );
}

#[test]
fn a_lost_place_is_found_again_and_costs_each_octet_once() {
    let header = Smb2 {
        command: 3,
        id: 1,
        ..REQUEST
    };
    let connect = framed(&header.with(&tree_connect("\\\\dc1\\C$")));
    for garbage in [
        &b"\x17\x03\x03\x00\x20garbage"[..],
        b"\0\0\0\0\0\0\0",
        b"\0\0\0\x20\xfeSMX",
        b"SMBSMBSMB\0\0\0",
        b"\x85\x01",
    ] {
        let records = [client(1, [garbage, &connect].concat())];
        for size in 1..40 {
            let facts = run(&in_pieces_of(size, &records));
            assert_eq!(told(&facts).len(), 1, "{garbage:02x?} in pieces of {size}");
            assert_ne!(count(&facts.counters.faults, "smb"), 0);
        }
    }
    // Octets that are no message, or may always begin one: quadratic work would take minutes.
    let nearly = b"\0\0\0\x09\xfeSMX".repeat(1 << 20);
    for octets in [vec![0; 8 << 20], vec![0xfe; 8 << 20], nearly] {
        let facts = run(&in_pieces_of(1_460, &[client(1, octets)]));
        assert_eq!(told(&facts).len(), 0);
    }
}

#[test]
fn handles_and_sessions_without_end_stay_within_bounds() {
    let mut octets = Vec::new();
    for id in 0..20_000_u64 {
        let header = Smb2 {
            command: 9,
            id,
            session: id,
            ..REQUEST
        };
        octets.extend(framed(&header.with(&write(u128::from(id), &bind()))));
        let hidden = [&b"\xfdSMB"[..], &[0; 40], &id.to_le_bytes()].concat();
        octets.extend(framed(&hidden));
    }
    let facts = run(&[client(1, octets)]);
    assert_eq!(count(&facts.counters.limits, "smb_pipes"), 20_000 - 64);
    assert_eq!(
        count(&facts.counters.limits, "smb_sessions"),
        20_000 - 1 - 256
    );
    assert_eq!(told(&facts).len(), 39_999);
}
