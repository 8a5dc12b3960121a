//! What clear stubs say, interface by interface; then the same stubs cut, poked and lied about.

mod accounts;
mod administration;
mod coercion;

use super::build::{Build, LITTLE, WHOLE, client, server};
use super::{Record, calls, run};
use realmward_event::rpc::{Accounts, Arguments, Transport};
use realmward_vocab::Guid;

const SAMR: Guid = Guid(0x12345778_1234_abcd_ef00_0123456789ac);
const LSARPC: Guid = Guid(0x12345778_1234_abcd_ef00_0123456789ab);
const NETLOGON: Guid = Guid(0x12345678_1234_abcd_ef00_01234567cffb);
const WINREG: Guid = Guid(0x338cd001_2244_31f1_aaaa_900038001003);
const EFSR: Guid = Guid(0xc681d488_d850_11d0_8c52_00c04fd90f7e);
const RPRN: Guid = Guid(0x12345678_1234_abcd_ef00_0123456789ab);
const PAR: Guid = Guid(0x76f03f96_cdfd_44fc_a22c_64950a001209);
const FSRVP: Guid = Guid(0xa8e0653c_2744_4389_a61d_7373df8b2292);
const DFSNM: Guid = Guid(0x4fc742e0_4a10_11cf_8273_00aa004ae673);
const DNSSERVER: Guid = Guid(0x50abc2a4_574d_40b3_9d66_ee4fd5fba076);
const BKRP: Guid = Guid(0x3dde7c30_165d_11d1_ab8f_00805f14db40);
const ICPR: Guid = Guid(0x91ae6020_9e3c_11cf_8d7c_00aa00c091be);
const DRSUAPI: Guid = Guid(0xe3514235_4b06_11d1_ab04_00c04fc2dcd2);
const WKSSVC: Guid = Guid(0x6bffd098_a112_3610_9833_46c3f87e345a);
const SRVSVC: Guid = Guid(0x4b324fc8_1670_01d3_1278_5a47bf6ee188);
const EVENTLOG: Guid = Guid(0x82273fdc_e32a_18c3_3f78_827929dc23ea);
const WBEM_SERVICES: Guid = Guid(0x9556dc99_828c_11cf_a37e_00aa003240c7);

const HANDLE: [u8; 20] = *b"\0\0\0\0some other handl";
const POINTER: u32 = 0x0002_0000;

/// One call: interface, operation, what is sent, what comes back, what is told.
struct Case {
    interface: Guid,
    opnum: u16,
    request: Vec<u8>,
    response: Vec<u8>,
    told: Arguments,
}

impl Build {
    /// A pointer and its `[string]`.
    fn unique(self, text: &str) -> Vec<u8> {
        [self.u32(POINTER), self.string(text)].concat()
    }

    /// The fixed part of an `RPC_UNICODE_STRING`.
    fn counted(self, text: &str) -> Vec<u8> {
        let octets = u16::try_from(2 * text.len()).unwrap();
        [self.u16(octets), self.u16(octets), self.u32(POINTER)].concat()
    }

    /// The characters of one: as a `[string]`, without a terminator.
    fn characters(self, text: &str) -> Vec<u8> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let count = u32::try_from(units.len()).unwrap();
        let mut octets = [self.u32(count), self.u32(0), self.u32(count)].concat();
        octets.extend(units.iter().flat_map(|unit| self.u16(*unit)));
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets
    }

    fn unicode(self, text: &str) -> Vec<u8> {
        [self.counted(text), self.characters(text)].concat()
    }

    /// A pointer and a `[string]` of `char`.
    fn narrow(self, text: &str) -> Vec<u8> {
        let count = u32::try_from(text.len() + 1).unwrap();
        let mut octets = [
            self.u32(POINTER),
            self.u32(count),
            self.u32(0),
            self.u32(count),
        ]
        .concat();
        octets.extend(text.bytes().chain([0]));
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets
    }

    /// S-1-5-21-1-2, and `more` parts.
    fn sid(self, more: &[u32]) -> Vec<u8> {
        let parts: Vec<u32> = [21, 1, 2].iter().chain(more).copied().collect();
        let count = u8::try_from(parts.len()).unwrap();
        [
            self.u32(count.into()),
            vec![1, count, 0, 0, 0, 0, 0, 5],
            parts.iter().flat_map(|it| self.u32(*it)).collect(),
        ]
        .concat()
    }

    fn numbers(self, numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|it| self.u32(*it)).collect()
    }
}

fn accounts(accounts: Accounts) -> Arguments {
    Arguments::Accounts(Box::new(accounts))
}

fn paths(paths: &[&str]) -> Arguments {
    Arguments::Paths(paths.iter().map(|it| (*it).to_owned()).collect())
}

fn strings(strings: &[&str]) -> Vec<String> {
    strings.iter().map(|it| (*it).to_owned()).collect()
}

fn all(b: Build) -> Vec<Case> {
    let mut cases = vec![
        accounts::samr_lists(b),
        accounts::samr_changes(b),
        accounts::secrets(b),
        accounts::rights(b),
        accounts::secure_channels(b),
        accounts::logons(b),
        coercion::all(b),
        administration::logs_and_names(b),
        administration::lists(b),
    ];
    if !b.big {
        cases.push(administration::little(b));
    }
    cases.into_iter().flatten().collect()
}

