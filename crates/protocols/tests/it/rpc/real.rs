//! Conversations of the lab; their truth was read with another dissector.

use super::{Record, binds, calls, endpoints, of, run};
use realmward_event::rpc::{Arguments, Transport};
use realmward_event::{Fact, Outcome, SessionPrincipal};
use realmward_vocab::Direction;

/// Every conversation kept here.
pub(super) const ALL: &[(&str, &[u8])] = &[
    (
        "endpoint-map",
        include_bytes!("../../data/rpc/endpoint-map.conv"),
    ),
    (
        "replication-granted",
        include_bytes!("../../data/rpc/replication-granted.conv"),
    ),
    (
        "replication-denied",
        include_bytes!("../../data/rpc/replication-denied.conv"),
    ),
    (
        "service-created",
        include_bytes!("../../data/rpc/service-created.conv"),
    ),
    (
        "service-queried",
        include_bytes!("../../data/rpc/service-queried.conv"),
    ),
    (
        "sessions-refused",
        include_bytes!("../../data/rpc/sessions-refused.conv"),
    ),
    (
        "interface-rejected",
        include_bytes!("../../data/rpc/interface-rejected.conv"),
    ),
    (
        "eventlog-ntlm",
        include_bytes!("../../data/rpc/eventlog-ntlm.conv"),
    ),
    (
        "netlogon-secure-channel",
        include_bytes!("../../data/rpc/netlogon-secure-channel.conv"),
    ),
    ("late-join", include_bytes!("../../data/rpc/late-join.conv")),
];

/// The records of one of them.
pub(super) fn records(name: &str) -> Vec<Record> {
    let (_, mut rest) = *ALL.iter().find(|(known, _)| *known == name).unwrap();
    let mut records = Vec::new();
    while let Some((head, after)) = rest.split_first_chunk::<9>() {
        let number = |octets: &[u8]| u32::from_be_bytes(octets.try_into().unwrap());
        let length = usize::try_from(number(&head[5..])).unwrap();
        let direction = match head[0] {
            0 => Direction::ToServer,
            _ => Direction::ToClient,
        };
        records.push((
            direction,
            number(&head[1..5]).into(),
            after[..length].to_vec(),
        ));
        rest = &after[length..];
    }
    records
}

#[test]
fn conversations_of_the_lab_tell_interface_operation_and_outcome() {
    let svcctl = Transport::Pipe("svcctl".into());
    for (name, transport, told) in [
        ("endpoint-map", Transport::Tcp, "epm:ept_map:Success"),
        (
            "replication-granted",
            Transport::Tcp,
            "drsuapi:DRSBind:Attempt drsuapi:DRSDomainControllerInfo:Attempt \
             drsuapi:DRSCrackNames:Attempt drsuapi:DRSGetNCChanges:Success",
        ),
        (
            "replication-denied",
            Transport::Tcp,
            "drsuapi:DRSBind:Attempt drsuapi:DRSDomainControllerInfo:Attempt \
             drsuapi:DRSCrackNames:Attempt drsuapi:DRSGetNCChanges:Attempt",
        ),
        (
            "service-created",
            svcctl.clone(),
            "svcctl:ROpenSCManagerW:Success svcctl:ROpenServiceW:Failure \
             svcctl:RCreateServiceW:Failure",
        ),
        (
            "service-queried",
            svcctl,
            "svcctl:ROpenSCManagerW:Success svcctl:ROpenServiceW:Success \
             svcctl:RQueryServiceStatus:Success",
        ),
        (
            "sessions-refused",
            Transport::Pipe("srvsvc".into()),
            "srvsvc:NetrSessionEnum:Failure",
        ),
        ("late-join", Transport::Tcp, "?:2:Attempt"),
    ] {
        let facts = run(transport.clone(), &records(name));
        let seen: Vec<String> = calls(&facts)
            .iter()
            .map(|call| {
                assert_eq!(call.transport, transport, "{name}");
                format!(
                    "{}:{}:{:?}",
                    call.interface_name.as_deref().unwrap_or("?"),
                    call.operation.clone().unwrap_or(call.opnum.to_string()),
                    call.outcome
                )
            })
            .collect();
        assert_eq!(seen.join(" "), told, "{name}");
        assert!(facts.counters.faults.is_empty(), "{name}");
    }
}

