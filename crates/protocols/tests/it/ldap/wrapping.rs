//! What stands in signed and sealed buffers.

use super::build::{client, done, entry, present, search, server};
use super::{run, searches, told};
use crate::conversation::{Record, count, in_pieces_of, stamp};
use rasn_ldap::ResultCode;
use realmward_protocols::ldap::{Conversation, recognise};
use realmward_protocols::{Dissector, Facts, Opaque, Recognised};
use realmward_vocab::Direction;

/// A buffer with its length.
fn buffer(parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[..], &content].concat()
}

/// A Kerberos token with AES: flags, EC, RRC, and data as the sender rotated it.
fn cfx(flags: u8, ec: u8, rrc: u8, data: &[&[u8]]) -> Vec<u8> {
    let header = [5, 4, flags, 0xff, 0, ec, 0, rrc, 0, 0, 0, 0, 0, 0, 0, 9];
    buffer(&[&header, &data.concat()])
}

fn rc4(sealing: [u8; 2], message: &[u8]) -> Vec<u8> {
    let oid = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 2, 1];
    let fields = [&[0x11, 0][..], &sealing, &[0xff, 0xff], &[7; 24]].concat();
    let length = u8::try_from(oid.len() + fields.len()).unwrap();
    buffer(&[&[0x60, length], &oid, &fields, message, &[1]])
}

fn ntlm(content: &[u8]) -> Vec<u8> {
    buffer(&[&[1, 0, 0, 0], &[0xc5; 8], &[0, 0, 0, 0], content])
}

fn sealed(facts: &Facts) -> u64 {
    count(&facts.counters.opaque, Opaque::SealedLdapSession.as_str())
}

type Wrap = fn(&[u8]) -> Vec<u8>;

const SIGNED: [(&str, Wrap); 6] = [
    ("AES as Windows signs", |it| cfx(4, 12, 12, &[&[9; 12], it])),
    ("AES, checksum at the end", |it| {
        cfx(0, 12, 0, &[it, &[9; 12]])
    }),
    ("AES, checksum split", |it| {
        cfx(1, 12, 5, &[&[9; 5], it, &[9; 7]])
    }),
    ("RC4", |it| rc4([0xff, 0xff], it)),
    ("NTLM", ntlm),
    ("DIGEST-MD5", |it| {
        buffer(&[it, &[9; 10], &[0, 1], &[0, 0, 0, 0]])
    }),
];

#[test]
fn signed_messages_are_read_however_they_are_signed_and_cut() {
    let request = search(7, "DC=x", present("cn"), &["sn"]);
    let answers = [entry(7, "CN=a,DC=x", &[]), done(7, ResultCode::Success)].concat();
    for (name, wrap) in SIGNED {
        let records = [client(1, wrap(&request)), server(2, wrap(&answers))];
        for size in (1..60).chain([1_000]) {
            let facts = run(&in_pieces_of(size, &records));
            assert_eq!(
                told(&facts),
                ["search (cn=*) 1 Some(0)"],
                "{name} by {size}"
            );
            assert_eq!(sealed(&facts), 0, "{name} by {size}");
        }
    }
}

#[test]
fn a_signed_message_longer_than_its_buffer_goes_on_in_the_next() {
    let request = search(7, "DC=x", present("cn"), &["sn"]);
    // DIGEST-MD5 cannot be told from anything else in the middle of a message.
    for (name, wrap) in &SIGNED[..5] {
        for cut in [13, request.len() / 2, request.len() - 1] {
            let (one, two) = request.split_at(cut);
            // NTLM shows that it only signs by a whole message first.
            let records = [
                client(1, wrap(&search(1, "", present("first"), &[]))),
                client(2, wrap(one)),
                client(3, wrap(two)),
            ];
            let found = searches(&run(&records)).len();
            let wanted = if *name == "NTLM" && cut == 0 { 1 } else { 2 };
            assert_eq!(found, wanted, "{name} at {cut}");
        }
    }
}

