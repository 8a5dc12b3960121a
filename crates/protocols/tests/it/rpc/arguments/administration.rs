//! Calls that administer: registry, logs, names, certificates, WMI, replication.

use super::super::build::Build;
use super::{
    BKRP, Case, DNSSERVER, DRSUAPI, EVENTLOG, HANDLE, ICPR, POINTER, SRVSVC, WBEM_SERVICES, WINREG,
    WKSSVC, strings,
};
use realmward_event::rpc::{Arguments, CertificateRequest, DnsServer, Replication};
use realmward_vocab::Guid;

pub(super) fn logs_and_names(b: Build) -> Vec<Case> {
    let case = |interface, opnum, request, response, told| Case {
        interface,
        opnum,
        request,
        response,
        told,
    };
    vec![
        case(
            WINREG,
            20,
            [HANDLE.to_vec(), b.unicode("C:\\x"), b.u32(0)].concat(),
            b.u32(0),
            Arguments::Registry {
                key: String::new(),
                value: Some("C:\\x".into()),
            },
        ),
        case(
            EVENTLOG,
            0,
            [HANDLE.to_vec(), b.u32(POINTER), b.unicode("C:\\old.evt")].concat(),
            b.u32(0),
            Arguments::EventLog {
                name: String::new(),
                backup: Some("C:\\old.evt".into()),
            },
        ),
        case(
            DNSSERVER,
            5,
            [
                b.numbers(&[0x0007_0000, 0]),
                b.unique("dc1"),
                b.u32(0), // no zone
                b.u32(0),
                b.narrow("ServerLevelPluginDll"),
                b.numbers(&[3, 3, POINTER]),
                b.string("\\\\10.0.0.66\\x.dll"),
            ]
            .concat(),
            b.u32(0),
            Arguments::DnsServer(Box::new(DnsServer {
                zone: String::new(),
                operation: "ServerLevelPluginDll".into(),
                value: Some("\\\\10.0.0.66\\x.dll".into()),
            })),
        ),
    ]
}

pub(super) fn lists(b: Build) -> Vec<Case> {
    let case = |interface, opnum, request, response, told| Case {
        interface,
        opnum,
        request,
        response,
        told,
    };
    let names = |it: &[(&str, &str)]| {
        it.iter()
            .map(|(user, domain)| ((*user).to_owned(), (*domain).to_owned()))
            .collect()
    };
    vec![
        case(
            BKRP,
            0,
            [
                b.guid(Guid(0x018ff48a_eaba_40c6_8f6d_72370240e967)),
                vec![0; 12],
            ]
            .concat(),
            b.u32(0),
            Arguments::BackupKey {
                action: Guid(0x018ff48a_eaba_40c6_8f6d_72370240e967),
            },
        ),
        case(
            WKSSVC,
            2,
            vec![0; 24],
            [
                b.numbers(&[1, 1, POINTER, 1, POINTER, 1]),
                b.numbers(&[POINTER; 4]),
                b.string("alice"),
                b.string("LAB"),
                b.string(""),
                b.string("DC1"),
                b.numbers(&[1, 0, 0]),
            ]
            .concat(),
            Arguments::LoggedOn(names(&[("alice", "LAB")])),
        ),
        case(
            SRVSVC,
            15,
            vec![0; 24],
            [
                b.numbers(&[1, 1, POINTER, 2, POINTER, 2]),
                b.numbers(&[POINTER, 0, POINTER, POINTER, 0, 0]),
                b.string("ADMIN$"),
                b.string("Remote Admin"),
                b.string("data"),
                b.numbers(&[2, 0, 0]),
            ]
            .concat(),
            Arguments::Shares(strings(&["ADMIN$", "data"])),
        ),
    ]
}

/// Calls whose texts are little-endian whatever the stub's byte order.
pub(super) fn little(b: Build) -> Vec<Case> {
    vec![certificate(b), method(b), replication(b)]
}

/// UTF-16 padded to four octets.
fn octets(text: &str) -> Vec<u8> {
    let mut octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    octets.resize(octets.len().next_multiple_of(4), 0);
    octets
}

/// `CERTTRANSBLOB`.
fn blob(b: Build, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    [b.numbers(&[length, POINTER, length]), content.to_vec()].concat()
}

/// `BSTR`.
fn bstr(b: Build, text: &str) -> Vec<u8> {
    let count = u32::try_from(text.len()).unwrap();
    [b.numbers(&[POINTER, count, 2 * count, count]), octets(text)].concat()
}

/// `DSNAME`.
fn ds_name(b: Build, text: &str) -> Vec<u8> {
    let count = u32::try_from(text.len()).unwrap();
    [
        b.numbers(&[count + 1, 0, 0]),
        vec![0; 16 + 28],
        b.u32(count),
        octets(&format!("{text}\0")),
    ]
    .concat()
}

fn certificate(b: Build) -> Case {
    let upn = b"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03\xa0\x09\x0c\x07bob@lab";
    Case {
        interface: ICPR,
        opnum: 0,
        request: [
            b.u32(0),
            b.unique("LAB-CA"),
            b.u32(0),
            blob(b, &octets("SAN:upn=administrator@lab")),
            blob(b, upn),
        ]
        .concat(),
        response: b.u32(0),
        told: Arguments::Certificate(Box::new(CertificateRequest {
            authority: "LAB-CA".into(),
            attributes: "SAN:upn=administrator@lab".into(),
            names: strings(&["bob@lab"]),
        })),
    }
}

fn method(b: Build) -> Case {
    Case {
        interface: WBEM_SERVICES,
        opnum: 24,
        request: [vec![0; 32], bstr(b, "Win32_Process"), bstr(b, "Create")].concat(),
        response: b.u32(0),
        told: Arguments::Wmi {
            object: "Win32_Process".into(),
            method: Some("Create".into()),
        },
    }
}

fn replication(b: Build) -> Case {
    Case {
        interface: DRSUAPI,
        opnum: 3,
        request: [
            HANDLE.to_vec(),
            b.numbers(&[8, 8]),
            b.u32(0), // alignment
            b.guid(Guid(1)),
            b.guid(Guid(2)),
            b.numbers(&[POINTER, 0]),
            vec![0; 24],
            b.numbers(&[0, 0x30, 1, 0, 6, 0]),
            vec![0; 8],
            b.numbers(&[0, 0, 0, 0]),
            ds_name(b, "DC=lab,DC=example"),
        ]
        .concat(),
        response: vec![0; 600],
        told: Arguments::Replication(Box::new(Replication {
            object: "DC=lab,DC=example".into(),
            client: Some(Guid(1)),
            source: Some(Guid(2)),
            flags: 0x30,
            extended_operation: 6,
            objects_max: 1,
            ..Replication::default()
        })),
    }
}
