//! DHCP: which host has which address.

use crate::conversation::{abuse, count, play, records};
use realmward_event::Fact;
use realmward_event::dhcp::{AddressLeased, LeaseStep};
use realmward_protocols::dhcp::{Conversation, recognise};
use realmward_protocols::{Facts, Recognised};
use realmward_vocab::Direction::{ToClient, ToServer};
use std::net::IpAddr;

/// A client and a server with nothing between them; each datagram is its own flow in truth.
const V4: &[u8] = include_bytes!("../data/dhcp/v4.conv");
const V6: &[u8] = include_bytes!("../data/dhcp/v6.conv");

fn leases(facts: &Facts) -> Vec<AddressLeased> {
    let facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::AddressLeased(it) => Some(it.clone()),
        _ => None,
    });
    facts.collect()
}

fn ip(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

/// A message of version 4: operation, the client's and the gateway's address, options.
fn message(op: u8, ciaddr: u8, giaddr: u8, options: &[u8]) -> Vec<u8> {
    let mut message = vec![op, 1, 6, 0, 0, 0, 0, 9, 0, 0, 0, 0];
    for last in [ciaddr, if op == 2 { 77 } else { 0 }, 0, giaddr] {
        let net = if last == 0 { 0 } else { 10 };
        message.extend([net, 0, 0, last]);
    }
    message.extend([2, 0, 0, 0, 0, 7]);
    message.resize(236, 0);
    message.extend(b"\x63\x82\x53\x63");
    message.extend(options);
    message.push(255);
    message
}

#[test]
fn a_real_client_gets_an_address_and_gives_it_back() {
    let told = leases(&play(Conversation::new(), &records(V4)));
    let steps: Vec<_> = told.iter().map(|it| it.step).collect();
    let wanted = [
        LeaseStep::Requested,
        LeaseStep::Granted,
        LeaseStep::Released,
    ];
    assert_eq!(steps, wanted);
    for it in &told {
        assert_eq!(it.hardware_address, "02:00:00:00:00:77");
        assert!(it.address.is_some());
    }
    assert_eq!(told[0].host, Some("ws7".into()));
    assert_eq!(told[0].full_name, Some("ws7.lab.example".into()));
    assert_eq!(told[0].vendor_class.as_deref(), Some("MSFT 5.0"));
    assert_eq!(told[1].lease_s, Some(600));
    assert_eq!(told[1].server, ip("10.78.0.5"));
    assert_eq!(told[1].name_servers, [ip("10.78.0.5").unwrap()]);
    assert_eq!(told[1].domain, Some("lab.example".into()));
}

#[test]
fn a_real_client_of_version_6_too() {
    let told = leases(&play(Conversation::new(), &records(V6)));
    let steps: Vec<_> = told.iter().map(|it| it.step).collect();
    assert_eq!(steps[..2], [LeaseStep::Requested, LeaseStep::Granted]);
    assert_eq!(steps.last(), Some(&LeaseStep::Released));
    assert_eq!(told[0].hardware_address, "02:00:00:00:00:77");
    assert_eq!(told[0].full_name, Some("ws7.lab.example".into()));
    assert_eq!(told[1].lease_s, Some(600));
    assert_eq!(told[1].name_servers, [ip("fd78::5").unwrap()]);
    assert!(
        told[1]
            .address
            .is_some_and(|it| it.to_string().starts_with("fd78::"))
    );
}

#[test]
fn a_renewal_and_what_comes_through_a_relay_are_one_fact() {
    let ask = b"\x35\x01\x03\x0c\x03ws1\x51\x07\x04\0\0\x03ws1\0";
    let give = b"\x35\x01\x05\x33\x04\0\0\x0e\x10\x36\x04\x0a\0\0\x05";
    for (ciaddr, giaddr) in [(77, 0), (0, 1), (77, 1)] {
        let talk = [
            (ToServer, 1, message(1, ciaddr, giaddr, ask)),
            (ToClient, 2, message(2, ciaddr, giaddr, give)),
        ];
        let facts = play(Conversation::new(), &talk);
        let told = leases(&facts);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].step, LeaseStep::Granted);
        assert_eq!(told[0].host, Some("ws1".into()));
        assert_eq!(told[0].address, ip("10.0.0.77"));
        assert_eq!(told[0].lease_s, Some(3600));
        assert_eq!(facts.pending[0].evidence.len(), 2);
        let unanswered = leases(&play(Conversation::new(), &talk[..1]));
        assert_eq!(unanswered[0].step, LeaseStep::Requested);
    }
}

#[test]
fn refusals_and_what_settles_nothing() {
    for (kind, step) in [
        (1, None),
        (2, None),
        (4, Some(LeaseStep::Declined)),
        (6, Some(LeaseStep::Refused)),
        (7, Some(LeaseStep::Released)),
        (8, Some(LeaseStep::Informed)),
        (9, None),
    ] {
        let talk = [(ToServer, 1, message(1, 0, 0, &[53, 1, kind]))];
        let told = leases(&play(Conversation::new(), &talk));
        assert_eq!(told.first().map(|it| it.step), step, "{kind}");
    }
}

#[test]
fn options_in_the_fields_for_names_are_read() {
    let mut octets = message(1, 0, 0, b"\x35\x01\x03\x34\x01\x03");
    octets[108..114].copy_from_slice(b"\x0c\x03ws1\xff");
    octets[44..51].copy_from_slice(b"\x3c\x04MSFT\xff");
    let told = leases(&play(Conversation::new(), &[(ToServer, 1, octets)]));
    assert_eq!(told[0].host, Some("ws1".into()));
    assert_eq!(told[0].vendor_class.as_deref(), Some("MSFT"));
}

#[test]
fn what_lies_about_its_length_tells_what_came_before() {
    let octets = message(1, 0, 0, b"\x35\x01\x03\x0c\x03ws1\x3c\xfaMSFT");
    let told = leases(&play(Conversation::new(), &[(ToServer, 1, octets)]));
    assert_eq!(told[0].host, Some("ws1".into()));
    let cut = message(1, 0, 0, b"\x35\x01\x03")[..200].to_vec();
    let facts = play(Conversation::new(), &[(ToServer, 1, cut)]);
    assert_eq!(count(&facts.counters.faults, "dhcp"), 1);
}

#[test]
fn relays_within_relays_are_opened_only_so_far() {
    let nested = |depth: usize| {
        let mut octets = b"\x03abc\0\x01\0\x0a\0\x03\0\x01\x02\0\0\0\0\x07".to_vec();
        for _ in 0..depth {
            let length = u16::try_from(octets.len()).unwrap().to_be_bytes();
            let head = [&[12, 0][..], &[9; 32], &[0, 9], &length].concat();
            octets = [head, octets].concat();
        }
        play(Conversation::new(), &[(ToServer, 1, octets)])
    };
    let told = leases(&nested(8));
    assert_eq!(told[0].hardware_address, "02:00:00:00:00:07");
    assert!(told[0].relay.is_some());
    assert_eq!(count(&nested(9).counters.limits, "dhcp_relays"), 1);
}

#[test]
fn the_first_octets_tell_the_protocol_and_the_side() {
    for octets in [V4, V6] {
        for (direction, _, octets) in records(octets) {
            assert_eq!(recognise(&octets), Recognised::Yes(direction));
        }
    }
    for octets in [&[0; 300][..], b"", b"\x01", &[1; 239]] {
        assert_eq!(recognise(octets), Recognised::No);
    }
}

#[test]
fn abused_conversations_end_without_a_panic() {
    for octets in [V4, V6] {
        abuse(Conversation::new, &records(octets));
    }
}
