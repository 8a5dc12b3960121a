use crate::world::*;
use realmward_event::Fact;
use realmward_event::kerberos::{Exchange, Ticket, TicketGranted};
use realmward_profile::{Settings, Sighting, TicketInsight};
use realmward_vocab::{EncryptionType, TicketHash};
use std::net::IpAddr;
use std::time::Duration;

fn insight(sighting: Sighting) -> TicketInsight {
    sighting.ticket.unwrap()
}

fn holders(insight: &TicketInsight) -> Vec<IpAddr> {
    insight.holders.iter().filter_map(|it| it.address).collect()
}

#[test]
fn a_ticket_used_elsewhere_tells_who_had_it_before() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    let own = insight(world.kdc(1, WS1, asks(tgt(1))));
    assert!(holders(&own).is_empty());
    let stolen = insight(world.kdc(60, THIEF, asks(tgt(1))));
    assert_eq!(holders(&stolen), [ip(WS1)]);
    let issued = stolen.issued.unwrap();
    assert_eq!(
        (issued.client.as_str(), issued.address),
        ("alice", Some(ip(WS1)))
    );
}

#[test]
fn retries_and_refusals_have_one_holder() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    for second in 1..4 {
        world.kdc(second, WS1, asks(tgt(1)));
        world.kdc(second, WS1, refused(52, Exchange::Tgs, "alice", &[]));
        world.kdc(second, WS1, granted("alice", tgt(1)));
    }
    world.kdc(
        5,
        WS1,
        issued("alice", tgt(1), ticket(2, "cifs/ws2"), ORDINARY),
    );
    for server in [WS2, WS3] {
        let seen = insight(world.see(6, WS1, (server, 445), presents(ticket(2, "cifs/ws2"))));
        assert!(holders(&seen).is_empty(), "servers and KDCs hold nothing");
    }
}

#[test]
fn a_forwarded_ticket_may_travel_and_so_may_its_renewal() {
    const RENEW: u32 = 0x0001_0002;
    let cases: &[(&[u32], bool)] = &[
        (&[ORDINARY], false),
        (&[FORWARDED], true),
        (&[FORWARDED, RENEW], true),
        (&[RENEW], false),
        (&[0x0800_0000], true),
    ];
    for (steps, expected) in cases {
        let mut world = World::new();
        world.kdc(0, WS1, granted("alice", tgt(1)));
        let mut last = 1;
        for options in *steps {
            world.kdc(1, WS1, issued("alice", tgt(last), tgt(last + 1), *options));
            last += 1;
        }
        let seen = insight(world.kdc(9, WS2, asks(tgt(last))));
        assert_eq!(seen.may_travel, *expected, "{steps:x?}");
        assert_eq!(holders(&seen), [ip(WS1)]);
    }
}

#[test]
fn an_additional_ticket_is_not_held_by_who_brings_it() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    let mut request = tgs_req(tgt(9), "cifs/ws3", 0x4083_0000);
    request.additional_tickets = vec![tgt(1)];
    world.kdc(1, WS2, Fact::ServiceTicketRequested(request));
    let seen = insight(world.kdc(2, WS1, asks(tgt(1))));
    assert!(holders(&seen).is_empty() && !seen.may_travel);
}

#[test]
fn a_ticket_that_could_not_be_read_is_nobodys() {
    let mut world = World::new();
    let unread = Ticket {
        hash: TicketHash::default(),
        ..tgt(0)
    };
    for from in [WS1, WS2] {
        assert_eq!(world.kdc(0, from, asks(unread.clone())).ticket, None);
        assert_eq!(
            world
                .see(0, from, (WS3, 445), presents(unread.clone()))
                .ticket,
            None
        );
    }
}

#[test]
fn a_lost_answer_is_remembered_among_more_answers_than_there_is_room_for() {
    let explained = |others: u32| {
        let mut world = World::new();
        world.kdc(0, WS1, granted("alice", tgt(1)));
        world.kdc(
            1,
            WS1,
            Fact::ServiceTicketRequested(tgs_req(tgt(1), "cifs/ws2", ORDINARY)),
        );
        for number in 0..others {
            let from = std::net::Ipv4Addr::from(0x0a01_0000 + number).to_string();
            let second = i64::from(2 + number / 10);
            let request = tgs_req(tgt(1), "cifs/ws3", ORDINARY);
            world.kdc(second, &from, Fact::ServiceTicketRequested(request));
            let answer = issued("alice", tgt(1), ticket(3, "cifs/ws3"), ORDINARY);
            world.kdc(second, &from, answer);
        }
        let shown = presents(ticket(2, "cifs/ws2"));
        let seen = insight(world.see(20_000, WS1, (WS2, 445), shown));
        seen.coverage.probability_missed == 1.0
    };
    assert!(explained(0));
    assert!(explained(110_000));
}

