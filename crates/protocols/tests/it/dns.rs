//! DNS: what answers of the lab and of a builder of messages tell.

#[cfg(test)]
mod census;
#[cfg(test)]
mod zones;

use crate::conversation::{Record, abuse, count, in_pieces_of, play, records};
use realmward_event::Fact;
use realmward_event::dns::NameResolved;
use realmward_protocols::dns::{Conversation, recognise};
use realmward_protocols::{Facts, Recognised};
use realmward_vocab::{Direction, HostName};
use simple_dns::rdata::RData;
use simple_dns::{Name, Packet};
use std::net::IpAddr;

const DATAGRAMS: [(&str, &[u8]); 3] = [
    ("address", include_bytes!("../data/dns/address.conv")),
    ("service", include_bytes!("../data/dns/service.conv")),
    ("alias", include_bytes!("../data/dns/alias.conv")),
];

const STREAM: &[u8] = include_bytes!("../data/dns/stream.conv");

fn resolved(facts: &Facts) -> Vec<NameResolved> {
    facts
        .pending
        .iter()
        .filter_map(|it| match &it.fact {
            Fact::NameResolved(resolved) => Some(resolved.clone()),
            _ => None,
        })
        .collect()
}

fn told(facts: &Facts) -> Vec<String> {
    resolved(facts)
        .iter()
        .map(|it| {
            let addresses: Vec<String> = it.addresses.iter().map(ToString::to_string).collect();
            let names: Vec<&str> = it.names.iter().map(HostName::as_str).collect();
            let (addresses, names) = (addresses.join(" "), names.join(" "));
            format!("{} {}: {addresses}|{names}", it.name, it.query_type)
        })
        .collect()
}

/// A message from the server: flags, counts of the sections, and what follows.
fn response(flags: u16, counts: [u16; 4], rest: &[u8]) -> Record {
    let mut message = vec![0xab, 0xcd];
    message.extend(flags.to_be_bytes());
    message.extend(counts.iter().flat_map(|it| it.to_be_bytes()));
    message.extend(rest);
    (Direction::ToClient, 1, message)
}

/// `x` IN, asked for this type.
fn question(qtype: u8) -> Vec<u8> {
    vec![1, b'x', 0, 0, qtype, 0, 1]
}

/// A record of `x`.
fn record(kind: u8, rdata: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(rdata.len()).unwrap().to_be_bytes();
    let head = [0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 9, high, low];
    [&head[..], rdata].concat()
}

fn answer(qtype: u8, records: &[Vec<u8>]) -> Facts {
    let count = u16::try_from(records.len()).unwrap();
    let rest = [question(qtype), records.concat()].concat();
    let record = response(0x8180, [1, count, 0, 0], &rest);
    play(Conversation::new(true), &[record])
}

#[test]
fn answers_of_the_lab_tell_addresses_services_and_aliases() {
    for ((name, octets), wanted) in DATAGRAMS.into_iter().zip([
        "dc1.lab.example 1: 10.77.0.10|",
        "_ldap._tcp.dc._msdcs.LAB.EXAMPLE 33: |dc1.lab.example",
        "8a63274f-3393-47a0-8e32-5be5057348e8._msdcs.lab.example 5: |DC2.lab.example",
    ]) {
        let facts = play(Conversation::new(true), &records(octets));
        assert_eq!(told(&facts), [wanted], "{name}");
        assert_eq!(facts.counters.faults, [], "{name}");
    }
}

#[test]
fn a_stream_tells_the_same_however_it_is_cut() {
    let whole = play(Conversation::new(false), &records(STREAM));
    assert_eq!(told(&whole), ["lab.example 255: 10.77.0.10 10.77.0.11|"]);
    for size in 1..80 {
        let cut = play(
            Conversation::new(false),
            &in_pieces_of(size, &records(STREAM)),
        );
        assert_eq!(cut.pending, whole.pending, "in pieces of {size}");
    }
}

