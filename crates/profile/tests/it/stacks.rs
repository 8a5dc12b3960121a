//! Shapes as measured on captures of each stack; those of Rubeus that no capture holds, from its source.

use crate::world::*;
use realmward_event::kerberos::{
    EncryptedPart, RequestShape, ServiceTicketRequested, TicketGrantRequested,
};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::{Carrier, Fact};
use realmward_profile::{Stack, StackInsight};
use realmward_vocab::{EncryptionType, KdcOptions, PaDataType};

/// Options, key types, padata, name type, `till`, `rtime` (`=` as till), NetBIOS address.
type Shape<'a> = (u32, &'a [i32], &'a [i32], i32, &'a str, &'a str, bool);

const END: &str = "20370913024805Z";
const DAY: &str = "20261125080000Z";
const WEEK: &str = "20261201080000Z";
const ZERO: &str = "19700101000000Z";

fn shape(it: &Shape<'_>) -> RequestShape {
    let (options, list, padata, service_name_type, till, rtime, netbios) = *it;
    RequestShape {
        options: KdcOptions(options),
        etypes: etypes(list),
        padata: padata.iter().copied().map(PaDataType).collect(),
        service_name_type,
        till: till.to_owned(),
        rtime: match rtime {
            "" => None,
            "=" => Some(till.to_owned()),
            other => Some(other.to_owned()),
        },
        netbios_address: netbios.then(|| "WS1".into()),
        ..RequestShape::default()
    }
}

fn of_as(it: &Shape<'_>, timestamp: Option<(i32, u32)>) -> StackInsight {
    let request = TicketGrantRequested {
        client: Some("alice".into()),
        realm: "LAB.EXAMPLE".into(),
        service: "krbtgt/LAB.EXAMPLE".into(),
        timestamp: timestamp.map(|(etype, cipher_octets)| EncryptedPart {
            etype: EncryptionType(etype),
            cipher_octets,
        }),
        shape: shape(it),
        ..TicketGrantRequested::default()
    };
    let fact = Fact::TicketGrantRequested(request);
    World::new().kdc(0, WS1, fact).stack.unwrap()
}

fn of_tgs(it: &Shape<'_>, has_cname: bool, authorization: u32) -> StackInsight {
    let request = ServiceTicketRequested {
        presented: tgt(1),
        enc_authorization_data_octets: authorization,
        shape: RequestShape {
            has_cname,
            ..shape(it)
        },
        ..ServiceTicketRequested::default()
    };
    let fact = Fact::ServiceTicketRequested(request);
    World::new().kdc(0, WS1, fact).stack.unwrap()
}

const VISTA: &[i32] = &[18, 17, 23, 24, -135, 3];
const NOW: &[i32] = &[18, 17, 23, 24, -135];
const XP: &[i32] = &[23, -133, -128, 3, 1, 24, -135];
const MIT: &[i32] = &[18, 17, 20, 19, 16, 23, 25, 26];