/// Watches a domain for some hours with a logon each, then asks about a ticket never seen.
fn watched(hours: i64, lost: i64, settings: &Settings, silent: &[&str]) -> TicketInsight {
    let mut world = World::told(settings);
    let mut next = 1_000;
    for hour in 0..hours {
        for number in 0..100_i64 {
            let client = format!("user{number}");
            let at = hour * 3_600 + number;
            world.kdc(at, WS1, Fact::TicketGrantRequested(windows_as(&client)));
            next += 1;
            if lost <= number {
                world.kdc(at, WS1, granted(&client, tgt(next)));
            }
        }
    }
    for dc in silent {
        let listed = [("_ldap._tcp.dc._msdcs.lab.example", 33, vec![], vec!["dcx"])];
        for (name, kind, addresses, names) in listed {
            world.see(
                hours * 3_600,
                WS1,
                (DC1, 53),
                resolved(name, kind, &addresses, &names),
            );
        }
        world.see(
            hours * 3_600,
            WS1,
            (DC1, 53),
            resolved("dcx", 1, &[dc], &[]),
        );
    }
    insight(world.kdc(hours * 3_600, THIEF, asks(tgt(1))))
}

#[test]
fn the_chance_of_having_missed_an_issue_falls_with_time_and_rises_with_loss() {
    let ordinary = Settings::default();
    let cases: &[(i64, i64, &[&str], f64)] = &[
        (0, 0, &[], 1.0),
        (1, 0, &[], 0.9),
        (5, 0, &[], 0.5),
        (10, 0, &[], 0.0),
        (20, 0, &[], 0.0),
        (10, 10, &[], 0.1),
        (10, 0, &[DC2], 0.5),
    ];
    for (hours, lost, silent, expected) in cases {
        let coverage = watched(*hours, *lost, &ordinary, silent).coverage;
        let found = coverage.probability_missed;
        assert!(
            (found - expected).abs() < 0.01,
            "{hours} h, {lost} % lost, silent {silent:?}: {found} and not {expected}"
        );
    }
}

#[test]
fn what_the_operator_calls_complete_is_complete() {
    let settings = Settings {
        assume_complete: true,
        ..Settings::default()
    };
    let coverage = watched(0, 0, &settings, &[]).coverage;
    assert!(coverage.assumed_complete);
    assert_eq!(coverage.probability_missed, 0.0);
}

#[test]
fn what_was_forgotten_for_want_of_room_is_not_called_unissued() {
    let mut world = World::told(&Settings {
        assume_complete: true,
        ..Settings::default()
    });
    for number in 0..510_000 {
        world.kdc(
            number / 250,
            WS1,
            granted("alice", tgt(u128::from(number.unsigned_abs()) + 1)),
        );
    }
    let forgotten = insight(world.kdc(2_100, WS1, asks(tgt(1))));
    assert!(forgotten.issued.is_none());
    let missed = forgotten.coverage.probability_missed;
    assert!(0.9 < missed, "{missed}");
}

#[test]
fn tickets_that_live_longer_and_renewals_need_a_longer_watch() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    let day = 86_400;
    world.kdc(
        day,
        WS1,
        issued("alice", tgt(1), ticket(2, "cifs/ws2"), ORDINARY),
    );
    let life = |it: TicketInsight| it.coverage.ticket_life;
    assert_eq!(
        life(insight(world.kdc(day, WS2, asks(tgt(7))))),
        Duration::from_secs(86_400)
    );
    let renewal = Fact::ServiceTicketRequested(tgs_req(tgt(8), "krbtgt/LAB.EXAMPLE", 2));
    assert_eq!(
        life(insight(world.kdc(day, WS2, renewal))),
        Duration::from_secs(7 * 86_400)
    );
}

fn forged(change: impl FnOnce(&mut Ticket)) -> Ticket {
    let mut ticket = tgt(666);
    change(&mut ticket);
    ticket
}

#[test]
fn a_header_is_compared_with_what_the_realm_issues() {
    let cases: Vec<(&str, Ticket, &[&str])> = vec![
        ("as issued", forged(|_| {}), &[]),
        ("key version", forged(|it| it.kvno = Some(5)), &["kvno"]),
        ("version before", forged(|it| it.kvno = Some(1)), &[]),
        ("no version", forged(|it| it.kvno = None), &["kvno"]),
        (
            "key type",
            forged(|it| it.etype = EncryptionType::RC4_HMAC),
            &["etype"],
        ),
        (
            "realm case",
            forged(|it| it.realm = "lab.example".into()),
            &["realm"],
        ),
        (
            "name type",
            forged(|it| it.service_name_type = 1),
            &["sname.name-type"],
        ),
        ("read-only", forged(|it| it.kvno = Some(7 << 16 | 1)), &[]),
        ("a service", ticket(666, "cifs/ws2"), &[]),
    ];
    for (text, presented, expected) in cases {
        let mut world = World::new();
        for number in 0..20 {
            world.kdc(0, WS1, granted("alice", tgt(number + 1)));
        }
        let broken = insight(world.kdc(1, THIEF, asks(presented))).broken;
        let fields: Vec<&str> = broken.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, expected, "{text}");
        let says_how_many = broken
            .iter()
            .all(|it| it.expected.contains("20 tickets issued here"));
        assert!(says_how_many, "{text}: {broken:?}");
    }
}

