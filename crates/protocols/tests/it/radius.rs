//! RADIUS: what gateways tell of those who come in.

use crate::conversation::{Record, abuse, count, play, records};
use realmward_event::radius::{AccountingStatus, NetworkAccessAsked, NetworkSessionReported};
use realmward_event::{Fact, Outcome};
use realmward_protocols::radius::{Conversation, recognise};
use realmward_protocols::{Facts, Recognised};
use realmward_vocab::Direction::{ToClient, ToServer};
use std::net::IpAddr;

const ACCESS: &[u8] = include_bytes!("../data/radius/access.conv");
const ACCOUNTING: &[u8] = include_bytes!("../data/radius/accounting.conv");

fn accesses(facts: &Facts) -> Vec<NetworkAccessAsked> {
    let facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::NetworkAccessAsked(it) => Some(it.clone()),
        _ => None,
    });
    facts.collect()
}

fn sessions(facts: &Facts) -> Vec<NetworkSessionReported> {
    let facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::NetworkSessionReported(it) => Some(it.clone()),
        _ => None,
    });
    facts.collect()
}

/// A packet with these attributes.
fn packet(code: u8, identifier: u8, attributes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + attributes.len()).unwrap().to_be_bytes();
    let head = [code, identifier, length[0], length[1]];
    [&head, &[identifier; 16][..], attributes].concat()
}

#[test]
fn a_real_server_lets_some_in_and_others_not() {
    let told = accesses(&play(Conversation::new(), &records(ACCESS)));
    let told: Vec<_> = told
        .iter()
        .map(|it| (it.client.user.as_str(), it.method.as_str(), it.outcome))
        .collect();
    let wanted = [
        ("alice", "pap", Outcome::Success),
        ("bob", "pap", Outcome::Failure),
        ("bob", "chap", Outcome::Success),
        ("alice", "mschap", Outcome::Success),
    ];
    assert_eq!(told, wanted);
    let first = &accesses(&play(Conversation::new(), &records(ACCESS)))[0].client;
    assert_eq!(
        first.address,
        Some("10.78.9.4".parse().unwrap()),
        "given by the answer"
    );
    assert_eq!(first.gateway, Some("10.78.0.77".parse().unwrap()));
    assert_eq!(first.gateway_name, Some("vpn1".into()));
    assert_eq!(first.calling_station.as_deref(), Some("198.51.100.7"));
    assert_eq!(first.tunnel_client.as_deref(), Some("198.51.100.7"));
    assert_eq!((first.port_type, first.service_type), (Some(5), Some(2)));
}

#[test]
fn a_real_session_begins_goes_on_and_ends() {
    let told = sessions(&play(Conversation::new(), &records(ACCOUNTING)));
    let statuses: Vec<_> = told.iter().map(|it| it.status).collect();
    let wanted = [
        AccountingStatus::START,
        AccountingStatus::INTERIM_UPDATE,
        AccountingStatus::STOP,
    ];
    assert_eq!(statuses, wanted);
    for it in &told {
        assert_eq!(it.client.user.as_str(), "LAB\\alice");
        assert_eq!(
            it.client.address,
            Some("10.78.9.4".parse::<IpAddr>().unwrap())
        );
        assert_eq!(it.session, "0000001F");
        assert!(it.acknowledged);
    }
    assert_eq!(told[0].client.host, Some("WS-7".into()));
    assert_eq!(told[1].octets_in, Some((1 << 32) + 5));
    assert_eq!(
        (told[2].duration_s, told[2].terminate_cause),
        (Some(600), Some(1))
    );
}

#[test]
fn no_secret_is_in_any_fact() {
    for octets in [ACCESS, ACCOUNTING] {
        let told = format!("{:?}", play(Conversation::new(), &records(octets)).pending);
        for secret in ["Wonder", "Builder", "testing123", "wrong"] {
            assert!(!told.contains(secret), "{secret}");
        }
    }
    // A user name and a password that is not even hidden.
    let asked = packet(1, 1, b"\x01\x05bob\x02\x08secret");
    let facts = play(Conversation::new(), &[(ToServer, 1, asked)]);
    assert!(!format!("{:?}", facts.pending).contains("secret"));
}

