//! The kinds, one row each.

use super::Flood;
use super::message::{self, FILLER};
use super::wire::{End, answer, fragment, low, syn, tcp, udp, vxlan};

const fn flood(
    name: &'static str,
    sends: &'static str,
    flows: u64,
    packet: fn(u64, u32) -> Vec<u8>,
) -> Flood {
    Flood {
        name,
        sends,
        flows,
        packet,
        leaps: false,
    }
}

/// A conversation a packet.
const ENDLESS: u64 = u64::MAX;

/// All kinds.
pub static FLOODS: &[Flood] = &[
    flood("half_open", "SYNs", ENDLESS, |flow, _| syn(few(flow), 445)),
    flood(
        "flows",
        "connections joined in their middle, each with the beginning of a long message",
        ENDLESS,
        |flow, _| tcp(few(flow), 445, 1, &message::smb_beginning()),
    ),
    flood(
        "holes",
        "segments with a hole before each",
        100_000,
        |flow, turn| match turn {
            0 => tcp(few(flow), 389, 1, &message::ldap_beginning()),
            _ => tcp(few(flow), 389, 1 + turn.wrapping_mul(2_000), &FILLER),
        },
    ),
    flood(
        "reorder",
        "segments in reverse, a dozen at a time",
        50_000,
        |flow, turn| match turn {
            0 => tcp(few(flow), 389, 1, &message::ldap_beginning()),
            _ => {
                let place = (turn - 1) / 12 * 12 + 12 - (turn - 1) % 12;
                tcp(few(flow), 389, 1 + place * size(&FILLER), &FILLER)
            }
        },
    ),
    flood(
        "fragments",
        "the end of datagrams whose rest is missing",
        ENDLESS,
        |flow, _| fragment(few(flow), id(flow), 60_000 / 8, &FILLER),
    ),
    flood(
        "pieces",
        "fragments of eight octets, every second one",
        ENDLESS,
        |flow, _| {
            let place = u16::try_from(flow % 100).unwrap_or_default() * 2;
            fragment(few(flow / 100), id(flow / 100), place, &[0x41; 8])
        },
    ),
    flood(
        "tunnels",
        "the same connections in VXLAN, of ever new hosts",
        ENDLESS,
        |flow, _| {
            let inner = tcp(End::of_many(flow), 445, 1, &message::smb_beginning());
            vxlan(&inner)
        },
    ),
    flood(
        "smb",
        "files asked for over SMB that nobody answers",
        20_000,
        |flow, turn| again(flow, turn, 445, &message::create(turn)),
    ),
    flood(
        "smb_handles",
        "files opened over SMB, to be deleted, and never closed",
        2_000,
        |flow, turn| answered(flow, turn, 445, message::open, message::opened),
    ),
    flood(
        "rpc",
        "calls of DCE/RPC that never end",
        20_000,
        |flow, turn| rpc(flow, turn, false, &FILLER[..1_300]),
    ),
    flood(
        "rpc_calls",
        "calls of DCE/RPC that nobody answers",
        10_000,
        |flow, turn| rpc(flow, turn, true, &FILLER[..100]),
    ),
    flood(
        "ldap",
        "searches of LDAP that nobody answers",
        10_000,
        |flow, turn| again(flow, turn, 389, &message::search(turn)),
    ),
    Flood {
        leaps: true,
        ..flood(
            "leap",
            "the same, and then the clock leaps: all connections end at once",
            10_000,
            |flow, turn| again(flow, turn, 389, &message::search(turn)),
        )
    },
    flood(
        "answers",
        "searches of LDAP that are answered at once",
        1_000,
        |flow, turn| answered(flow, turn, 389, message::search, message::search_done),
    ),
    flood(
        "kerberos",
        "requests of Kerberos over TCP of 190,000 octets",
        20_000,
        |flow, turn| endless(flow, turn, 88, &message::as_req_beginning()),
    ),
    flood(
        "tls",
        "hellos of TLS as long as can be",
        20_000,
        |flow, turn| again(flow, turn, 636, &message::hello(turn)),
    ),
    flood("http", "heads of HTTP without end", 20_000, |flow, turn| {
        endless(flow, turn, 5985, &message::http_beginning())
    }),
    flood(
        "dns",
        "questions of DNS for ever new names, of 200,000 hosts",
        200_000,
        |flow, turn| {
            let number = flow << 20 | u64::from(turn);
            udp(End::of_many(flow), 53, &message::question(number))
        },
    ),
    flood(
        "nbns",
        "questions of NBNS for ever new names",
        ENDLESS,
        |flow, _| udp(End::of_many(flow), 137, &message::nbns(flow)),
    ),
    flood(
        "llmnr",
        "questions of LLMNR for ever new names",
        ENDLESS,
        |flow, _| udp(End::of_many(flow), 5355, &message::llmnr(flow)),
    ),
    flood(
        "dhcp",
        "requests of DHCP with ever new names",
        ENDLESS,
        |flow, _| udp(End::of_many(flow), 67, &message::dhcp(flow)),
    ),
    flood(
        "radius",
        "accounting of RADIUS for ever new users",
        20_000,
        |flow, turn| {
            let number = flow << 20 | u64::from(turn);
            udp(End::of_many(flow), 1813, &message::accounting(number))
        },
    ),
];

fn few(flow: u64) -> End {
    End::of_few(flow)
}

fn id(number: u64) -> u16 {
    u16::try_from(number & 0xffff).unwrap_or_default()
}

fn size(message: &[u8]) -> u32 {
    low(message.len() as u64)
}

/// A message behind so many of the same size.
fn again(flow: u64, turn: u32, port: u16, message: &[u8]) -> Vec<u8> {
    tcp(few(flow), port, 1 + turn * size(message), message)
}

/// Requests and answers in turns.
fn answered<M: AsRef<[u8]>, N: AsRef<[u8]>>(
    flow: u64,
    turn: u32,
    port: u16,
    request: fn(u32) -> M,
    response: fn(u32) -> N,
) -> Vec<u8> {
    let (turn, is_answer) = (turn / 2, turn % 2 == 1);
    if !is_answer {
        return again(flow, turn, port, request(turn).as_ref());
    }
    let response = response(turn);
    let response = response.as_ref();
    answer(few(flow), port, 1 + turn * size(response), response)
}

fn rpc(flow: u64, turn: u32, whole: bool, stub: &[u8]) -> Vec<u8> {
    let bind = message::bind();
    let Some(calls) = turn.checked_sub(1) else {
        return tcp(few(flow), 135, 1, &bind);
    };
    let call = message::call(turn, whole, stub);
    tcp(few(flow), 135, 1 + size(&bind) + calls * size(&call), &call)
}

/// A message that begins and goes on without end.
fn endless(flow: u64, turn: u32, port: u16, beginning: &[u8]) -> Vec<u8> {
    let Some(more) = turn.checked_sub(1) else {
        return tcp(few(flow), port, 1, beginning);
    };
    let sequence = 1 + size(beginning) + more * size(&FILLER);
    tcp(few(flow), port, sequence, &FILLER)
}