#[test]
fn a_created_service_is_told_by_name_and_path() {
    let facts = run(Transport::Tcp, &records("service-created"));
    assert_eq!(
        calls(&facts).last().unwrap().arguments,
        Arguments::Service {
            name: "UUlm".into(),
            binary_path: Some("\\\\WS1\\public\\uGYWTXRX.exe".into()),
        }
    );
}

#[test]
fn the_endpoint_mapper_tells_interface_and_port() {
    let mapped = endpoints(&run(Transport::Tcp, &records("endpoint-map")));
    let [mapped] = mapped.as_slice() else {
        panic!("{mapped:?}");
    };
    assert_eq!(mapped.interface_name.as_deref(), Some("drsuapi"));
    assert_eq!(mapped.port, Some(49153));
}

#[test]
fn a_call_is_proven_by_the_packets_of_all_its_fragments() {
    let facts = run(Transport::Tcp, &records("replication-granted"));
    let call = facts.pending.last().unwrap();
    let packets: Vec<u64> = call.evidence.iter().map(|it| it.packet).collect();
    let Fact::RpcCalled(called) = &call.fact else {
        panic!("{:?}", call.fact);
    };
    assert_eq!(called.opnum, 3);
    // The request in 65, the answer's two fragments in 66 to 70.
    assert_eq!(packets.first(), Some(&65));
    assert_eq!(packets.last(), Some(&70));
    // Fragments of 4272 and 128 octets, less header (24), verifier (8), signature (16), padding (0, 8).
    assert_eq!(called.response_octets, Some(4272 - 48 + 128 - 48 - 8));
}

#[test]
fn sealed_calls_are_counted() {
    let facts = run(Transport::Tcp, &records("replication-granted"));
    assert_eq!(facts.counters.opaque, [("sealed_rpc_call", 4)]);
}

#[test]
fn ntlm_names_the_bind_and_the_calls_and_the_first_answer_is_its_verdict() {
    let facts = run(Transport::Tcp, &records("eventlog-ntlm"));
    let named = |principal: &SessionPrincipal| match principal {
        SessionPrincipal::Ntlm { user, .. } => user.as_str().to_owned(),
        other => format!("{other:?}"),
    };
    let users: Vec<String> = binds(&facts)
        .iter()
        .map(|it| named(&it.principal))
        .chain(calls(&facts).iter().map(|it| named(&it.principal)))
        .collect();
    assert_eq!(users, ["alice", "alice"]);
    let verdicts = of(&facts, |fact| match fact {
        Fact::NtlmAuthenticated(ntlm) => Some(ntlm.outcome),
        _ => None,
    });
    assert_eq!(verdicts, [Outcome::Success]);
}

#[test]
fn the_secure_channel_of_a_machine_is_known_by_its_authentication_type() {
    let bound = binds(&run(Transport::Tcp, &records("netlogon-secure-channel")));
    assert_eq!((bound[0].auth_type, bound[0].auth_level), (68, 6));
    assert_eq!(bound[0].accepted, Some(true));
}

#[test]
fn a_rejected_interface_is_told() {
    let bound = binds(&run(Transport::Tcp, &records("interface-rejected")));
    assert_eq!(bound[0].interface_name.as_deref(), Some("efsr"));
    assert_eq!(bound[0].accepted, Some(false));
}

#[test]
fn every_cut_gives_the_same_facts() {
    for (name, _) in ALL {
        let whole = run(Transport::Tcp, &records(name));
        let octets: Vec<Record> = records(name)
            .into_iter()
            .flat_map(|(direction, packet, octets)| {
                octets
                    .into_iter()
                    .map(move |octet| (direction, packet, vec![octet]))
            })
            .collect();
        assert_eq!(
            run(Transport::Tcp, &octets).pending,
            whole.pending,
            "{name}"
        );
    }
}
