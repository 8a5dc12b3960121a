//! Names that hosts ask each other for.

use crate::conversation::{Record, abuse, count, play, records};
use realmward_event::Fact;
use realmward_event::local_name::{
    HostAnnounced, LocalNameAnswered, LocalNameAsked, NameClaim, NameService, NetbiosNameClaimed,
};
use realmward_protocols::local_name::{Conversation, recognise, recognise_announcement};
use realmward_protocols::{Facts, Recognised};
use realmward_vocab::Direction::{ToClient, ToServer};
use realmward_vocab::HostName;

const NAMES: &[u8] = include_bytes!("../data/local_name/names.conv");
const CLAIMS: &[u8] = include_bytes!("../data/local_name/claims.conv");
const ANNOUNCEMENTS: &[u8] = include_bytes!("../data/local_name/announcements.conv");
const MDNS: &[u8] = include_bytes!("../data/local_name/mdns.conv");

fn asked(facts: &Facts) -> Vec<LocalNameAsked> {
    let facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::LocalNameAsked(it) => Some(it.clone()),
        _ => None,
    });
    facts.collect()
}

fn answered(facts: &Facts) -> Vec<LocalNameAnswered> {
    let facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::LocalNameAnswered(it) => Some(it.clone()),
        _ => None,
    });
    facts.collect()
}

fn claimed(facts: &Facts) -> Vec<NetbiosNameClaimed> {
    let facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::NetbiosNameClaimed(it) => Some(it.clone()),
        _ => None,
    });
    facts.collect()
}

fn announced(facts: &Facts) -> Vec<HostAnnounced> {
    let facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::HostAnnounced(it) => Some(it.clone()),
        _ => None,
    });
    facts.collect()
}

fn netbios(octets: &[u8]) -> Facts {
    play(Conversation::new(NameService::Netbios), &records(octets))
}

/// A message of the DNS: flags, counts, and what follows.
fn message(flags: u16, counts: [u16; 4], rest: &[u8]) -> Vec<u8> {
    let mut message = vec![0, 7];
    message.extend(flags.to_be_bytes());
    message.extend(counts.iter().flat_map(|it| it.to_be_bytes()));
    message.extend(rest);
    message
}

fn multicast(service: NameService, record: Record) -> Facts {
    play(Conversation::new(service), &[record])
}

#[test]
fn names_claimed_of_a_server_are_told_with_its_answer() {
    let facts = netbios(NAMES);
    let told = claimed(&facts);
    let of = |name: &str, suffix| {
        let mut all = told.iter();
        all.find(|it| it.name.as_str() == name && it.suffix == suffix)
            .unwrap_or_else(|| panic!("{name} {suffix:x}: {told:?}"))
    };
    let host = of("WS-7", 0x20);
    assert_eq!((host.claim, host.is_group), (NameClaim::Registered, false));
    assert_eq!(host.address, Some("10.78.0.77".parse().unwrap()));
    assert_eq!(host.response_code, Some(0));
    assert!(of("LAB", 0x00).is_group);
    assert!(told.iter().any(|it| it.claim == NameClaim::Released));
    assert_eq!(facts.counters.faults, []);
}

#[test]
fn names_asked_and_answered_say_by_whom() {
    let facts = netbios(NAMES);
    let told = answered(&facts);
    let files = told
        .iter()
        .find(|it| it.name.name.as_str() == "FILES")
        .unwrap();
    assert_eq!(
        files.addresses,
        ["10.78.0.5".parse::<std::net::IpAddr>().unwrap()]
    );
    assert_eq!((files.name.suffix, files.by_client), (Some(0), false));
    let status = told.iter().find(|it| it.name.query_type == 0x21).unwrap();
    let names: Vec<&str> = status.names.iter().map(HostName::as_str).collect();
    assert_eq!(
        (status.name.name.as_str(), names),
        ("*", vec!["FILES", "LAB"])
    );
    assert!(
        asked(&facts)
            .iter()
            .any(|it| it.names[0].query_type == 0x21)
    );
}

#[test]
fn claims_to_all_are_told_at_once_and_only_once() {
    let told = claimed(&netbios(CLAIMS));
    let suffixes: Vec<_> = told
        .iter()
        .map(|it| (it.name.as_str(), it.suffix))
        .collect();
    for wanted in [("FILES", 0x20), ("LAB", 0x00), ("LAB", 0x1d), ("LAB", 0x1e)] {
        assert_eq!(
            suffixes.iter().filter(|it| **it == wanted).count(),
            1,
            "{wanted:?}"
        );
    }
    assert!(told.iter().all(|it| it.response_code.is_none()));
}