#[test]
fn too_few_genuine_tickets_say_nothing() {
    for (genuine, expected) in [(0, 0), (2, 0), (3, 1)] {
        let mut world = World::new();
        for number in 0..genuine {
            world.kdc(0, WS1, granted("alice", tgt(number + 1)));
        }
        let presented = forged(|it| it.kvno = Some(9));
        let broken = insight(world.kdc(1, THIEF, asks(presented))).broken;
        assert_eq!(broken.len(), expected, "after {genuine}");
    }
}

#[test]
fn tickets_accepted_from_three_devices_are_genuine_and_from_one_are_not() {
    let mut world = World::new();
    let presented = || forged(|it| it.kvno = Some(9));
    for number in 0..20 {
        let accepted = issued(
            "admin",
            presented(),
            ticket(number + 100, "cifs/x"),
            ORDINARY,
        );
        world.kdc(0, THIEF, accepted);
    }
    assert!(
        insight(world.kdc(1, THIEF, asks(presented())))
            .broken
            .is_empty(),
        "nothing to compare"
    );
    for (number, from) in [WS1, WS2, WS3].into_iter().enumerate() {
        let number = number as u128;
        world.kdc(
            2,
            from,
            issued(
                "u",
                tgt(number + 1),
                ticket(number + 50, "cifs/x"),
                ORDINARY,
            ),
        );
    }
    let broken = insight(world.kdc(3, THIEF, asks(presented()))).broken;
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].expected.contains("3 other devices"), "{broken:?}");
    let honest = insight(world.kdc(3, WS1, asks(tgt(1))));
    assert!(honest.broken.is_empty(), "{:?}", honest.broken);
}

#[test]
fn tickets_of_a_trust_are_sealed_with_another_key_and_teach_nothing_of_krbtgt() {
    let mut world = World::new();
    let trust = || Ticket {
        kvno: Some(9),
        ..ticket(700, "krbtgt/OTHER.EXAMPLE")
    };
    for number in 0..3 {
        world.kdc(0, WS1, granted("alice", tgt(number + 1)));
    }
    for from in [WS1, WS2, WS3] {
        world.kdc(
            1,
            from,
            issued("u", trust(), ticket(800, "cifs/x"), ORDINARY),
        );
    }
    let honest = insight(world.kdc(2, THIEF, asks(trust()))).broken;
    assert!(honest.is_empty(), "{honest:?}");
    let presented = forged(|it| it.kvno = Some(9));
    assert_eq!(
        insight(world.kdc(2, THIEF, asks(presented))).broken.len(),
        1
    );
}

#[test]
fn a_length_far_from_all_of_its_account_is_told() {
    for (octets, expected) in [(1_000, 0), (1_040, 0), (1_300, 1), (700, 1)] {
        let mut world = World::new();
        for number in 0..6 {
            world.kdc(0, WS1, granted("alice", tgt(number + 1)));
        }
        let presented = forged(|it| it.cipher_octets = octets);
        let fact = issued("alice", presented, ticket(99, "cifs/ws2"), ORDINARY);
        assert_eq!(
            insight(world.kdc(1, THIEF, fact)).broken.len(),
            expected,
            "{octets}"
        );
    }
}

#[test]
fn tickets_of_other_realms_and_of_read_only_domain_controllers_are_foreign() {
    let cases = [
        ("own", tgt(1), false),
        ("own by NetBIOS name", ticket(1, "krbtgt/LAB"), false),
        ("trust", ticket(1, "krbtgt/OTHER.EXAMPLE"), true),
        (
            "other realm",
            Ticket {
                realm: "OTHER.EXAMPLE".into(),
                ..ticket(1, "krbtgt/LAB.EXAMPLE")
            },
            true,
        ),
        ("read-only", forged(|it| it.kvno = Some(3 << 16 | 1)), true),
    ];
    for (text, presented, expected) in cases {
        let mut world = World::new();
        world.kdc(0, WS1, granted("alice", tgt(50)));
        // The KDC takes tickets of a trusted realm; that makes the realm no less foreign.
        world.kdc(
            1,
            WS1,
            issued("bob", presented.clone(), ticket(60, "cifs/x"), ORDINARY),
        );
        assert_eq!(
            insight(world.kdc(2, WS2, asks(presented))).foreign,
            expected,
            "{text}"
        );
    }
}

#[test]
fn an_answer_without_its_request_is_an_issue_all_the_same() {
    let mut world = World::new();
    let answer = TicketGranted {
        client: "alice".into(),
        realm: "LAB.EXAMPLE".into(),
        ticket: tgt(1),
        ..TicketGranted::default()
    };
    world.kdc(0, WS1, Fact::TicketGranted(answer));
    assert!(insight(world.kdc(1, WS1, asks(tgt(1)))).issued.is_some());
}
