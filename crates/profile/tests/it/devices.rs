use crate::world::*;
use realmward_event::kerberos::Exchange;
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::smb::SmbNegotiated;
use realmward_event::{Fact, Outcome, Source};
use realmward_profile::Certainty;
use realmward_vocab::{EventTime, FlowId, Guid};

const A: u16 = 1;

fn ntlm(workstation: &str, server: &str, target: &str) -> Fact {
    Fact::NtlmAuthenticated(NtlmAuthenticated {
        user: "alice".into(),
        domain: "LAB".into(),
        workstation: workstation.into(),
        server_name: Some(server.into()),
        target_name: (!target.is_empty()).then(|| target.to_owned()),
        outcome: Outcome::Success,
        ..NtlmAuthenticated::default()
    })
}

/// The name of an address, by something harmless that it does.
fn name(world: &mut World, second: i64, address: &str) -> Option<(String, Certainty)> {
    let fact = refused(6, Exchange::Unknown, "nobody", &[]);
    let source = world.see(second, address, (DC1, 88), fact).source;
    source
        .name
        .map(|it| (it.as_str().to_owned(), source.name_certainty))
}

#[test]
fn names_are_as_sure_as_who_vouches_for_them() {
    let netbios = || {
        let mut request = windows_as("alice");
        request.shape.netbios_address = Some("WS1".into());
        request
    };
    let tool = || Fact::TicketGrantRequested(impacket_as("WS1$"));
    let cases = [
        (granted("WS1$", tgt(1)), Some(("WS1", Certainty::High))),
        (
            granted_to(netbios(), tgt(1)),
            Some(("WS1", Certainty::High)),
        ),
        (
            Fact::TicketGrantRequested(windows_as("WS1$")),
            Some(("WS1", Certainty::Medium)),
        ),
        (
            Fact::TicketGrantRequested(netbios()),
            Some(("WS1", Certainty::Medium)),
        ),
        (ntlm("WS1", "DC1", ""), Some(("WS1", Certainty::Low))),
        (
            issued("WS1$", tgt(1), tgt(2), ORDINARY),
            Some(("WS1", Certainty::Medium)),
        ),
        (granted("alice", tgt(1)), None),
        (granted_to(impacket_as("WS1$"), tgt(1)), None),
        (tool(), None),
    ];
    for (fact, expected) in cases {
        let mut world = World::new();
        let text = format!("{fact:?}");
        world.kdc(0, WS1, fact);
        let found = name(&mut world, 1, WS1);
        let found = found.as_ref().map(|(name, sure)| (name.as_str(), *sure));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_longer_form_of_the_same_name_is_kept_with_the_better_certainty() {
    let mut world = World::new();
    world.see(
        0,
        WS2,
        (DC1, 53),
        resolved("ws1.lab.example", A, &[WS1], &[]),
    );
    world.kdc(1, WS1, granted("WS1$", tgt(1)));
    let expected = Some(("ws1.lab.example".to_owned(), Certainty::High));
    assert_eq!(name(&mut world, 2, WS1), expected);
}

#[test]
fn a_domain_is_no_host() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    world.see(1, WS1, (DC1, 53), resolved("lab.example", A, &[WS2], &[]));
    world.see(
        1,
        WS1,
        (DC1, 53),
        resolved("www.lab.example", A, &[WS2, WS3], &[]),
    );
    assert_eq!(name(&mut world, 2, WS2), None);
}

#[test]
fn a_lent_address_follows_its_new_owner() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("OLD$", tgt(1)));
    world.kdc(10, WS1, granted("NEW$", tgt(2)));
    assert_eq!(name(&mut world, 11, WS1).unwrap().0, "NEW");
    world.see(
        20,
        WS2,
        (DC1, 53),
        resolved("dns.lab.example", A, &[WS1], &[]),
    );
    assert_eq!(
        name(&mut world, 21, WS1).unwrap().0,
        "NEW",
        "a weak name waits"
    );
    let later = 20 + 13 * 3_600;
    assert_eq!(
        name(&mut world, later, WS1),
        Some(("NEW".to_owned(), Certainty::Low))
    );
    world.see(
        later,
        WS2,
        (DC1, 53),
        resolved("dns.lab.example", A, &[WS1], &[]),
    );
    assert_eq!(name(&mut world, later, WS1).unwrap().0, "dns.lab.example");
}

#[test]
fn a_relayed_challenge_does_not_name_the_relay() {
    let cases = [
        ("cifs/ws2.lab.example", Some("WS2")),
        ("cifs/10.0.0.66", Some("WS2")),
        ("", Some("WS2")),
        ("cifs/attacker", None),
    ];
    for (target, expected) in cases {
        let mut world = World::new();
        world.see(0, WS1, (THIEF, 445), ntlm("WS1", "WS2", target));
        let found = name(&mut world, 1, THIEF).map(|it| it.0);
        assert_eq!(found.as_deref(), expected, "{target}");
    }
}

#[test]
fn a_relay_does_not_take_the_names_that_others_proved() {
    let cases = [(3_600, None), (3 * 86_400, Some("WS2"))];
    for (later, expected) in cases {
        let mut world = World::new();
        world.kdc(0, WS1, granted("WS1$", tgt(1)));
        world.kdc(0, WS2, granted("WS2$", tgt(2)));
        world.see(later, WS1, (THIEF, 445), ntlm("WS1", "WS2", ""));
        world.see(later, THIEF, (WS2, 445), ntlm("WS1", "WS2", ""));
        let found = name(&mut world, later + 1, THIEF).map(|it| it.0);
        assert_eq!(found.as_deref(), expected, "after {later} s");
        assert_eq!(name(&mut world, later + 1, WS2).unwrap().0, "WS2");
    }
}

