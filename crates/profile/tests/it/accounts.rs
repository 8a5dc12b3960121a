use crate::world::*;
use realmward_event::directory::DirectoryServerSeen;
use realmward_event::kerberos::Exchange;
use realmward_event::ldap::DirectorySearched;
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::{Fact, Outcome, SessionPrincipal};
use realmward_profile::{ActorSource, Certainty, Sighting};
use realmward_vocab::{EncryptionType, TicketHash};

fn searched(principal: SessionPrincipal) -> Fact {
    Fact::DirectorySearched(DirectorySearched {
        principal,
        ..DirectorySearched::default()
    })
}

fn ntlm(user: &str, domain: &str, outcome: Outcome) -> Fact {
    Fact::NtlmAuthenticated(NtlmAuthenticated {
        user: user.into(),
        domain: domain.into(),
        outcome,
        ..NtlmAuthenticated::default()
    })
}

fn described(domain: &str, netbios: &str) -> Fact {
    Fact::DirectoryServerSeen(DirectoryServerSeen {
        domain: Some(domain.into()),
        netbios_domain: Some(netbios.into()),
        is_domain_controller: true,
        ..DirectoryServerSeen::default()
    })
}

fn actor(sighting: &Sighting) -> (String, ActorSource, Certainty) {
    let it = sighting.actor.as_ref().unwrap();
    (
        format!("{}\\{}", it.domain, it.name),
        it.source,
        it.certainty,
    )
}

#[test]
fn a_session_opened_with_a_ticket_belongs_to_whom_the_kdc_named() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    world.kdc(
        1,
        WS1,
        issued("alice", tgt(1), ticket(2, "ldap/dc1"), ORDINARY),
    );
    let principal = SessionPrincipal::Ticket(TicketHash(2));
    let sighting = world.see(2, WS1, (DC1, 389), searched(principal));
    let expected = (
        "LAB.EXAMPLE\\alice".to_owned(),
        ActorSource::IssuedTicket,
        Certainty::High,
    );
    assert_eq!(actor(&sighting), expected);
}

#[test]
fn a_ticket_from_before_the_capture_gets_its_owner_from_the_kdcs_answer() {
    let mut world = World::new();
    assert_eq!(world.kdc(0, WS1, asks(tgt(1))).actor, None);
    world.kdc(
        0,
        WS1,
        issued("alice", tgt(1), ticket(2, "cifs/ws2"), ORDINARY),
    );
    let sighting = world.kdc(9, WS1, asks(tgt(1)));
    assert_eq!(actor(&sighting).0, "LAB.EXAMPLE\\alice");
    assert_eq!(actor(&sighting).1, ActorSource::IssuedTicket);
}

#[test]
fn a_hidden_client_does_not_hide_the_owner_of_the_ticket() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    let hidden = issued(
        "WELLKNOWN/ANONYMOUS",
        tgt(1),
        ticket(2, "cifs/ws2"),
        ORDINARY,
    );
    assert_eq!(actor(&world.kdc(1, WS1, hidden)).0, "LAB.EXAMPLE\\alice");
    let sighting = world.see(2, WS1, (WS2, 445), presents(ticket(2, "cifs/ws2")));
    assert_eq!(actor(&sighting).0, "LAB.EXAMPLE\\alice");
}

#[test]
fn a_delegated_ticket_does_not_make_the_service_its_user() {
    let mut world = World::new();
    let Fact::ServiceTicketIssued(mut reply) =
        issued("administrator", tgt(1), ticket(2, "svc-web"), ORDINARY)
    else {
        unreachable!()
    };
    reply.request.as_mut().unwrap().for_user = Some("administrator".into());
    world.kdc(0, WS1, Fact::ServiceTicketIssued(reply));
    let sighting = world.kdc(1, WS1, asks(tgt(1)));
    let named = sighting.actor.map(|it| it.source);
    assert_ne!(
        named,
        Some(ActorSource::IssuedTicket),
        "the owner of the first ticket is not known"
    );
}

