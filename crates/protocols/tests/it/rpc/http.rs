//! RPC that begins with HTTP: version 1, both channels of version 2, and heads without an end.

use super::build::{LITTLE, SVCCTL, WHOLE};
use super::{binds, calls, stamp};
use realmward_event::rpc::Transport;
use realmward_protocols::dcerpc::http::{Conversation, recognise};
use realmward_protocols::{Dissector, Facts, Recognised};
use realmward_vocab::Direction;

use Direction::{ToClient, ToServer};

fn play(records: &[(Direction, Vec<u8>)], size: usize) -> Facts {
    let mut conversation = Conversation::new();
    let mut facts = Facts::default();
    for (packet, (direction, octets)) in records.iter().enumerate() {
        for piece in octets.chunks(size) {
            conversation.feed(*direction, piece, stamp(packet as u64), &mut facts);
        }
    }
    conversation.finish(&mut facts);
    facts
}

#[test]
fn version_1_greets_and_goes_on_as_ever() {
    let [(_, _, bind), (_, _, ack)] = LITTLE.bound(SVCCTL).try_into().unwrap();
    let records = [
        (ToClient, [&b"ncacn_http/1.0"[..], &ack].concat()),
        (ToServer, bind),
    ];
    for size in [1, 5, 1_460] {
        let facts = play(&[records[1].clone(), records[0].clone()], size);
        let bound = binds(&facts);
        assert_eq!(bound[0].accepted, Some(true), "in pieces of {size}");
        assert_eq!(bound[0].transport, Transport::Http);
        assert_eq!(facts.counters.faults, []);
    }
}

#[test]
fn the_channels_of_version_2_are_read_behind_their_heads_and_refusals() {
    let rts = LITTLE.pdu(20, WHOLE, 0, &[0; 56]);
    let request = LITTLE.request(WHOLE, 2, 0, 15, &[]);
    let to_server = [
        b"RPC_IN_DATA /rpc/rpcproxy.dll?dc1:593 HTTP/1.1\r\nContent-Length: 0\r\n\r\n".to_vec(),
        b"RPC_IN_DATA /rpc/rpcproxy.dll?dc1:593 HTTP/1.1\r\ncontent-length: 1073741824\r\n\r\n"
            .to_vec(),
        rts.clone(),
        LITTLE.bound(SVCCTL)[0].2.clone(),
        request,
    ]
    .concat();
    let to_client = [
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\nnever".to_vec(),
        b"HTTP/1.1 200 Success\r\nContent-Length: 1073741824\r\n\r\n".to_vec(),
        rts,
    ]
    .concat();
    for size in [1, 7, 100_000] {
        let facts = play(
            &[(ToServer, to_server.clone()), (ToClient, to_client.clone())],
            size,
        );
        assert_eq!(binds(&facts).len(), 1, "in pieces of {size}");
        assert_eq!(
            calls(&facts)[0].operation.as_deref(),
            Some("ROpenSCManagerW")
        );
        assert_eq!(facts.counters.faults, []);
    }
}

#[test]
fn first_octets_tell_the_side() {
    for (octets, expected) in [
        (&b"ncacn_http/1.0\x05\x00"[..], Recognised::Yes(ToClient)),
        (b"RPC_IN_DATA /", Recognised::Yes(ToServer)),
        (b"RPC_OUT_DATA /", Recognised::Yes(ToServer)),
        (b"RPC_I", Recognised::TooShort),
        (b"", Recognised::TooShort),
        (b"GET / HTTP/1.1\r\n", Recognised::No),
        (b"HTTP/1.1 200 OK", Recognised::No),
    ] {
        assert_eq!(recognise(octets), expected, "{octets:?}");
    }
}

#[test]
fn a_head_without_end_is_given_up_and_no_octet_is_looked_at_twice() {
    let head = [&b"RPC_IN_DATA /"[..], &vec![b'a'; 200_000]].concat();
    let facts = play(&[(ToServer, head)], 1);
    assert_eq!(facts.counters.limits, [("rpc_http_head", 1)]);
    let small = b"RPC_IN_DATA / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx".repeat(20_000);
    play(&[(ToServer, small)], 1 << 20);
}