#[test]
fn three_machines_within_an_hour_share_an_address() {
    let cases: &[(&[(&str, i64)], bool)] = &[
        (&[("A$", 0), ("B$", 10), ("C$", 20)], true),
        (&[("A$", 0), ("B$", 10), ("A$", 20), ("B$", 30)], false),
        (&[("A$", 0), ("B$", 10), ("C$", 4_000)], false),
    ];
    for (machines, expected) in cases {
        let mut world = World::new();
        let mut shared = false;
        for (number, (machine, second)) in machines.iter().enumerate() {
            let fact = granted(machine, tgt(number as u128 + 1));
            shared = world.kdc(*second, WS1, fact).source.is_shared;
        }
        assert_eq!(shared, *expected, "{machines:?}");
    }
}

#[test]
fn names_that_nobody_accepted_do_not_make_an_address_shared() {
    let mut world = World::new();
    for machine in ["A", "B", "C", "D"] {
        let account = format!("{machine}$");
        world.kdc(0, THIEF, Fact::TicketGrantRequested(windows_as(&account)));
        world.see(0, THIEF, (WS2, 445), ntlm(machine, "WS2", ""));
    }
    assert!(
        !world
            .see(1, THIEF, (WS2, 445), ntlm("E", "WS2", ""))
            .source
            .is_shared
    );
}

/// Negotiates and logs on over SMB on one connection.
fn smb(world: &mut World, flow: u64, from: &str, client: u128) -> bool {
    smb_at(world, 0, flow, from, client)
}

fn smb_at(world: &mut World, second: i64, flow: u64, from: &str, client: u128) -> bool {
    let negotiated = Fact::SmbNegotiated(SmbNegotiated {
        client_guid: Some(Guid(client)),
        ..SmbNegotiated::default()
    });
    let mut shared = false;
    for (number, fact) in [negotiated, ntlm("", "WS2", "")].into_iter().enumerate() {
        let mut event = event(second, flow * 2 + number as u64, from, (WS2, 445), fact);
        event.source = Source::Wire(FlowId(flow));
        shared = world.profile.observe(event).1.source.is_shared;
    }
    shared
}

#[test]
fn network_cards_in_client_identifiers_tell_machines_behind_one_address() {
    let version_1 = 0x1122_3344_5566_11ea_8000_0050_5634_0000_u128;
    let random = 0x1122_3344_5566_41ea_8000_0050_5634_0000_u128;
    for (base, expected) in [(version_1, true), (random, false)] {
        let mut world = World::new();
        let shared: Vec<bool> = (1..=3)
            .map(|card| smb(&mut world, card, WS1, base + u128::from(card)))
            .collect();
        assert_eq!(shared, [false, false, expected]);
    }
}

#[test]
fn a_device_with_two_families_is_one() {
    let six = "fe80::21";
    let quick = |from: &str, second: i64| {
        let mut world = World::new();
        world.kdc(0, WS1, granted("WS1$", tgt(1)));
        world.kdc(
            100,
            WS1,
            issued("WS1$", tgt(1), ticket(2, "ldap/dc1"), ORDINARY),
        );
        let fact = presents(ticket(2, "ldap/dc1"));
        world.see(second, from, ("fe80::10", 389), fact)
    };
    let one = quick(six, 101);
    assert!(one.ticket.unwrap().holders.is_empty());
    assert_eq!(
        one.source.name,
        Some("WS1".into()),
        "the name is known over both"
    );
    assert_eq!(
        quick(six, 200).ticket.unwrap().holders.len(),
        1,
        "too late to be the same"
    );
    assert_eq!(
        quick(THIEF, 101).ticket.unwrap().holders.len(),
        1,
        "of the same family"
    );
}

#[test]
fn one_client_identifier_over_two_families_is_one_device() {
    let mut world = World::new();
    let client = 0x1122_3344_5566_11ea_8000_0050_5634_0001;
    smb(&mut world, 1, WS1, client);
    smb(&mut world, 2, "fe80::21", client);
    world.kdc(10, WS1, granted("alice", tgt(1)));
    let insight = world
        .see(900, "fe80::21", ("fe80::10", 88), asks(tgt(1)))
        .ticket
        .unwrap();
    assert!(insight.holders.is_empty());
}

#[test]
fn a_device_that_moved_is_the_same_by_its_client_as_of_the_time_it_left() {
    let mut world = World::new();
    let moved = |world: &World, left: i64, to: &str| {
        let left = EventTime::from_unix_seconds(left);
        world.profile.roster().is_one_device(ip(WS1), left, ip(to))
    };
    let (laptop, next) = (0x9d2c_1f00_11f0_9b1d_8001_0015_5d01_0203, 77 << 96 | 1);
    smb_at(&mut world, 1, 1, WS1, laptop);
    assert!(!moved(&world, 10, WS2), "nobody came from there");
    smb_at(&mut world, 2, 2, WS2, laptop);
    assert!(moved(&world, 10, WS2));
    smb_at(&mut world, 3_000, 3_000, WS1, next);
    assert!(moved(&world, 10, WS2), "the next tenant had no ticket then");
    assert!(
        !moved(&world, 4_000, WS2),
        "the ticket is of the next tenant"
    );
    smb_at(&mut world, 5_000, 5_000, WS2, next);
    assert!(!moved(&world, 10, WS2), "another device is there by now");
}