#[test]
fn another_library_reads_the_same_answers() {
    for (name, octets) in DATAGRAMS {
        let all = records(octets);
        let (_, _, message) = all.last().unwrap();
        let packet = Packet::parse(message).unwrap();
        let mut addresses: Vec<IpAddr> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for answer in &packet.answers {
            match &answer.rdata {
                RData::A(it) => addresses.push(std::net::Ipv4Addr::from(it.address).into()),
                RData::AAAA(it) => addresses.push(std::net::Ipv6Addr::from(it.address).into()),
                RData::CNAME(it) => names.push(it.0.to_string()),
                RData::PTR(it) => names.push(it.0.to_string()),
                RData::SRV(it) => names.push(it.target.to_string()),
                _ => {}
            }
        }
        let ours = &resolved(&play(Conversation::new(true), &all))[0];
        assert_eq!(ours.name.as_str(), packet.questions[0].qname.to_string());
        assert_eq!(ours.addresses, addresses, "{name}");
        let ours: Vec<&str> = ours.names.iter().map(HostName::as_str).collect();
        assert_eq!(ours, names, "{name}");
    }
}

#[test]
fn each_kind_of_record_gives_what_it_names() {
    let mut v6 = [0; 16];
    v6[15] = 1;
    for (qtype, records, wanted) in [
        (1, vec![record(1, &[10, 0, 0, 5])], "x 1: 10.0.0.5|"),
        (28, vec![record(28, &v6)], "x 28: ::1|"),
        (12, vec![record(12, b"\x01h\xc0\x0c")], "x 12: |h.x"),
        (33, vec![record(33, b"\0\0\0\0\0\x58\x02dc\0")], "x 33: |dc"),
        (
            1,
            vec![
                record(5, b"\x01c\0"),
                record(1, &[10, 0, 0, 6]),
                record(1, &[10, 0, 0, 6]),
            ],
            "x 1: 10.0.0.6|c",
        ),
    ] {
        assert_eq!(told(&answer(qtype, &records)), [wanted]);
    }
}

#[test]
fn what_teaches_no_name_is_not_told() {
    let a = record(1, &[10, 0, 0, 5]);
    let soa = record(6, &[0; 22]);
    let with = |flags, counts, rest: Vec<u8>| response(flags, counts, &rest);
    for (why, message) in [
        (
            "a question",
            with(0x0100, [1, 1, 0, 0], [question(1), a.clone()].concat()),
        ),
        (
            "no such name",
            with(0x8183, [1, 0, 1, 0], [question(1), soa.clone()].concat()),
        ),
        ("no record", with(0x8180, [1, 0, 0, 0], question(1))),
        (
            "only another kind",
            with(0x8180, [1, 1, 0, 0], [question(6), soa].concat()),
        ),
        (
            "a dynamic update",
            with(0xa880, [1, 1, 0, 0], [question(1), a.clone()].concat()),
        ),
        (
            "two questions",
            with(0x8180, [2, 1, 0, 0], [question(1), question(1), a].concat()),
        ),
    ] {
        let facts = play(Conversation::new(true), &[message]);
        assert_eq!(told(&facts), [""; 0], "{why}");
        assert_eq!(facts.counters.faults, [], "{why}");
    }
}

#[test]
fn the_same_answer_is_told_once_in_a_conversation() {
    let message = response(
        0x8180,
        [1, 1, 0, 0],
        &[question(1), record(1, &[10, 0, 0, 5])].concat(),
    );
    let other = response(
        0x8180,
        [1, 1, 0, 0],
        &[question(1), record(1, &[10, 0, 0, 6])].concat(),
    );
    let facts = play(Conversation::new(true), &[message.clone(), message, other]);
    assert_eq!(told(&facts), ["x 1: 10.0.0.5|", "x 1: 10.0.0.6|"]);
}

#[test]
fn records_before_a_fault_are_kept() {
    let facts = answer(1, &[record(1, &[10, 0, 0, 5]), record(5, b"\xc0\xff")]);
    assert_eq!(told(&facts), ["x 1: 10.0.0.5|"]);
    assert_eq!(count(&facts.counters.faults, "dns"), 1);
}