#[test]
fn a_signed_buffer_of_megabytes_is_read_to_its_end() {
    let blob = vec![0x30; 40_000];
    let mut answers = Vec::new();
    for _ in 0..100 {
        answers.extend(entry(7, "CN=a,DC=x", &[("thumbnailPhoto", &[&blob])]));
    }
    answers.extend(done(7, ResultCode::Success));
    for (name, wrap) in SIGNED {
        let records = [
            client(1, wrap(&search(7, "DC=x", present("cn"), &[]))),
            server(2, wrap(&answers)),
        ];
        let facts = run(&in_pieces_of(1_460, &records));
        assert_eq!(told(&facts), ["search (cn=*) 100 Some(0)"], "{name}");
    }
}

#[test]
fn a_hole_in_the_messages_of_a_signed_buffer_costs_only_what_it_held() {
    let blob = vec![0x30; 5_000];
    let entry = entry(7, "CN=a,DC=x", &[("thumbnailPhoto", &[&blob])]);
    let buffers = [
        SIGNED[0].1(&[&entry[..], &entry].concat()),
        SIGNED[0].1(&done(7, ResultCode::Success)),
    ]
    .concat();
    let mut facts = Facts::default();
    let mut conversation = Conversation::new(false);
    let request = SIGNED[0].1(&search(7, "DC=x", present("cn"), &[]));
    conversation.feed(Direction::ToServer, &request, stamp(1), &mut facts);
    conversation.feed(Direction::ToClient, &buffers[..1_460], stamp(2), &mut facts);
    conversation.gap(Direction::ToClient, 1_460, &mut facts);
    conversation.feed(Direction::ToClient, &buffers[2_920..], stamp(3), &mut facts);
    assert_eq!(told(&facts), ["search (cn=*) 2 Some(0)"]);
}

#[test]
fn sealed_buffers_are_counted_once_and_passed_over() {
    let noise: Vec<u8> = (0..100_000_u32)
        .map(|it| it.to_le_bytes()[0] ^ 0xa5)
        .collect();
    for (name, wrap) in [
        ("AES", (|it| cfx(6, 0, 28, &[it])) as Wrap),
        ("RC4", |it| rc4([0x10, 0x00], it)),
        ("NTLM", ntlm),
    ] {
        let mut records: Vec<Record> = (1..20).map(|it| client(it, wrap(&noise))).collect();
        records.push(server(20, wrap(&noise)));
        let facts = run(&in_pieces_of(1_460, &records));
        assert_eq!(sealed(&facts), 1, "{name}");
        assert_eq!(facts.counters.faults, [], "{name}");
        let plain = [
            records,
            vec![client(21, search(1, "DC=x", present("cn"), &[]))],
        ]
        .concat();
        assert_eq!(searches(&run(&plain)).len(), 1, "{name}: its end is known");
    }
}

#[test]
fn the_first_octets_of_a_buffer_tell_the_protocol_and_sometimes_the_side() {
    for (name, wrap) in SIGNED {
        let octets = wrap(&search(7, "DC=x", present("cn"), &[]));
        let wanted = match octets[4..7] {
            [5, 4, flags] if flags & 1 == 1 => Recognised::Yes(Direction::ToClient),
            [5, 4, _] => Recognised::Yes(Direction::ToServer),
            _ => Recognised::Likely,
        };
        assert_eq!(recognise(false, &octets), wanted, "{name}");
        assert_eq!(
            recognise(false, &octets[..4]),
            Recognised::TooShort,
            "{name}"
        );
        assert_eq!(recognise(true, &octets), Recognised::No, "{name}");
    }
}

#[test]
fn a_token_whose_checksum_is_longer_than_itself_is_no_token() {
    let facts = run(&[client(1, cfx(0, 200, 0, &[&[9; 40]]))]);
    assert_eq!((sealed(&facts), told(&facts).len()), (0, 0));
}
