//! Hostile octets: bounded state, and sync is kept or found again.

use super::build::{client, entry, message, present, search, server, simple_bind};
use super::{run, searches, told};
use crate::conversation::{count, in_pieces_of};
use rasn_ldap::{DelRequest, ProtocolOp, UnbindRequest};

#[test]
fn a_message_longer_than_we_look_at_is_read_as_far_as_we_look() {
    // A base of 50 MB: the head is there, the name is not.
    let mut huge = vec![
        0x30, 0x84, 3, 0, 0, 15, 2, 1, 1, 0x63, 0x84, 3, 0, 0, 6, 4, 0x84, 3, 0, 0, 0,
    ];
    huge.resize(3 * (1 << 24) + 21, b'x');
    let records = [
        client(1, huge),
        client(2, search(2, "DC=x", present("cn"), &[])),
    ];
    let facts = run(&in_pieces_of(1 << 20, &records));
    assert_eq!(told(&facts), ["search (cn=*) 0 None"]);
    assert_eq!(count(&facts.counters.faults, "ldap"), 1);
}

#[test]
fn entries_are_counted_by_their_head() {
    let blob = vec![0x30; 1 << 20];
    let records = [
        client(1, search(1, "DC=x", present("cn"), &[])),
        server(2, entry(1, "CN=a", &[("x", &[&blob])])),
        server(3, entry(1, "CN=b", &[])),
    ];
    for size in [1_460, 1 << 24] {
        let facts = run(&in_pieces_of(size, &records));
        assert_eq!(searches(&facts)[0].entries, 2);
    }
}

#[test]
fn other_operations_keep_the_place() {
    let delete = message(1, ProtocolOp::DelRequest(DelRequest("CN=x".into())));
    let unbind = message(2, ProtocolOp::UnbindRequest(UnbindRequest));
    let stream = [delete, unbind, search(3, "DC=x", present("cn"), &[])].concat();
    for size in 1..stream.len() {
        let facts = run(&in_pieces_of(size, &[client(1, stream.clone())]));
        let wanted = ["search (cn=*) 0 None", "DirectoryChanged"];
        assert_eq!(told(&facts), wanted, "by {size}");
        assert_eq!(facts.counters.faults, [], "by {size}");
    }
}

#[test]
fn garbage_before_a_message_is_passed_over() {
    let message = search(3, "DC=x", present("cn"), &[]);
    for garbage in [
        &b"\x17\x03\x03\x00\x20garbage"[..],
        b"\x30\x80\x02\x01",
        b"\x30\x0c\x02\x01\x01\x04\x06public",
        // A length of NTLM's form is believed only at a boundary.
        b"zz\x00\x00\xff\xff\x01\x00\x00\x00",
    ] {
        let facts = run(&[client(1, [garbage, &message].concat())]);
        assert_eq!(searches(&facts).len(), 1, "{garbage:02x?}");
    }
}

#[test]
fn a_lost_place_costs_no_more_than_each_octet_once() {
    // Every octet looks like a beginning and is none; quadratic work would take minutes.
    let records = [
        client(1, vec![0x30; 8 << 20]),
        client(2, vec![0x00; 8 << 20]),
    ];
    for size in [1, 1_460] {
        let records = if size == 1 {
            records
                .each_ref()
                .map(|(side, packet, octets)| (*side, *packet, octets[..1 << 16].to_vec()))
        } else {
            records.clone()
        };
        assert_eq!(told(&run(&in_pieces_of(size, &records))).len(), 0);
    }
}

#[test]
fn names_are_cut_at_their_bounds() {
    let long = "a".repeat(5_000);
    let facts = run(&[
        client(1, simple_bind(1, &long, "p")),
        client(2, search(2, &long, present("cn"), &[&long])),
    ]);
    let searched = &searches(&facts)[0];
    assert_eq!(searched.base.len(), 1_024);
    assert_eq!(searched.attributes[0].len(), 128);
    assert!(format!("{facts:?}").len() < 3_000);
}
