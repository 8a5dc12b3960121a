//! What servers say of themselves.

use super::build::{client, done, entry, long, long_message, present, search, server};
use super::{run, servers};
use crate::conversation::{count, play};
use rasn_ldap::ResultCode;
use realmward_event::directory::DirectoryServerSeen;
use realmward_protocols::Facts;
use realmward_protocols::ldap::Conversation;

const ACTIVE_DIRECTORY: &[u8] = b"1.2.840.113556.1.4.800";
const LIGHTWEIGHT: &[u8] = b"1.2.840.113556.1.4.1851";

fn root(attributes: &[(&str, &[&[u8]])]) -> Vec<DirectoryServerSeen> {
    servers(&run(&[
        client(1, search(1, "", present("objectClass"), &[])),
        server(2, entry(1, "", attributes)),
        server(3, done(1, ResultCode::Success)),
    ]))
}

#[test]
fn only_active_directory_proves_a_domain_controller() {
    for (attributes, wanted) in [
        (
            &[("supportedCapabilities", &[ACTIVE_DIRECTORY][..])][..],
            Some(true),
        ),
        (
            &[("supportedcapabilities", &[LIGHTWEIGHT, ACTIVE_DIRECTORY])],
            Some(true),
        ),
        (&[("supportedCapabilities", &[LIGHTWEIGHT])], None),
        (&[("domainControllerFunctionality", &[b"7"])], Some(true)),
        (
            &[
                ("domainControllerFunctionality", &[b"7"]),
                ("supportedCapabilities", &[LIGHTWEIGHT]),
            ],
            None,
        ),
        (&[("dnsHostName", &[b"ldap.corp.example"])], Some(false)),
        (&[("supportedSASLMechanisms", &[b"GSSAPI"])], None),
    ] {
        let seen = root(attributes);
        let is_controller = seen.first().map(|it| it.is_domain_controller);
        assert_eq!(is_controller, wanted, "{attributes:?}");
    }
}

#[test]
fn a_domain_is_told_by_its_own_context_and_not_by_the_forest() {
    for (attributes, wanted) in [
        (
            &[
                (
                    "rootDomainNamingContext",
                    &[&b"DC=forest,DC=example"[..]][..],
                ),
                ("defaultNamingContext", &[b"DC=child,DC=forest,DC=example"]),
            ][..],
            Some("child.forest.example"),
        ),
        (
            &[(
                "ldapServiceName",
                &[b"forest.example:dc1$@CHILD.FOREST.EXAMPLE"],
            )],
            Some("CHILD.FOREST.EXAMPLE"),
        ),
        (&[("defaultNamingContext", &[b"O=Company,C=DE"])], None),
        (&[("defaultNamingContext", &[b"DC=,DC=x"])], None),
        (
            &[("rootDomainNamingContext", &[b"DC=forest,DC=example"])],
            None,
        ),
    ] {
        let domain = root(attributes).first().and_then(|it| it.domain.clone());
        assert_eq!(domain, wanted.map(Into::into), "{attributes:?}");
    }
}

#[test]
fn a_server_is_told_of_once_until_it_says_more() {
    let ask = |id: u32, kind: &str, value: &[u8]| server(1, entry(id, "", &[(kind, &[value])]));
    let seen = servers(&run(&[
        ask(1, "dnsHostName", b"dc1.corp.example"),
        ask(2, "dnsHostName", b"dc1.corp.example"),
        ask(3, "supportedCapabilities", ACTIVE_DIRECTORY),
        ask(4, "supportedCapabilities", ACTIVE_DIRECTORY),
    ]));
    assert_eq!(seen.len(), 2);
}

/// An answer to a ping over UDP with this value.
fn ping(value: &[u8]) -> Facts {
    let attribute = [long(0x04, b"Netlogon"), long(0x31, &long(0x04, value))].concat();
    let content = [long(0x04, b""), long(0x30, &long(0x30, &attribute))].concat();
    play(
        Conversation::new(true),
        &[server(1, long_message(1, 0x64, &content))],
    )
}

/// Opcode, flags and GUID of the extended form.
fn extended(opcode: u8, flags: u32) -> Vec<u8> {
    [&[opcode, 0, 0, 0][..], &flags.to_le_bytes(), &[7; 16]].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16()
        .chain([0])
        .flat_map(u16::to_le_bytes)
        .collect()
}

#[test]
fn each_form_of_the_answer_to_a_ping_tells_host_and_domain() {
    // forest at 24, domain the same, host before it, NetBIOS name
    let names = b"\x04corp\x07example\x00\xc0\x18\x03dc1\xc0\x18\x04CORP\x00\x03DC1\x00";
    let plain = |tail: &[u8]| {
        let text = [utf16("\\\\DC1"), utf16("alice"), utf16("CORP")].concat();
        [&[19, 0], &text[..], tail].concat()
    };
    // the names of the plain form begin after 2 + 12 + 12 + 10 + 32 octets
    let long_tail = [
        &[7; 32][..],
        b"\x04corp\x07example\x00\xc0\x44\x03dc1\xc0\x44",
        &[0; 16],
    ];
    for (value, host, domain) in [
        (
            [&extended(23, 0x3fd), &names[..]].concat(),
            "dc1.corp.example",
            Some("corp.example"),
        ),
        (
            [&extended(25, 0x3fd), &names[..]].concat(),
            "dc1.corp.example",
            Some("corp.example"),
        ),
        (
            [&extended(23, 0x400), &names[..]].concat(),
            "dc1.corp.example",
            None,
        ),
        (
            plain(&long_tail.concat()),
            "dc1.corp.example",
            Some("corp.example"),
        ),
        (plain(&[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]), "DC1", None),
    ] {
        let facts = ping(&value);
        let [seen] = &servers(&facts)[..] else {
            panic!("{value:02x?}: {facts:?}")
        };
        assert_eq!(seen.host, Some(host.into()));
        assert_eq!(seen.domain, domain.map(Into::into));
        assert_eq!(seen.netbios_domain, Some("CORP".into()));
        assert!(seen.is_domain_controller);
    }
}

#[test]
fn an_answer_whose_names_loop_is_a_fault_and_no_server() {
    for names in [
        &b"\x01a\xc0\x18\xc0\x1a\x00"[..],
        b"\xc0\x18\xc0\x18\xc0\x18",
        b"\x01a\xff\xff",
    ] {
        let facts = ping(&[&extended(23, 0x3fd), names].concat());
        assert_eq!(servers(&facts), [], "{names:02x?}");
        assert_eq!(count(&facts.counters.faults, "ldap"), 1, "{names:02x?}");
    }
}