fn told(b: Build, case: &Case, request: &[u8], response: &[u8]) -> Arguments {
    let records = [
        b.bound(case.interface),
        vec![
            client(3, b.request(WHOLE, 2, 0, case.opnum, request)),
            server(4, b.response(WHOLE, 2, response)),
        ],
    ]
    .concat();
    let called = calls(&run(Transport::Tcp, &records));
    called.into_iter().next().unwrap().arguments
}

#[test]
fn clear_stubs_tell_what_a_call_is_about_in_both_byte_orders() {
    for b in [LITTLE, Build { big: true }] {
        for case in all(b) {
            let told = told(b, &case, &case.request, &case.response);
            let Case {
                interface, opnum, ..
            } = case;
            assert_eq!(told, case.told, "{interface:?} {opnum}, big: {}", b.big);
        }
    }
}

#[test]
fn stubs_cut_at_any_octet_or_with_any_count_a_lie_are_survived() {
    for case in all(LITTLE) {
        let Case {
            request, response, ..
        } = &case;
        for cut in 0..request.len() {
            told(LITTLE, &case, &request[..cut], response);
        }
        for cut in 0..response.len() {
            told(LITTLE, &case, request, &response[..cut]);
        }
        for lie in [0, 0x7fff_ffff, 0xffff_ffff_u32] {
            for place in (0..request.len().saturating_sub(3)).step_by(2) {
                let mut poked = request.clone();
                poked[place..place + 4].copy_from_slice(&lie.to_le_bytes());
                told(LITTLE, &case, &poked, response);
            }
            for place in (0..response.len().saturating_sub(3)).step_by(2) {
                let mut poked = response.clone();
                poked[place..place + 4].copy_from_slice(&lie.to_le_bytes());
                told(LITTLE, &case, request, &poked);
            }
        }
    }
}

#[test]
fn a_list_of_thousands_is_told_by_its_first_ones_and_its_count() {
    let b = LITTLE;
    let count = 1_500_u32;
    let request = [
        HANDLE.to_vec(),
        b.numbers(&[count, count]),
        (0..count).flat_map(|_| b.counted("user")).collect(),
        (0..count).flat_map(|_| b.characters("user")).collect(),
    ]
    .concat();
    let records = [
        b.bound(LSARPC),
        vec![client(3, b.request(WHOLE, 2, 0, 14, &request))],
    ]
    .concat();
    let facts = run(Transport::Tcp, &records);
    let Arguments::Accounts(accounts) = &calls(&facts)[0].arguments else {
        panic!("no accounts");
    };
    assert_eq!((accounts.names.len(), accounts.count), (64, count));
}

#[test]
fn what_was_opened_names_what_is_done_with_it() {
    let b = LITTLE;
    let other = [8; 20];
    let records: Vec<Record> = [
        b.bound(WINREG),
        vec![
            client(3, b.request(WHOLE, 2, 0, 2, &b.numbers(&[0, 0x0200_0000]))),
            server(4, b.response(WHOLE, 2, &[&HANDLE[..], &b.u32(0)].concat())),
            client(
                5,
                b.request(
                    WHOLE,
                    3,
                    0,
                    15,
                    &[&HANDLE[..], &b.unicode("SECURITY"), &b.numbers(&[0, 1])].concat(),
                ),
            ),
            server(6, b.response(WHOLE, 3, &[&other[..], &b.u32(0)].concat())),
            client(
                7,
                b.request(
                    WHOLE,
                    4,
                    0,
                    20,
                    &[&other[..], &b.unicode("C:\\s"), &b.u32(0)].concat(),
                ),
            ),
        ],
    ]
    .concat();
    let called = calls(&run(Transport::Tcp, &records));
    assert_eq!(
        called[2].arguments,
        Arguments::Registry {
            key: "HKLM\\SECURITY".into(),
            value: Some("C:\\s".into()),
        }
    );
}

#[test]
fn the_stub_ends_where_its_verification_trailer_begins_and_the_trailer_names_the_interface() {
    let b = LITTLE;
    let ndr = Guid(0x8a885d04_1ceb_11c9_9fe8_08002b104860);
    let trailer = [
        &[0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71][..],
        &[2, 0x40, 40, 0],
        &b.guid(LSARPC),
        &b.u32(0),
        &b.guid(ndr),
        &b.u32(2),
    ]
    .concat();
    let stub = [
        b.unique("\\\\dc1"),
        vec![0; 24],
        b.u32(0x0801), // DesiredAccess, the last of LsarOpenPolicy2
        trailer,
    ]
    .concat();
    // Signed, so that there is a verifier: sixteen octets at level 5 of context 7.
    let head = [b.u32(0), b.u16(3), b.u16(44)].concat();
    let verifier = [vec![10, 5, 0, 0], b.u32(7), vec![9; 16]].concat();
    let mut request = b.pdu(0, WHOLE, 2, &[head, stub, verifier].concat());
    request[10] = 16; // auth_length
    let called = calls(&run(Transport::Tcp, &[client(1, request)]));
    assert_eq!(called[0].interface, Some(LSARPC), "its bind was not seen");
    assert_eq!(called[0].operation.as_deref(), Some("LsarOpenPolicy2"));
    let access = match &called[0].arguments {
        Arguments::Accounts(accounts) => accounts.access,
        _ => None,
    };
    assert_eq!(access, Some(0x0801));
}
