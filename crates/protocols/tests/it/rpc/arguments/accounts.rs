//! Calls about accounts, rights, secrets and secure channels.

use super::super::build::Build;
use super::{Case, HANDLE, LSARPC, NETLOGON, POINTER, SAMR, accounts, strings};
use realmward_event::rpc::{Accounts, Arguments, PassedLogon, SecureChannel};
use realmward_vocab::{AccountName, DomainName};

pub(super) fn samr_lists(b: Build) -> Vec<Case> {
    let case = |opnum, request, response, told| Case {
        interface: SAMR,
        opnum,
        request,
        response,
        told: accounts(told),
    };
    vec![
        case(
            17,
            [
                HANDLE.to_vec(),
                b.numbers(&[2, 1000, 0, 2]),
                b.counted("alice"),
                b.counted("bob"),
                b.characters("alice"),
                b.characters("bob"),
            ]
            .concat(),
            b.numbers(&[2, POINTER, 2, 1104, 1105, 0, 0, 0]),
            Accounts {
                names: strings(&["alice", "bob"]),
                rids: vec![1104, 1105],
                count: 2,
                ..Accounts::default()
            },
        ),
        case(
            13,
            [HANDLE.to_vec(), b.numbers(&[0, 16, 4096])].concat(),
            [
                b.numbers(&[0, POINTER, 2, POINTER, 2, 500]),
                b.counted("Administrator"),
                b.u32(501),
                b.counted("Guest"),
                b.characters("Administrator"),
                b.characters("Guest"),
                b.numbers(&[2, 0]),
            ]
            .concat(),
            Accounts {
                names: strings(&["Administrator", "Guest"]),
                rids: vec![500, 501],
                count: 2,
                ..Accounts::default()
            },
        ),
    ]
}

pub(super) fn samr_changes(b: Build) -> Vec<Case> {
    let case = |opnum, request, response, told| Case {
        interface: SAMR,
        opnum,
        request,
        response,
        told: accounts(told),
    };
    vec![
        case(
            50,
            [
                HANDLE.to_vec(),
                b.unicode("EVIL$"),
                b.numbers(&[0x80, 0xb0]),
            ]
            .concat(),
            [[7; 20].to_vec(), b.numbers(&[0xb0, 1200, 0])].concat(),
            Accounts {
                names: strings(&["EVIL$"]),
                rids: vec![1200],
                access: Some(0xb0),
                kind: Some(0x80),
                ..Accounts::default()
            },
        ),
        case(
            22,
            [HANDLE.to_vec(), b.numbers(&[1104, 7])].concat(),
            b.u32(0),
            Accounts {
                rids: vec![1104],
                ..Accounts::default()
            },
        ),
        case(
            58,
            [HANDLE.to_vec(), b.u16(26), b.u16(26)].concat(),
            b.u32(0),
            Accounts {
                level: Some(26),
                ..Accounts::default()
            },
        ),
        case(
            55,
            [
                b.u32(POINTER),
                b.unicode("dc1"),
                b.unicode("alice"),
                b.numbers(&[0, 0]),
            ]
            .concat(),
            b.u32(0),
            Accounts {
                names: strings(&["alice"]),
                ..Accounts::default()
            },
        ),
    ]
}

pub(super) fn secrets(b: Build) -> Vec<Case> {
    let case = |opnum, request, told| Case {
        interface: LSARPC,
        opnum,
        request,
        response: b.u32(0),
        told,
    };
    vec![
        case(
            43,
            [
                HANDLE.to_vec(),
                b.unicode("G$BCKUPKEY_PREFERRED"),
                b.u32(POINTER),
            ]
            .concat(),
            Arguments::Secret {
                name: "G$BCKUPKEY_PREFERRED".into(),
            },
        ),
        case(
            57,
            [
                HANDLE.to_vec(),
                b.numbers(&[1, POINTER, 1, POINTER]),
                b.sid(&[500]),
            ]
            .concat(),
            accounts(Accounts {
                sids: strings(&["S-1-5-21-1-2-500"]),
                count: 1,
                ..Accounts::default()
            }),
        ),
    ]
}

pub(super) fn rights(b: Build) -> Vec<Case> {
    let case = |opnum, request, told| Case {
        interface: LSARPC,
        opnum,
        request,
        response: b.u32(0),
        told,
    };
    vec![
        case(
            77,
            [
                b.numbers(&[1, 1]),
                b.counted("LAB\\bob"),
                b.characters("LAB\\bob"),
            ]
            .concat(),
            accounts(Accounts {
                names: strings(&["LAB\\bob"]),
                count: 1,
                ..Accounts::default()
            }),
        ),
        case(
            37,
            [
                HANDLE.to_vec(),
                b.sid(&[1104]),
                b.numbers(&[1, POINTER, 1]),
                b.counted("SeDebugPrivilege"),
                b.characters("SeDebugPrivilege"),
            ]
            .concat(),
            Arguments::Rights {
                account: "S-1-5-21-1-2-1104".into(),
                rights: strings(&["SeDebugPrivilege"]),
            },
        ),
    ]
}

pub(super) fn secure_channels(b: Build) -> Vec<Case> {
    let case = |opnum, request, told| Case {
        interface: NETLOGON,
        opnum,
        request,
        response: b.u32(0),
        told,
    };
    let channel = |it| Arguments::SecureChannel(Box::new(it));
    let server = b.unique("\\\\dc1");
    vec![
        case(
            4,
            [
                server.clone(),
                b.string("WS1"),
                vec![0, 0, 0, 0, 0, 0, 0, 9],
            ]
            .concat(),
            channel(SecureChannel {
                computer: "WS1".into(),
                zero_octets: Some(7),
                ..SecureChannel::default()
            }),
        ),
        case(
            26,
            [
                server.clone(),
                b.string("DC01$"),
                b.u16(6),
                b.u16(0), // alignment
                b.string("DC1"),
                vec![0; 8],
                b.u32(0x212f_ffff),
            ]
            .concat(),
            channel(SecureChannel {
                account: AccountName::new("DC01$"),
                computer: "DC1".into(),
                kind: Some(6),
                zero_octets: Some(8),
                flags: Some(0x212f_ffff),
            }),
        ),
    ]
}

pub(super) fn logons(b: Build) -> Vec<Case> {
    let case = |opnum, request, told| Case {
        interface: NETLOGON,
        opnum,
        request,
        response: b.u32(0),
        told,
    };
    let server = b.unique("\\\\dc1");
    vec![case(
        39,
        [
            server,
            b.unique("WS1"),
            b.u16(2),
            b.u16(2),
            b.u32(POINTER),
            b.counted("LAB"),
            b.numbers(&[0, 0, 0]),
            b.counted("alice"),
            b.counted("WS7"),
            vec![1; 8], // LmChallenge
            b.counted("nt"),
            b.counted("lm"),
            b.characters("LAB"),
            b.characters("alice"),
            b.characters("WS7"),
        ]
        .concat(),
        Arguments::PassedLogon(Box::new(PassedLogon {
            user: AccountName::new("alice"),
            domain: DomainName::new("LAB"),
            workstation: "WS7".into(),
            level: 2,
        })),
    )]
}
