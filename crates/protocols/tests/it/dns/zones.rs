//! Zones given away and changed.

use super::{count, record};
use crate::conversation::{Record, abuse, in_pieces_of, play, records};
use realmward_event::dns::{ZoneTransferred, ZoneUpdated};
use realmward_event::{Carrier, Fact, Outcome};
use realmward_protocols::Facts;
use realmward_protocols::dns::Conversation;
use realmward_vocab::Direction;

const KEY: &[u8] = include_bytes!("../../data/dns/key.conv");
const UPDATE: &[u8] = include_bytes!("../../data/dns/update.conv");
const UNSIGNED: &[u8] = include_bytes!("../../data/dns/update-unsigned.conv");
const EMPTY: &[u8] = include_bytes!("../../data/dns/transfer-empty.conv");

fn transfers(facts: &Facts) -> Vec<ZoneTransferred> {
    let facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::ZoneTransferred(it) => Some(it.clone()),
        _ => None,
    });
    facts.collect()
}

fn updates(facts: &Facts) -> Vec<ZoneUpdated> {
    let facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::ZoneUpdated(it) => Some(it.clone()),
        _ => None,
    });
    facts.collect()
}

/// A message on a stream: number, flags, counts, and what follows.
fn message(id: u8, flags: u16, counts: [u16; 4], rest: &[u8]) -> Vec<u8> {
    let mut message = vec![0, id];
    message.extend(flags.to_be_bytes());
    message.extend(counts.iter().flat_map(|it| it.to_be_bytes()));
    message.extend(rest);
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    [&length[..], &message].concat()
}

/// `x` IN, asked for this type.
fn zone(qtype: u8) -> Vec<u8> {
    vec![1, b'x', 0, 0, qtype, 0, 1]
}

/// A SOA record of `x` with this serial number.
fn soa(serial: u8) -> Vec<u8> {
    let rdata = [&b"\x01m\0\x01r\0"[..], &[0, 0, 0, serial], &[0; 16]].concat();
    record(6, &rdata)
}

fn a(last: u8) -> Vec<u8> {
    record(1, &[10, 0, 0, last])
}

/// A question for a transfer and the messages that come.
fn transfer(qtype: u8, answers: &[Vec<u8>]) -> Vec<Record> {
    let asked = message(9, 0, [1, 0, 0, 0], &zone(qtype));
    let mut talk = vec![(Direction::ToServer, 1, asked)];
    talk.push((Direction::ToClient, 2, answers.concat()));
    talk
}

fn part(records: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(records.len()).unwrap();
    message(
        9,
        0x8400,
        [1, count, 0, 0],
        &[zone(252), records.concat()].concat(),
    )
}

#[test]
fn a_transfer_ends_with_the_record_it_began_with() {
    for (why, qtype, answers, wanted) in [
        (
            "in two messages, and a question after it",
            252,
            vec![part(&[soa(1), a(1)]), part(&[a(2), soa(1)]), part(&[a(3)])],
            (4, Outcome::Success, Some(0)),
        ),
        (
            "cut short",
            252,
            vec![part(&[soa(1), a(1)])],
            (2, Outcome::Success, Some(0)),
        ),
        (
            "nothing new",
            251,
            vec![part(&[soa(1)])],
            (1, Outcome::Success, Some(0)),
        ),
        (
            "changes",
            251,
            vec![part(&[soa(3), soa(1), a(1), soa(3)])],
            (4, Outcome::Success, Some(0)),
        ),
        (
            "refused",
            252,
            vec![message(9, 0x8405, [1, 0, 0, 0], &zone(252))],
            (0, Outcome::Failure, Some(5)),
        ),
        ("unanswered", 252, vec![], (0, Outcome::Attempt, None)),
    ] {
        let talk = transfer(qtype, &answers);
        let facts = play(Conversation::new(false), &talk);
        let told = transfers(&facts);
        assert_eq!(told.len(), 1, "{why}");
        let it = &told[0];
        assert_eq!(it.zone.as_str(), "x");
        assert_eq!(it.incremental, qtype == 251, "{why}");
        assert_eq!((it.records, it.outcome, it.response_code), wanted, "{why}");
        for size in [1, 2, 7, 30] {
            let cut = play(Conversation::new(false), &in_pieces_of(size, &talk));
            assert_eq!(transfers(&cut), told, "{why} in pieces of {size}");
        }
    }
}

