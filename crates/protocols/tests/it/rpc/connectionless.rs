//! Calls over datagrams: pairing, fragments, repetitions, floods.

use super::build::LITTLE;
use super::{calls, stamp};
use realmward_event::Outcome;
use realmward_event::rpc::{Arguments, RpcCalled, Transport};
use realmward_protocols::dcerpc::connectionless::{Conversation, recognise};
use realmward_protocols::{Dissector, Facts, Recognised};
use realmward_vocab::{Direction, Guid};

const EFSR: Guid = Guid(0xdf1941c5_fe89_4e79_bf10_463657acf44d);
const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;
const FAULT: u8 = 3;
const LAST: u8 = 0x06;
const MORE: u8 = 0x04;

/// A datagram of the activity 9 of the encrypting file system's operation 4.
fn datagram(ptype: u8, flags: u8, sequence: u32, fragment: u16, body: &[u8]) -> Vec<u8> {
    let b = LITTLE;
    [
        vec![4, ptype, flags, 0, 0x10, 0, 0, 0],
        b.guid(Guid(0)), // object
        b.guid(EFSR),
        b.guid(Guid(9)), // act_id
        b.u32(0),        // server_boot
        b.u32(1),        // if_vers
        b.u32(sequence),
        b.u16(4), // opnum
        b.u16(0xffff),
        b.u16(0xffff),
        b.u16(u16::try_from(body.len()).unwrap()),
        b.u16(fragment),
        vec![0, 0], // auth_proto, serial_lo
        body.to_vec(),
    ]
    .concat()
}

fn play(records: &[(Direction, Vec<u8>)]) -> Facts {
    let mut conversation = Conversation::new();
    let mut facts = Facts::default();
    for (packet, (direction, octets)) in records.iter().enumerate() {
        conversation.feed(*direction, octets, stamp(packet as u64), &mut facts);
    }
    conversation.finish(&mut facts);
    facts
}

fn told(records: &[(Direction, Vec<u8>)]) -> Vec<RpcCalled> {
    calls(&play(records))
}

use Direction::{ToClient, ToServer};

#[test]
fn a_call_and_its_answer_are_paired_by_activity_and_sequence() {
    let stub = LITTLE.string("\\\\10.0.0.66\\x");
    let called = told(&[
        (ToServer, datagram(REQUEST, 0, 1, 0, &stub)),
        (ToServer, datagram(REQUEST, 0, 2, 0, &stub)),
        (ToClient, datagram(RESPONSE, 0, 2, 0, &LITTLE.u32(5))),
        (ToClient, datagram(RESPONSE, 0, 1, 0, &LITTLE.u32(0))),
        (ToClient, datagram(RESPONSE, 0, 7, 0, &LITTLE.u32(0))), // nobody asked
    ]);
    let outcomes: Vec<Outcome> = called.iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failure, Outcome::Success]);
    assert_eq!(called[0].interface, Some(EFSR));
    assert_eq!(called[0].operation.as_deref(), Some("EfsRpcEncryptFileSrv"));
    assert_eq!(called[0].transport, Transport::Udp);
    assert_eq!(
        called[0].arguments,
        Arguments::Paths(vec!["\\\\10.0.0.66\\x".into()])
    );
}

#[test]
fn fragments_in_order_are_one_call_and_repetitions_are_none() {
    let stub = LITTLE.string("\\\\10.0.0.66\\x");
    let (a, b) = stub.split_at(20);
    let first = (ToServer, datagram(REQUEST, MORE, 1, 0, a));
    let second = (ToServer, datagram(REQUEST, LAST, 1, 1, b));
    let answer = (ToClient, datagram(RESPONSE, 0, 1, 0, &LITTLE.u32(0)));
    let called = told(&[
        first.clone(),
        first.clone(),
        second.clone(),
        answer.clone(),
        second,
        first,
        answer,
    ]);
    assert_eq!(called.len(), 1);
    assert_eq!(called[0].request_octets as usize, stub.len());
    assert_ne!(called[0].arguments, Arguments::None);
}

#[test]
fn a_fault_is_a_failure_and_an_unanswered_call_an_attempt() {
    let called = told(&[
        (ToServer, datagram(REQUEST, 0, 1, 0, &[])),
        (ToClient, datagram(FAULT, 0, 1, 0, &LITTLE.u32(0x1c01_0003))),
        (ToServer, datagram(REQUEST, 0, 2, 0, &[])),
    ]);
    assert_eq!(called[0].fault, Some(0x1c01_0003));
    assert_eq!(called[0].outcome, Outcome::Failure);
    assert_eq!(called[1].outcome, Outcome::Attempt);
}

#[test]
fn fragments_without_end_are_counted_and_not_kept() {
    let part = vec![7; 1_400];
    let mut flood = Vec::new();
    for fragment in 0..5_000 {
        flood.push((ToServer, datagram(REQUEST, MORE, 1, fragment, &part)));
    }
    let facts = play(&flood);
    assert_eq!(calls(&facts)[0].request_octets, 5_000 * 1_400);
    let limits: Vec<&str> = facts.counters.limits.iter().map(|it| it.0).collect();
    assert_eq!(limits, ["rpc_stubs"]);
}

#[test]
fn calls_without_end_are_told_and_counted() {
    let flood: Vec<_> = (0..1_000)
        .map(|sequence| (ToServer, datagram(REQUEST, 0, sequence, 0, &[])))
        .collect();
    let facts = play(&flood);
    assert_eq!(calls(&facts).len(), 1_000);
    assert_eq!(facts.counters.limits, [("rpc_pending_calls", 1_000 - 64)]);
}

#[test]
fn no_cut_and_no_poked_octet_panics_or_tells_more() {
    let whole = datagram(REQUEST, 0, 1, 0, &LITTLE.string("\\\\10.0.0.66\\x"));
    for cut in 0..whole.len() {
        let expected = if cut < 80 {
            Recognised::TooShort
        } else {
            Recognised::Yes(ToServer)
        };
        assert_eq!(recognise(&whole[..cut]), expected, "{cut}");
        assert!(told(&[(ToServer, whole[..cut].to_vec())]).len() <= 1);
    }
    for place in 0..whole.len() {
        for poke in [0, 0x7f, 0xff] {
            let mut poked = whole.clone();
            poked[place] = poke;
            assert!(told(&[(ToServer, poked)]).len() <= 1);
        }
    }
}