#[test]
fn hosts_announce_what_they_are() {
    let facts = play(Conversation::announcements(), &records(ANNOUNCEMENTS));
    let told = announced(&facts);
    let host = told.iter().find(|it| it.command == 1).unwrap();
    assert_eq!((host.name.as_str(), host.version), ("FILES", (6, 1)));
    assert_eq!(
        (host.comment.as_str(), host.server_type & 3),
        ("the files", 3)
    );
    assert!(told.iter().any(|it| it.command == 15), "a local master");
    let domain = told.iter().find(|it| it.command == 12).unwrap();
    assert_eq!(
        (domain.name.as_str(), domain.comment.as_str()),
        ("LAB", "FILES")
    );
    assert_eq!(facts.counters.faults, []);
}

#[test]
fn a_host_tells_all_its_own_name() {
    let facts = play(Conversation::new(NameService::Mdns), &records(MDNS));
    let told = answered(&facts);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].name.name.as_str(), "ws7.local");
    assert_eq!(
        told[0].addresses,
        ["10.78.0.77".parse::<std::net::IpAddr>().unwrap()]
    );
    assert!(told[0].by_client, "who sends to all is the client");
    assert_eq!(
        asked(&facts),
        [],
        "to look whether one's own name is free is no question"
    );
}

#[test]
fn a_poisoned_answer_says_what_was_asked_and_by_whom_it_was_answered() {
    let question = b"\x04wpad\0\0\x01\0\x01";
    let ask = message(0, [1, 0, 0, 0], question);
    let facts = multicast(NameService::Llmnr, (ToServer, 1, ask));
    assert_eq!(asked(&facts)[0].names[0].name.as_str(), "wpad");
    let record = b"\x04wpad\0\0\x01\0\x01\0\0\0\x1e\0\x04\x0a\x4d\0\x42";
    let answer = message(0x8000, [1, 1, 0, 0], &[&question[..], record].concat());
    let facts = multicast(NameService::Llmnr, (ToClient, 2, answer));
    let told = answered(&facts);
    assert_eq!(told[0].name.name.as_str(), "wpad");
    assert_eq!(
        told[0].addresses,
        ["10.77.0.66".parse::<std::net::IpAddr>().unwrap()]
    );
    assert!(!told[0].by_client);
}

#[test]
fn services_that_are_looked_for_all_day_are_not_told() {
    let browse = message(0, [1, 0, 0, 0], b"\x04_ipp\x04_tcp\x05local\0\0\x0c\0\x01");
    let facts = multicast(NameService::Mdns, (ToServer, 1, browse));
    assert_eq!(facts.pending, []);
    assert_eq!(facts.counters.faults, []);
}

#[test]
fn counts_and_lengths_that_lie_tell_what_is_there() {
    let record = b"\x01x\0\0\x01\x80\x01\0\0\0\x1e\0\x04\x0a\0\0\x05";
    let many = message(0x8400, [0, 0xffff, 0, 0], record);
    let facts = multicast(NameService::Mdns, (ToServer, 1, many));
    assert_eq!(answered(&facts).len(), 1);
    assert_eq!(count(&facts.counters.faults, "local_name"), 1);
    let looping = message(0x8400, [0, 1, 0, 0], b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\0");
    let facts = multicast(NameService::Mdns, (ToServer, 1, looping));
    assert_eq!(
        (
            facts.pending.len(),
            count(&facts.counters.faults, "local_name")
        ),
        (0, 1)
    );
}

#[test]
fn a_message_of_many_names_is_told_within_bounds() {
    let questions: Vec<u8> = (b'a'..=b'y')
        .flat_map(|it| [1, it, 0, 0, 1, 0, 1])
        .collect();
    let ask = message(0, [25, 0, 0, 0], &questions);
    let facts = multicast(NameService::Mdns, (ToServer, 1, ask));
    assert_eq!(asked(&facts)[0].names.len(), 8);
}

#[test]
fn the_first_octets_tell_the_service() {
    for octets in [NAMES, CLAIMS] {
        for (_, _, octets) in records(octets) {
            assert_eq!(recognise(NameService::Netbios, &octets), Recognised::Likely);
        }
    }
    for (_, _, octets) in records(ANNOUNCEMENTS) {
        assert_eq!(recognise_announcement(&octets), Recognised::Likely);
    }
    for octets in [&[0xff; 80][..], b"", b"\x11\x02"] {
        for service in [NameService::Netbios, NameService::Llmnr, NameService::Mdns] {
            assert_eq!(recognise(service, octets), Recognised::No);
        }
        assert_eq!(recognise_announcement(octets), Recognised::No);
    }
}

#[test]
fn abused_conversations_end_without_a_panic() {
    let few = |octets: &[u8]| records(octets).into_iter().take(6).collect::<Vec<_>>();
    abuse(|| Conversation::new(NameService::Netbios), &few(NAMES));
    abuse(|| Conversation::new(NameService::Mdns), &few(MDNS));
    let announcements: Vec<_> = records(ANNOUNCEMENTS).into_iter().take(2).collect();
    abuse(Conversation::announcements, &announcements);
}
