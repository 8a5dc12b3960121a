use crate::world::*;
use realmward_event::Fact;
use realmward_event::rpc::{EndpointMapped, RpcBound, RpcCalled, Transport};
use realmward_profile::{Certainty, Interface, Settings};
use realmward_vocab::Guid;

const DRSUAPI: Guid = Guid(0xe351_4235_4b06_11d1_ab04_00c0_4fc2_dcd2);
const NETLOGON: Guid = Guid(0x1234_5678_1234_abcd_ef00_0123_4567_cffb);
const SVCCTL: Guid = Guid(0x367a_bb81_9844_35f1_ad32_98f0_3800_1003);
const PORT: u16 = 49_155;

fn bound(interface: Guid, transport: Transport, accepted: Option<bool>) -> Fact {
    Fact::RpcBound(RpcBound {
        interface,
        accepted,
        transport,
        ..RpcBound::default()
    })
}

fn mapped(interface: Guid) -> Fact {
    Fact::EndpointMapped(EndpointMapped {
        interface,
        port: Some(PORT),
        ..EndpointMapped::default()
    })
}

fn called(interface: Option<Guid>, opnum: u16, transport: Transport) -> Fact {
    Fact::RpcCalled(RpcCalled {
        interface,
        opnum,
        transport,
        ..RpcCalled::default()
    })
}

fn tcp(interface: Guid) -> Fact {
    bound(interface, Transport::Tcp, Some(true))
}

#[test]
fn a_call_without_its_bind_is_known_by_what_was_seen_at_the_place() {
    let (high, medium) = (Certainty::High, Certainty::Medium);
    type Case = (
        &'static str,
        Vec<(&'static str, Fact)>,
        Option<Guid>,
        Option<(Guid, Certainty)>,
    );
    let cases: Vec<Case> = vec![
        (
            "its own bind",
            vec![],
            Some(NETLOGON),
            Some((NETLOGON, high)),
        ),
        ("nothing", vec![], None, None),
        (
            "the mapper",
            vec![(WS2, mapped(DRSUAPI))],
            None,
            Some((DRSUAPI, medium)),
        ),
        (
            "another's bind",
            vec![(WS2, tcp(NETLOGON))],
            None,
            Some((NETLOGON, medium)),
        ),
        (
            "two interfaces",
            vec![(WS2, tcp(NETLOGON)), (WS3, tcp(DRSUAPI))],
            None,
            None,
        ),
        (
            "its own earlier bind among two",
            vec![(WS2, tcp(NETLOGON)), (WS1, tcp(DRSUAPI))],
            None,
            Some((DRSUAPI, medium)),
        ),
        (
            "a refused bind",
            vec![(WS1, bound(DRSUAPI, Transport::Tcp, Some(false)))],
            None,
            None,
        ),
    ];
    for (text, before, interface, expected) in cases {
        let mut world = World::new();
        for (from, fact) in before {
            let port = if matches!(fact, Fact::EndpointMapped(_)) {
                135
            } else {
                PORT
            };
            world.see(0, from, (DC1, port), fact);
        }
        let sighting = world.see(1, WS1, (DC1, PORT), called(interface, 3, Transport::Tcp));
        let expected = expected.map(|(guid, certainty)| Interface { guid, certainty });
        assert_eq!(sighting.interface, expected, "{text}");
    }
}

#[test]
fn a_pipe_tells_its_interface_by_name_or_by_what_was_bound_there() {
    let pipe = |name: &str| Transport::Pipe(name.to_owned());
    let mut world = World::new();
    world.see(
        0,
        WS2,
        (DC1, 445),
        bound(NETLOGON, pipe("netlogon"), Some(true)),
    );
    for (name, expected) in [
        ("svcctl", Some(SVCCTL)),
        ("netlogon", Some(NETLOGON)),
        ("", None),
    ] {
        let sighting = world.see(1, WS1, (DC1, 445), called(None, 3, pipe(name)));
        assert_eq!(sighting.interface.map(|it| it.guid), expected, "{name}");
    }
}

#[test]
fn the_grammar_of_replication_is_guessed_between_domain_controllers_only() {
    let settings = Settings {
        domain_controllers: vec![ip(DC1), ip(DC2)],
        ..Settings::default()
    };
    for (from, port, opnum, expected) in [
        (DC2, PORT, 3, true),
        (DC2, PORT, 39, false),
        (DC2, 445, 3, false),
        (THIEF, PORT, 3, false),
    ] {
        let mut world = World::told(&settings);
        let sighting = world.see(0, from, (DC1, port), called(None, opnum, Transport::Tcp));
        let guess = Interface {
            guid: DRSUAPI,
            certainty: Certainty::Low,
        };
        assert_eq!(
            sighting.interface,
            expected.then_some(guess),
            "{from} {port} {opnum}"
        );
    }
}
