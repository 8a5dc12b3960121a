//! TLS: what both ends say before they are alone.

use crate::conversation::{Record, abuse, count, in_pieces_of, play, records};
use realmward_event::Fact;
use realmward_event::tls::TlsNegotiated;
use realmward_protocols::tls::{Conversation, recognise};
use realmward_protocols::{Dissector as _, Facts, Opaque, Recognised, Stamp};
use realmward_vocab::Direction::{ToClient, ToServer};

const MUTUAL: &[u8] = include_bytes!("../data/tls/mutual.conv");
const RESUMED: &[u8] = include_bytes!("../data/tls/resumed.conv");
const TLS13: &[u8] = include_bytes!("../data/tls/tls13.conv");

fn told(facts: &Facts) -> Vec<TlsNegotiated> {
    let facts = facts.pending.iter().map(|it| match &it.fact {
        Fact::TlsNegotiated(it) => it.clone(),
        other => panic!("{other:?}"),
    });
    facts.collect()
}

fn one(octets: &[u8]) -> TlsNegotiated {
    let facts = play(Conversation::new(), &records(octets));
    assert_eq!(facts.counters.faults, []);
    let [it] = told(&facts).try_into().unwrap();
    it
}

/// A record of this type.
fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], &length[..], body].concat()
}

/// A handshake message.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

/// The least of a ServerHello.
fn server_hello(version: u8) -> Vec<u8> {
    let body = [&[3, version][..], &[7; 32], &[0, 0xc0, 0x30, 0]].concat();
    message(2, &body)
}

#[test]
fn before_1_3_names_and_both_certificates_are_seen() {
    let it = one(MUTUAL);
    assert_eq!((it.version, it.cipher_suite), (Some(0x0303), Some(0xc030)));
    assert_eq!(it.server_name.as_deref(), Some("dc1.lab.example"));
    assert_eq!(it.alpn, ["ldap", "h2"]);
    assert_eq!(it.alpn_chosen.as_deref(), Some("ldap"));
    let server = it.certificate.unwrap();
    assert_eq!(server.subject, "CN=dc1.lab.example");
    assert_eq!(server.issuer, "DC=example, DC=lab, CN=Lab CA");
    assert_eq!(server.serial, "1f01");
    assert_eq!(
        server.names,
        ["dc1.lab.example", "lab.example", "10.77.0.10"]
    );
    assert!(server.not_before < server.not_after);
    assert_eq!(server.sha256.len(), 64);
    let client = it.client_certificate.unwrap();
    assert_eq!(client.subject, "CN=alice");
    assert_eq!(
        client.names,
        ["alice@lab.example"],
        "the user principal name"
    );
}

#[test]
fn a_session_taken_up_again_shows_no_certificate() {
    let it = one(RESUMED);
    assert_eq!(it.version, Some(0x0303));
    assert_eq!(it.server_name.as_deref(), Some("dc1.lab.example"));
    assert_eq!((it.certificate, it.client_certificate), (None, None));
}

#[test]
fn under_1_3_only_the_hellos_are_seen() {
    let it = one(TLS13);
    assert_eq!(it.version, Some(0x0304));
    assert_eq!(it.server_name.as_deref(), Some("dc1.lab.example"));
    assert_eq!(it.certificate, None);
}

#[test]
fn a_stream_tells_the_same_however_it_is_cut() {
    for octets in [MUTUAL, RESUMED, TLS13] {
        let whole = one(octets);
        for size in [1, 2, 3, 5, 7, 100, 1_000] {
            let cut = play(Conversation::new(), &in_pieces_of(size, &records(octets)));
            assert_eq!(
                told(&cut),
                std::slice::from_ref(&whole),
                "in pieces of {size}"
            );
        }
    }
}

#[test]
fn messages_may_span_records_and_records_hold_several() {
    let hello = server_hello(3);
    let two = [hello.clone(), message(14, b"")].concat();
    let spread: Vec<u8> = two.chunks(3).flat_map(|it| record(22, it)).collect();
    for octets in [record(22, &two), spread] {
        let facts = play(Conversation::new(), &[(ToClient, 1, octets)]);
        assert_eq!(told(&facts)[0].version, Some(0x0303));
    }
}

/// A HelloRetryRequest.
fn retry() -> Vec<u8> {
    let mut retry = server_hello(3);
    retry[6..38].copy_from_slice(&[
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8,
        0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8,
        0x33, 0x9c,
    ]);
    retry
}

/// The least of a ClientHello.
fn client_hello() -> Vec<u8> {
    let body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0]].concat();
    message(1, &body)
}

/// A ServerHello of TLS 1.3: the version is in `supported_versions`.
fn server_hello_13() -> Vec<u8> {
    let extensions = [0, 6, 0, 43, 0, 2, 3, 4];
    let body = [&[3, 3][..], &[7; 32], &[0, 0x13, 1, 0], &extensions].concat();
    message(2, &body)
}

#[test]
fn a_server_that_wants_another_hello_has_not_chosen() {
    let facts = play(Conversation::new(), &[(ToClient, 1, record(22, &retry()))]);
    assert_eq!(told(&facts)[0].version, None);
}

