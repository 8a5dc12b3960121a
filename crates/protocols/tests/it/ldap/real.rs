//! Conversations of the lab.

use super::{binds, run, searches, servers, told};
use crate::conversation::{Record, abuse, count, in_pieces_of, play, records};
use realmward_event::SessionPrincipal;
use realmward_protocols::ldap::{Conversation, recognise};
use realmward_protocols::{Facts, Opaque, Recognised};

const ALL: [(&str, &[u8]); 6] = [
    (
        "simple-search",
        include_bytes!("../../data/ldap/simple-search.conv"),
    ),
    (
        "anonymous-search",
        include_bytes!("../../data/ldap/anonymous-search.conv"),
    ),
    (
        "wrong-password",
        include_bytes!("../../data/ldap/wrong-password.conv"),
    ),
    (
        "kerberos-search",
        include_bytes!("../../data/ldap/kerberos-search.conv"),
    ),
    (
        "sealed-kerberos",
        include_bytes!("../../data/ldap/sealed-kerberos.conv"),
    ),
    (
        "sealed-ntlm",
        include_bytes!("../../data/ldap/sealed-ntlm.conv"),
    ),
];

const PING: &[u8] = include_bytes!("../../data/ldap/ping.conv");

fn of_lab(name: &str) -> Vec<Record> {
    records(ALL.iter().find(|(known, _)| *known == name).unwrap().1)
}

fn sealed(facts: &Facts) -> u64 {
    count(&facts.counters.opaque, Opaque::SealedLdapSession.as_str())
}

#[test]
fn conversations_of_the_lab_tell_binds_searches_and_what_was_hidden() {
    for (name, wanted, hidden) in [
        (
            "simple-search",
            &[
                "bind simple Some(0) - password",
                "search (sAMAccountName=alice) 1 Some(0)",
            ][..],
            0,
        ),
        (
            "anonymous-search",
            &[
                "bind simple Some(0) -",
                "search (objectClass=*) 1 Some(0)",
                "search (objectClass=subschema) 0 Some(1)",
            ],
            0,
        ),
        ("wrong-password", &["bind simple Some(49) 52e password"], 0),
        (
            "kerberos-search",
            &[
                "TicketPresented",
                "bind GSSAPI Some(0) -",
                "search (sAMAccountName=user46) 1 Some(0)",
            ],
            0,
        ),
        (
            "sealed-kerberos",
            &[
                "TicketPresented",
                "bind GSSAPI Some(0) -",
                "DirectorySessionSealed",
            ],
            1,
        ),
        (
            "sealed-ntlm",
            &[
                "NtlmAuthenticated",
                "bind GSS-SPNEGO Some(0) -",
                "DirectorySessionSealed",
            ],
            1,
        ),
    ] {
        let facts = run(&of_lab(name));
        assert_eq!(told(&facts), wanted, "{name}");
        assert_eq!(sealed(&facts), hidden, "{name}");
        assert_eq!(facts.counters.faults, [], "{name}");
        assert_eq!(facts.counters.limits, [], "{name}");
    }
}

#[test]
fn a_session_belongs_to_whoever_bound() {
    let of = |name: &str| searches(&run(&of_lab(name)))[0].principal.clone();
    assert_eq!(
        of("simple-search"),
        SessionPrincipal::Named("svc-ldapapp@lab.example".into())
    );
    assert!(matches!(of("kerberos-search"), SessionPrincipal::Ticket(_)));
    assert_eq!(
        binds(&run(&of_lab("sealed-ntlm")))[0].principal,
        SessionPrincipal::Ntlm {
            user: "alice".into(),
            domain: "lab.example".into()
        }
    );
}

#[test]
fn no_password_is_told() {
    for name in ["simple-search", "wrong-password"] {
        let facts = format!("{:?}", run(&of_lab(name)));
        assert!(
            !facts.contains("Pw-") && !facts.contains("Winter"),
            "{name}: {facts}"
        );
    }
}

#[test]
fn every_cut_tells_the_same() {
    for (name, _) in ALL {
        let whole = run(&of_lab(name));
        for size in 1..40 {
            let cut = run(&in_pieces_of(size, &of_lab(name)));
            assert_eq!(cut.pending, whole.pending, "{name} in pieces of {size}");
            assert_eq!(cut.counters, whole.counters, "{name} in pieces of {size}");
        }
    }
}

#[test]
fn an_answer_to_a_ping_tells_the_server() {
    let facts = play(Conversation::new(true), &records(PING));
    let [seen] = &servers(&facts)[..] else {
        panic!("{facts:?}")
    };
    assert_eq!(seen.host, Some("dc1.lab.example".into()));
    assert_eq!(seen.domain, Some("lab.example".into()));
    assert_eq!(seen.netbios_domain, Some("LAB".into()));
    assert!(seen.is_domain_controller);
    assert_eq!(searches(&facts)[0].entries, 1);
}

#[test]
fn the_first_octets_tell_the_protocol_and_the_side() {
    for (name, _) in ALL {
        for (direction, packet, octets) in of_lab(name) {
            if octets[0] == 0x30 {
                let wanted = Recognised::Yes(direction);
                assert_eq!(recognise(false, &octets), wanted, "{name} {packet}");
                assert_eq!(recognise(false, &octets[..3]), Recognised::TooShort);
            }
        }
    }
    for octets in [
        // A Kerberos request over TCP, an SMB2 one, an SNMP one, an HTTP one, zeros.
        &b"\x00\x00\x00\xb0\x6a\x81\xad\x30"[..],
        b"\x00\x00\x00\xb0\xfeSMB@\x00\x01\x00",
        b"\x30\x26\x02\x01\x01\x04\x06public\xa0\x19",
        b"GET / HTTP/1.1\r\n",
        &[0; 64],
    ] {
        assert_eq!(recognise(false, octets), Recognised::No, "{octets:02x?}");
    }
}

#[test]
fn abused_conversations_end_without_a_panic() {
    for (name, _) in ALL {
        abuse(|| Conversation::new(false), &of_lab(name));
    }
    abuse(|| Conversation::new(true), &records(PING));
}