#[test]
fn a_count_that_the_message_cannot_hold_costs_nothing() {
    let rest = [question(1), record(1, &[10, 0, 0, 5])].concat();
    let message = response(0x8180, [1, 0xffff, 0xffff, 0xffff], &rest);
    let facts = play(Conversation::new(true), &[message]);
    assert_eq!(told(&facts), ["x 1: 10.0.0.5|"]);
}

#[test]
fn names_that_loop_or_point_forward_are_faults() {
    for rdata in [
        // itself, forward, past the end, a label of an unknown kind, a name of 300 octets
        &b"\xc0\x1f"[..],
        b"\xc0\x21\x01h\0",
        b"\xff\xff",
        b"\x80\x01",
        &[&[63; 64][..], &[63; 64], &[63; 64], &[63; 64], &[0]].concat(),
    ] {
        let facts = answer(5, &[record(5, rdata)]);
        assert_eq!(told(&facts), [""; 0], "{rdata:02x?}");
        assert_eq!(count(&facts.counters.faults, "dns"), 1, "{rdata:02x?}");
    }
}

#[test]
fn a_chain_of_pointers_is_followed_only_so_far() {
    // `x`, then pointers each to the one before; the record points to the last of them.
    let chain = |links: u8| {
        let mut rest = question(5);
        rest.extend([0xc0, 12, 0, 10, 0, 1, 0, 0, 0, 9, 0, links * 2]);
        let mut target = 12;
        for link in 0..links {
            rest.extend([0xc0, target]);
            target = 31 + 2 * link;
        }
        rest.extend(record(5, &[1, b'h', 0xc0, target]));
        play(
            Conversation::new(true),
            &[response(0x8180, [1, 2, 0, 0], &rest)],
        )
    };
    assert_eq!(told(&chain(3)), ["x 5: |h.x"]);
    assert_eq!(told(&chain(50)), [""; 0]);
    assert_eq!(count(&chain(50).counters.limits, "dns_pointers"), 1);
}

#[test]
fn a_name_of_the_greatest_length_is_read() {
    let labels = [63_usize, 63, 63, 61].map(|length| "a".repeat(length));
    let text = labels.join(".");
    let name = Name::new(&text).unwrap();
    let mut rdata: Vec<u8> = name
        .get_labels()
        .iter()
        .flat_map(|it| [&[u8::try_from(it.len()).unwrap()], it.as_ref()].concat())
        .collect();
    rdata.push(0);
    let facts = answer(5, &[record(5, &rdata)]);
    assert_eq!(resolved(&facts)[0].names[0].as_str(), text);
}

#[test]
fn the_first_octets_tell_the_protocol_and_the_side() {
    for (over_udp, octets) in [(true, DATAGRAMS[1].1), (false, STREAM)] {
        for (direction, _, octets) in records(octets) {
            assert_eq!(recognise(over_udp, &octets), Recognised::Yes(direction));
            let short = if over_udp {
                Recognised::No
            } else {
                Recognised::TooShort
            };
            assert_eq!(recognise(over_udp, &octets[..11]), short);
        }
    }
    for octets in [
        &[0; 64][..],
        b"\x00\x2e\x16\x03\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00",
    ] {
        assert_eq!(recognise(true, octets), Recognised::No);
        assert_eq!(recognise(false, octets), Recognised::No);
    }
}

#[test]
fn after_garbage_a_stream_is_read_from_the_next_message() {
    let mut all = records(STREAM);
    all.last_mut().unwrap().2.splice(..0, [0xff; 7]);
    assert_eq!(told(&play(Conversation::new(false), &all)).len(), 1);
}

#[test]
fn abused_conversations_end_without_a_panic() {
    for (_, octets) in DATAGRAMS {
        abuse(|| Conversation::new(true), &records(octets));
    }
    abuse(|| Conversation::new(false), &records(STREAM));
}