type AsRow = (Shape<'static>, Option<(i32, u32)>, Stack);
type ToolRow = (Shape<'static>, Option<(i32, u32)>, Stack, usize);
type TgsRow = (Shape<'static>, bool, u32, Stack);

/// AS-REQ of operating systems, their proof, and their stack.
#[rustfmt::skip]
const OPERATING_SYSTEMS: &[AsRow] = &[
    ((0x4081_0010, VISTA, &[128], 2, END, "=", true), None, Stack::Lsass),
    ((0x4081_0010, VISTA, &[2, 128], 2, END, "=", true), Some((18, 55)), Stack::Lsass),
    ((0x4081_0010, VISTA, &[2, 128], 2, END, "=", true), Some((23, 52)), Stack::Lsass),
    ((0x4081_0010, XP, &[2, 128], 2, END, "=", true), Some((23, 52)), Stack::Lsass),
    ((0x4081_0010, &[3, 1], &[2, 128], 2, END, "=", true), Some((3, 56)), Stack::Lsass),
    ((0x10, MIT, &[150, 149], 2, DAY, "", false), None, Stack::Mit),
    ((0x10, &[23], &[2, 150, 149], 2, DAY, "", false), Some((23, 52)), Stack::Mit),
    ((0x10, MIT, &[150, 149], 1, DAY, "", false), None, Stack::Mit),
    ((0x5000_8010, MIT, &[133, 16, 149], 2, DAY, "", false), None, Stack::Mit),
    ((0x5080_0000, &[18], &[2, 149], 1, DAY, "=", false), Some((18, 56)), Stack::Mit),
    ((0x4081_0000, &[18, 17, 23], &[2, 149], 2, DAY, "=", false), Some((18, 56)), Stack::Heimdal),
    ((0x4081_0000, &[18, 17, 23], &[2, 128, 149], 2, DAY, WEEK, true), None, Stack::Heimdal),
    ((0x4081_0010, &[18, 17, 23], &[], 2, DAY, "=", false), None, Stack::Heimdal),
    ((0x4000_0010, &[18, 17, 20, 19, 16, 23], &[], 2, ZERO, "", false), None, Stack::Java),
    ((0x10, &[18, 17, 23], &[2], 2, DAY, "", false), Some((18, 56)), Stack::Gokrb5),
    ((0x10, &[23], &[2], 1, DAY, "=", false), Some((23, 52)), Stack::Unknown),
];

/// AS-REQ of tools, their proof, their stack, and how many signs tell it.
#[rustfmt::skip]
const TOOLS: &[ToolRow] = &[
    ((0x5080_0000, &[18], &[128], 1, DAY, "=", false), None, Stack::Impacket, 4),
    ((0x5080_0000, &[23], &[2, 128], 1, DAY, "=", false), Some((23, 52)), Stack::Impacket, 4),
    ((0x5080_0000, &[18, 23], &[128], 1, DAY, WEEK, false), None, Stack::Impacket, 2),
    ((0x4080_0010, &[23], &[2, 128], 2, END, "", false), Some((23, 45)), Stack::Rubeus, 1),
    ((0x4080_0010, &[18], &[2, 128], 2, END, "=", false), Some((18, 49)), Stack::Rubeus, 1),
    ((0x4080_0010, &[23], &[128], 2, END, "=", false), None, Stack::Rubeus, 3),
    ((0x4081_0010, VISTA, &[2, 128], 2, END, "=", true), Some((18, 49)), Stack::RubeusOpsec, 1),
];

/// TGS-REQ, whether `cname` is there, octets of authorization data, stack.
#[rustfmt::skip]
const SERVICES: &[TgsRow] = &[
    ((0x4081_0000, NOW, &[1, 167], 2, END, "", false), false, 136, Stack::Lsass),
    ((0x4083_0000, NOW, &[1], 10, DAY, "", false), false, 0, Stack::Lsass),
    ((0x4081_0000, NOW, &[1, 167], -128, END, "", false), false, 136, Stack::Lsass),
    ((0x6081_0010, &[18], &[1, 165], 2, END, "", false), false, 0, Stack::Lsass),
    ((0x6081_0010, XP, &[1], 2, END, "", false), false, 0, Stack::Lsass),
    ((0x4081_0000, MIT, &[1, 136], 1, DAY, "", false), false, 0, Stack::Mit),
    ((0x0081_0000, &[23], &[1, 136], 1, DAY, "", false), false, 0, Stack::Mit),
    ((0x6000_0000, &[18, 17, 16, 23], &[1], 1, ZERO, "", false), false, 0, Stack::Mit),
    ((0x4080_0000, &[18, 17, 23], &[1, 136], 1, ZERO, "=", false), false, 0, Stack::Heimdal),
    ((0x4081_0010, &[23, 16, 3, 18], &[1], 2, DAY, "", false), false, 0, Stack::Impacket),
    ((0x4083_0000, &[23, 16, 3, 18], &[1, 167], 2, DAY, "", false), false, 0, Stack::Impacket),
    ((0x4081_0010, &[18, 17, 23, 16, 3], &[1], 2, DAY, "", false), false, 0, Stack::Impacket),
    ((0x4081_0000, &[18, 23], &[1, 129], 0, DAY, "", false), false, 0, Stack::Impacket),
    ((0x4081_0018, &[18, 23], &[1], 0, DAY, "", false), false, 0, Stack::Impacket),
    ((0x4080_0010, &[18, 17, 23, 24], &[1], 2, END, "", false), true, 0, Stack::Rubeus),
    ((0x4081_0000, &[18, 17, 16, 23, 1, 3], &[1], 2, DAY, "", false), false, 0, Stack::Unknown),
];

#[test]
fn operating_systems_of_all_ages_are_no_tools() {
    for (it, timestamp, expected) in OPERATING_SYSTEMS {
        let found = of_as(it, *timestamp);
        assert_eq!(found.stack, *expected, "{it:x?}");
        assert!(!found.stack.is_attack_tool(), "{it:x?}");
        assert!(found.tells.is_empty(), "{it:x?}: {:?}", found.tells);
    }
}

#[test]
fn tools_are_told_by_several_signs_or_by_what_nobody_else_does() {
    for (it, timestamp, expected, tells) in TOOLS {
        let found = of_as(it, *timestamp);
        assert_eq!(found.stack, *expected, "{it:x?}");
        assert_eq!(found.tells.len(), *tells, "{it:x?}: {:?}", found.tells);
    }
}

#[test]
fn stored_keys_show_in_the_list_but_not_on_windows_before_vista() {
    for (list, expected) in [
        (&[18, 23, -133, -128, 24, -135][..], Stack::LsassKeyOnly),
        (&[23, -133, -128, 24, -135], Stack::LsassKeyOnly),
        (&[0, 0, 23, -133, -128, 24, -135], Stack::LsassKeyOnly),
        (XP, Stack::Lsass),
        (VISTA, Stack::Lsass),
    ] {
        let it = (0x4081_0010, list, &[2, 128][..], 2, END, "=", true);
        assert_eq!(of_as(&it, Some((23, 52))).stack, expected, "{list:?}");
    }
}

#[test]
fn requests_for_services_tell_their_stack() {
    for (it, has_cname, authorization, expected) in SERVICES {
        let found = of_tgs(it, *has_cname, *authorization);
        assert_eq!(found.stack, *expected, "{it:x?}");
        assert_eq!(
            found.tells.is_empty(),
            !found.stack.is_attack_tool(),
            "{it:x?}"
        );
    }
}

#[test]
fn a_device_remembers_its_other_stacks() {
    let mut world = World::new();
    world.kdc(0, WS1, Fact::TicketGrantRequested(windows_as("alice")));
    world.kdc(1, WS1, Fact::TicketGrantRequested(windows_as("alice")));
    let tool = Fact::TicketGrantRequested(impacket_as("alice"));
    let insight = world.kdc(2, WS1, tool).stack.unwrap();
    assert_eq!(insight.device_stacks, [Stack::Lsass]);
    let back = world.kdc(3, WS1, Fact::TicketGrantRequested(windows_as("alice")));
    assert_eq!(back.stack.unwrap().device_stacks, [Stack::Impacket]);
}

const WINDOWS: u32 = 0xe208_8297;
const BARE: u32 = 0xa088_0205;
const LETTERS: u64 = u64::from_le_bytes(*b"aB3dE5gH");
const RANDOM: u64 = 0x8011_2233_4455_6677;

/// Client, flags of NEGOTIATE, workstation, client challenge, target, carrier, number of tells.
type NtlmRow = (
    &'static str,
    u32,
    &'static str,
    u64,
    &'static str,
    Carrier,
    usize,
);

#[rustfmt::skip]
const NTLM: &[NtlmRow] = &[
    ("Windows", WINDOWS, "WS1", RANDOM, "cifs/ws2", Carrier::Smb, 0),
    ("Windows over RPC", WINDOWS, "WS1", RANDOM, "HOST/ws2", Carrier::Rpc, 0),
    ("Apple and Go", 0xe008_0235, "", RANDOM, "", Carrier::Smb, 1),
    ("no version", BARE, "WS1", RANDOM, "", Carrier::Smb, 1),
    ("no workstation", WINDOWS, "NULL", RANDOM, "", Carrier::Smb, 1),
    ("impacket over SMB", BARE, "", LETTERS, "cifs/WS2", Carrier::Smb, 2),
    ("impacket over RPC", BARE, "", LETTERS, "cifs/WS2", Carrier::Rpc, 3),
    ("impacket over LDAP", BARE, "", LETTERS, "cifs/DC1", Carrier::Ldap, 3),
];

#[test]
fn ntlm_messages_tell_what_they_leave_out() {
    for (text, flags, workstation, challenge, target, carrier, expected) in NTLM {
        let (flags, challenge) = (*flags, *challenge);
        let logon = NtlmAuthenticated {
            user: "alice".into(),
            workstation: (*workstation).into(),
            negotiate_flags: Some(flags),
            client_challenge: Some(challenge),
            target_name: (!target.is_empty()).then(|| (*target).to_owned()),
            carrier: *carrier,
            ..NtlmAuthenticated::default()
        };
        let sighting = World::new().see(0, WS1, (WS2, 445), Fact::NtlmAuthenticated(logon));
        let tells = sighting.ntlm.unwrap().tells;
        assert_eq!(tells.len(), *expected, "{text}: {tells:?}");
    }
}