#[test]
fn an_unknown_session_is_probably_the_only_person_there() {
    type Case<'a> = (&'a [(&'a str, i64)], i64, Option<(&'a str, Certainty)>);
    let cases: &[Case<'_>] = &[
        (&[("alice", 0)], 60, Some(("alice", Certainty::Medium))),
        (&[("alice", 0)], 7_200, Some(("alice", Certainty::Low))),
        (&[("alice", 0)], 36_001, None),
        (
            &[("alice", 0), ("bob", 5)],
            60,
            Some(("bob", Certainty::Low)),
        ),
        (
            &[("bob", 0), ("WS1$", 5)],
            60,
            Some(("bob", Certainty::Medium)),
        ),
        (&[("WS1$", 0)], 60, Some(("WS1$", Certainty::Low))),
        (&[], 60, None),
    ];
    for (logons, at, expected) in cases {
        let mut world = World::new();
        for (number, (client, second)) in logons.iter().enumerate() {
            world.kdc(*second, WS1, granted(client, tgt(number as u128 + 1)));
        }
        let sighting = world.see(*at, WS1, (DC1, 389), searched(SessionPrincipal::Unknown));
        let found = sighting
            .actor
            .as_ref()
            .map(|it| (it.name.as_str(), it.certainty));
        assert_eq!(found, *expected, "{logons:?} at {at}");
    }
}

#[test]
fn an_anonymous_session_is_nobodys() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    let sighting = world.see(1, WS1, (DC1, 389), searched(SessionPrincipal::Anonymous));
    assert_eq!(sighting.actor, None);
}

#[test]
fn one_account_has_one_key_however_its_domain_is_written() {
    let writings = [
        ("alice", "LAB"),
        ("ALICE", "lab.example"),
        ("alice@lab.example", ""),
        ("LAB\\alice", ""),
        ("alice", ""),
    ];
    for (user, domain) in writings {
        let mut world = World::new();
        world.see(0, WS1, (DC1, 389), described("lab.example", "LAB"));
        world.kdc(1, WS1, granted("alice", tgt(1)));
        let sighting = world.see(2, WS2, (WS3, 445), ntlm(user, domain, Outcome::Success));
        let insight = sighting.ntlm.as_ref().unwrap();
        assert!(insight.account_uses_kerberos, "{domain}\\{user}");
        assert_eq!(insight.account_devices, [ip(WS1)], "{domain}\\{user}");
        assert!(
            actor(&sighting)
                .0
                .eq_ignore_ascii_case("LAB.EXAMPLE\\alice"),
            "{domain}\\{user}"
        );
    }
}

#[test]
fn accounts_of_two_domains_are_two() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("administrator", tgt(1)));
    let sighting = world.see(
        1,
        WS2,
        (WS3, 445),
        ntlm("Administrator", "WS3", Outcome::Success),
    );
    assert!(!sighting.ntlm.unwrap().account_uses_kerberos);
}

#[test]
fn guesses_teach_nothing() {
    let mut world = World::new();
    for second in 0..5 {
        world.see(
            second,
            THIEF,
            (WS3, 445),
            ntlm("alice", "LAB", Outcome::Failure),
        );
        world.kdc(
            second,
            THIEF,
            Fact::TicketGrantRequested(impacket_as("alice")),
        );
        world.kdc(second, THIEF, refused(24, Exchange::As, "alice", &[]));
    }
    let sighting = world.see(9, THIEF, (WS3, 445), ntlm("alice", "LAB", Outcome::Success));
    let insight = sighting.ntlm.unwrap();
    assert!(!insight.account_known_on_device && insight.account_devices.is_empty());
}

#[test]
fn a_request_is_judged_by_what_was_before_it() {
    let mut world = World::new();
    world.kdc(0, WS1, refused(25, Exchange::As, "alice", &[18, 23]));
    world.kdc(1, WS1, granted("alice", tgt(1)));
    let sighting = world.kdc(2, THIEF, granted_to(impacket_as("alice"), tgt(2)));
    let insight = sighting.stack.unwrap();
    assert_eq!(insight.account_etypes, [EncryptionType(18)]);
    assert_eq!(insight.offered_etypes, etypes(&[18, 23]));
    assert!(!insight.account_known_on_device);
    let again = world
        .kdc(3, THIEF, granted_to(impacket_as("alice"), tgt(3)))
        .stack
        .unwrap();
    assert_eq!(again.account_etypes, etypes(&[18, 23]));
    assert!(again.account_known_on_device);
}