#[test]
fn samba_says_no_with_nothing() {
    let told = transfers(&play(Conversation::new(false), &records(EMPTY)));
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].records, told[0].outcome), (0, Outcome::Failure));
}

#[test]
fn a_key_is_made_with_a_ticket_that_is_told() {
    let facts = play(Conversation::new(false), &records(KEY));
    let told: Vec<_> = facts.pending.iter().map(|it| &it.fact).collect();
    let [Fact::TicketPresented(presented)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(presented.carrier, Carrier::Dns);
    assert_eq!(presented.ticket.service.as_str(), "DNS/dc1.lab.example");
    assert_eq!(facts.counters.faults, []);
}

#[test]
fn updates_of_the_lab_tell_what_was_changed_and_who_signed() {
    for (over_udp, octets, signature) in [
        (false, UPDATE, Some("gss-tsig".to_owned())),
        (true, UNSIGNED, None),
    ] {
        let told = updates(&play(Conversation::new(over_udp), &records(octets)));
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].zone.as_str(), "lab.example");
        assert_eq!(told[0].added[0].name.as_str(), "lab-test.lab.example");
        assert_eq!(
            told[0].added[0].address,
            Some("10.77.0.199".parse().unwrap())
        );
        assert_eq!(told[0].signature, signature);
        assert_eq!(told[0].outcome, Outcome::Success);
    }
}

#[test]
fn deletions_refusals_and_silence_are_told_apart() {
    // *.x A 10.0.0.66 is added, all of x goes.
    let wildcard = [&b"\x01*\xc0\x0c"[..], &a(66)[2..]].concat();
    let all = [&[0xc0, 12], &[0, 255, 0, 255, 0, 0, 0, 0, 0, 0][..]].concat();
    let changes = [zone(6), wildcard, all].concat();
    let asked = message(4, 0x2800, [1, 0, 2, 0], &changes)[2..].to_vec();
    let refused = message(4, 0xa805, [1, 0, 0, 0], &zone(6))[2..].to_vec();
    let ask = (Direction::ToServer, 1, asked);
    let told = updates(&play(
        Conversation::new(true),
        &[ask.clone(), (Direction::ToClient, 2, refused)],
    ));
    assert_eq!(told[0].added[0].name.as_str(), "*.x");
    assert_eq!(told[0].added[0].address, Some("10.0.0.66".parse().unwrap()));
    assert_eq!(told[0].deleted[0].name.as_str(), "x");
    assert_eq!(told[0].deleted[0].record_type, 255);
    assert_eq!(
        (told[0].response_code, told[0].outcome),
        (Some(5), Outcome::Failure)
    );
    let silent = updates(&play(Conversation::new(true), &[ask]));
    assert_eq!(
        (silent[0].response_code, silent[0].outcome),
        (None, Outcome::Attempt)
    );
}

#[test]
fn an_update_that_claims_more_than_it_holds_tells_what_it_holds() {
    let changes = [zone(6), a(1)].concat();
    let asked = message(4, 0x2800, [1, 0, 0xffff, 0xffff], &changes)[2..].to_vec();
    let facts = play(Conversation::new(true), &[(Direction::ToServer, 1, asked)]);
    assert_eq!(updates(&facts)[0].added.len(), 1);
    assert_eq!(count(&facts.counters.faults, "dns"), 1);
}

#[test]
fn abused_zones_end_without_a_panic() {
    for octets in [KEY, UPDATE, EMPTY] {
        abuse(|| Conversation::new(false), &records(octets));
    }
    abuse(|| Conversation::new(true), &records(UNSIGNED));
}