#[test]
fn of_what_may_be_there_once_the_first_counts() {
    let attributes = b"\x01\x05bob\x1e\x04ap\x1f\x04pc\x01\x07alice\x1e\x03x\x1f\x03y";
    let facts = play(
        Conversation::new(),
        &[(ToServer, 1, packet(1, 1, attributes))],
    );
    let client = &accesses(&facts)[0].client;
    assert_eq!(client.user.as_str(), "bob");
    assert_eq!(client.called_station.as_deref(), Some("ap"));
    assert_eq!(client.calling_station.as_deref(), Some("pc"));
}

#[test]
fn rounds_repetitions_and_silence_are_told_apart() {
    let ask = |identifier| {
        (
            ToServer,
            1,
            packet(1, identifier, b"\x01\x05bob\x4f\x04\x02\x01"),
        )
    };
    let answer = |code, identifier| (ToClient, 2, packet(code, identifier, b""));
    let outcomes = |talk: &[Record]| -> Vec<Outcome> {
        let facts = play(Conversation::new(), talk);
        accesses(&facts).iter().map(|it| it.outcome).collect()
    };
    for (why, talk, wanted) in [
        (
            "two rounds of EAP",
            vec![ask(1), answer(11, 1), ask(2), answer(2, 2)],
            vec![Outcome::Success],
        ),
        (
            "asked twice",
            vec![ask(1), ask(1), answer(3, 1)],
            vec![Outcome::Failure],
        ),
        ("no answer", vec![ask(1)], vec![Outcome::Attempt]),
        (
            "another's answer",
            vec![ask(1), answer(2, 9)],
            vec![Outcome::Attempt],
        ),
        (
            "an answer of another kind",
            vec![ask(1), answer(5, 1)],
            vec![Outcome::Attempt],
        ),
        ("an answer alone", vec![answer(2, 1)], vec![]),
    ] {
        assert_eq!(outcomes(&talk), wanted, "{why}");
    }
}

#[test]
fn lengths_that_lie_cost_nothing() {
    for (why, octets, faults, told) in [
        (
            "shorter than a header",
            packet(4, 1, b"")[..19].to_vec(),
            1,
            0,
        ),
        (
            "longer than there is",
            [&packet(4, 1, b"")[..3], &[200; 40]].concat(),
            1,
            0,
        ),
        (
            "an attribute without a length",
            packet(4, 1, b"\x01\0bob"),
            0,
            1,
        ),
        (
            "an attribute too long",
            packet(4, 1, b"\x01\x05bob\x2c\xffx"),
            0,
            1,
        ),
        (
            "an address of three octets",
            packet(4, 1, b"\x08\x05\x0a\0\0"),
            0,
            1,
        ),
        (
            "a vendor without a number",
            packet(4, 1, b"\x1a\x04\0\0"),
            0,
            1,
        ),
    ] {
        let facts = play(Conversation::new(), &[(ToServer, 1, octets)]);
        assert_eq!(count(&facts.counters.faults, "radius"), faults, "{why}");
        assert_eq!(facts.pending.len(), told, "{why}");
    }
}

#[test]
fn the_code_tells_who_asks() {
    for (octets, wanted) in [
        (packet(1, 1, b""), Recognised::Yes(ToServer)),
        (packet(5, 1, b""), Recognised::Yes(ToClient)),
        (packet(40, 1, b""), Recognised::No),
        (packet(1, 1, b"")[..10].to_vec(), Recognised::No),
    ] {
        assert_eq!(recognise(&octets), wanted);
    }
}

#[test]
fn abused_conversations_end_without_a_panic() {
    for octets in [ACCESS, ACCOUNTING] {
        abuse(Conversation::new, &records(octets));
    }
}