#[test]
fn the_hello_after_a_retry_is_answered_though_both_changed_keys_for_show() {
    let show = record(20, &[1]);
    let talk = [
        (ToServer, 1, record(22, &client_hello())),
        (ToClient, 2, [record(22, &retry()), show.clone()].concat()),
        (ToServer, 3, [show, record(22, &client_hello())].concat()),
        (ToClient, 4, record(22, &server_hello_13())),
        (ToClient, 5, record(23, &[0; 100])),
    ];
    for size in [1, 7, 10_000] {
        let facts = play(Conversation::new(), &in_pieces_of(size, &talk));
        let [it] = told(&facts).try_into().unwrap();
        assert_eq!((it.version, it.cipher_suite), (Some(0x0304), Some(0x1301)));
    }
}

#[test]
fn data_before_the_answer_does_not_hide_the_answer() {
    let talk = [
        (ToServer, 1, record(22, &client_hello())),
        (
            ToServer,
            2,
            [record(20, &[1]), record(23, &[0; 100])].concat(),
        ),
        (ToClient, 3, record(22, &server_hello_13())),
    ];
    let facts = play(Conversation::new(), &talk);
    let versions: Vec<_> = told(&facts).iter().map(|it| it.version).collect();
    assert_eq!(versions, [Some(0x0304)]);
}

#[test]
fn what_stands_before_a_broken_extension_is_told() {
    let broken = |whole: &[u8]| message(whole[0], &[&whole[4..], &[0, 1, 0]].concat());
    let talk = [
        (ToServer, 1, record(22, &broken(&client_hello()))),
        (ToClient, 2, record(22, &broken(&server_hello(3)))),
    ];
    let facts = play(Conversation::new(), &talk);
    let it = &told(&facts)[0];
    assert_eq!((it.version, it.cipher_suite), (Some(0x0303), Some(0xc030)));
    assert_eq!(count(&facts.counters.faults, "tls"), 2);
}

#[test]
fn a_session_is_told_and_counted_once_and_nothing_after_it_is_read() {
    let application = |direction| (direction, 9, record(23, &[0; 2_000]));
    let mut talk: Vec<Record> = records(MUTUAL);
    for _ in 0..20 {
        talk.extend([application(ToServer), application(ToClient)]);
    }
    let facts = play(Conversation::within("ldap"), &talk);
    assert_eq!(told(&facts).len(), 1);
    assert_eq!(told(&facts)[0].within, "ldap");
    assert_eq!(
        count(&facts.counters.opaque, Opaque::TlsSession.as_str()),
        1
    );
}

#[test]
fn a_session_older_than_the_capture_is_only_counted() {
    let application = |direction| (direction, 1, record(23, &[0; 200]));
    let facts = play(
        Conversation::new(),
        &[application(ToServer), application(ToClient)],
    );
    assert_eq!(facts.pending, []);
    assert_eq!(
        count(&facts.counters.opaque, Opaque::TlsSession.as_str()),
        1
    );
}

#[test]
fn a_hole_in_the_servers_flight_leaves_what_the_client_said() {
    let mut conversation = Conversation::new();
    let mut facts = Facts::default();
    for (direction, _, octets) in records(MUTUAL) {
        match direction {
            ToServer => {
                conversation.feed(direction, &octets, Stamp::default(), &mut facts);
            }
            ToClient => conversation.gap(direction, 100, &mut facts),
        }
    }
    let it = &told(&facts)[0];
    assert_eq!((it.version, it.certificate.clone()), (None, None));
    assert!(it.client_certificate.is_some());
}

#[test]
fn a_handshake_without_end_is_dropped_at_its_bound() {
    let endless = [&[11, 0xff, 0xff, 0xff][..], &[0; 16_000]].concat();
    let mut talk: Vec<Record> = vec![(ToClient, 1, record(22, &endless))];
    for _ in 0..100 {
        talk.push((ToClient, 1, record(22, &[0; 16_000])));
    }
    let facts = play(Conversation::new(), &talk);
    assert_eq!(facts.pending, []);
}

#[test]
fn many_short_messages_cost_no_more_than_their_octets() {
    let many = message(0, b"").repeat(16_000);
    let talk: Vec<Record> = (0..50).map(|_| (ToClient, 1, record(22, &many))).collect();
    play(Conversation::new(), &talk);
}

#[test]
fn a_record_tells_the_protocol_and_a_hello_its_sender() {
    for (octets, wanted) in [
        // type, version, length, handshake type
        (&[22, 3, 1, 2, 0, 1, 0][..], Recognised::Yes(ToServer)),
        (&[22, 3, 3, 0, 90, 2], Recognised::Yes(ToClient)),
        (&[23, 3, 3, 0, 90, 2], Recognised::Likely),
        (&[22, 3, 1, 2, 0], Recognised::TooShort),
        (&[22], Recognised::TooShort),
        (&[], Recognised::TooShort),
        (&[22, 3, 1, 0, 0, 1], Recognised::No),
        (&[22, 3, 1, 0xff, 0xff, 1], Recognised::No),
        (&[22, 3, 1, 2, 0, 11], Recognised::No),
        (&[22, 9], Recognised::No),
        (b"GET / HTTP/1.1", Recognised::No),
    ] {
        assert_eq!(recognise(octets), wanted, "{octets:?}");
    }
}

#[test]
fn abused_conversations_end_without_a_panic() {
    abuse(Conversation::new, &records(RESUMED));
    let first = records(MUTUAL).into_iter().take(2).collect::<Vec<_>>();
    abuse(Conversation::new, &first);
}
