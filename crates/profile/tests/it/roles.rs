use crate::world::*;
use realmward_event::Fact;
use realmward_event::directory::DirectoryServerSeen;
use realmward_event::kerberos::Exchange;
use realmward_event::rpc::{RpcBound, RpcCalled};
use realmward_profile::{DomainControllerEvidence, RosterChange};
use realmward_vocab::Guid;

const DRSUAPI: Guid = Guid(0xe351_4235_4b06_11d1_ab04_00c0_4fc2_dcd2);
const SRV: u16 = 33;
const A: u16 = 1;
const LOCATOR: &str = "_ldap._tcp.dc._msdcs.lab.example";

fn described(is_domain_controller: bool) -> Fact {
    Fact::DirectoryServerSeen(DirectoryServerSeen {
        is_domain_controller,
        ..DirectoryServerSeen::default()
    })
}

fn bound(accepted: Option<bool>) -> Fact {
    Fact::RpcBound(RpcBound {
        interface: DRSUAPI,
        accepted,
        ..RpcBound::default()
    })
}

fn called(response_octets: Option<u32>, fault: Option<u32>) -> Fact {
    Fact::RpcCalled(RpcCalled {
        interface: Some(DRSUAPI),
        response_octets,
        fault,
        ..RpcCalled::default()
    })
}

#[test]
fn a_domain_controller_is_known_by_what_it_answers() {
    use DomainControllerEvidence::*;
    let cases = [
        (granted("alice", tgt(1)), 88, Some(AnsweredAsKdc)),
        (
            issued("alice", tgt(1), tgt(2), ORDINARY),
            88,
            Some(AnsweredAsKdc),
        ),
        (granted("alice", tgt(1)), 8_888, None),
        (
            refused(24, Exchange::As, "alice", &[]),
            88,
            Some(AnsweredAsKdc),
        ),
        (refused(25, Exchange::As, "alice", &[]), 88, None),
        (refused(32, Exchange::Ap, "alice", &[]), 88, None),
        (asks(tgt(1)), 88, None),
        (Fact::TicketGrantRequested(windows_as("alice")), 88, None),
        (described(true), 389, Some(DescribedItself)),
        (described(false), 389, None),
        (bound(Some(true)), 49_155, Some(ServedReplication)),
        (bound(Some(false)), 49_155, None),
        (bound(None), 49_155, None),
        (called(Some(100), None), 49_155, Some(ServedReplication)),
        (called(Some(32), Some(5)), 49_155, None),
        (called(None, None), 49_155, None),
    ];
    for (fact, port, expected) in cases {
        let mut world = World::new();
        let text = format!("{fact:?}");
        let (changes, sighting) = world.full(0, WS1, (DC1, port), fact);
        let found = changes.iter().find_map(|it| match it {
            RosterChange::DomainController { evidence, .. } => Some(*evidence),
            _ => None,
        });
        assert_eq!(found, expected, "{text}");
        assert_eq!(
            sighting.target.is_domain_controller,
            expected.is_some(),
            "{text}"
        );
    }
}

#[test]
fn a_tool_that_answers_everybody_with_errors_becomes_no_kdc() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    for code in [24, 25, 60] {
        world.see(
            1,
            WS1,
            (THIEF, 88),
            refused(code, Exchange::As, "alice", &[23]),
        );
    }
    assert!(world.is_dc(DC1) && !world.is_dc(THIEF));
}

#[test]
fn a_name_server_that_nobody_vouches_for_lists_in_vain() {
    let mut world = World::new();
    world.see(
        0,
        WS1,
        (THIEF, 53),
        resolved(LOCATOR, SRV, &[], &["evil.lab.example"]),
    );
    world.see(
        1,
        WS1,
        (THIEF, 53),
        resolved("evil.lab.example", A, &[THIEF], &[]),
    );
    assert!(!world.is_dc(THIEF));
}

#[test]
fn what_a_domain_controller_listed_before_it_was_known_counts_when_it_is() {
    let mut world = World::new();
    world.see(
        0,
        WS1,
        (DC1, 53),
        resolved(LOCATOR, SRV, &[], &["dc2.lab.example"]),
    );
    world.see(
        1,
        WS1,
        (DC1, 53),
        resolved("dc2.lab.example", A, &[DC2], &[]),
    );
    assert!(!world.is_dc(DC2));
    world.kdc(2, WS1, granted("alice", tgt(1)));
    assert!(world.is_dc(DC1) && world.is_dc(DC2));
}

#[test]
fn a_name_server_that_three_clients_rely_on_is_believed() {
    let mut world = World::new();
    let server = "10.0.0.53";
    for client in [WS1, WS2, WS3] {
        world.see(
            0,
            client,
            (server, 53),
            resolved(LOCATOR, SRV, &[], &["dc1.lab.example"]),
        );
    }
    world.see(
        1,
        WS1,
        (server, 53),
        resolved("dc1.lab.example", A, &[DC1], &[]),
    );
    assert!(world.is_dc(DC1));
}

#[test]
fn a_name_that_is_not_listed_makes_nobody_a_domain_controller() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    world.see(
        1,
        WS1,
        (DC1, 53),
        resolved("_ldap._tcp.lab.example", SRV, &[], &["ws2.lab.example"]),
    );
    world.see(
        2,
        WS1,
        (DC1, 53),
        resolved("ws2.lab.example", A, &[WS2], &[]),
    );
    assert!(!world.is_dc(WS2));
}

#[test]
fn replicating_as_ones_own_machine_under_the_name_of_domain_controllers_shows_one() {
    let spn = "E3514235-4B06-11D1-AB04-00C04FC2DCD2/guid/lab.example";
    for (client, expected) in [("DC2$", true), ("alice", false)] {
        let mut world = World::new();
        world.see(0, DC2, (DC1, 88), granted("DC2$", tgt(1)));
        world.see(1, DC2, (DC1, 88), granted(client, tgt(2)));
        world.kdc(2, DC2, issued(client, tgt(2), ticket(3, spn), ORDINARY));
        let (_, sighting) = world.full(3, DC2, (DC1, 49_155), presents(ticket(3, spn)));
        assert_eq!(sighting.source.is_domain_controller, expected, "{client}");
        assert_eq!(world.is_dc(DC2), expected, "{client}");
    }
}
