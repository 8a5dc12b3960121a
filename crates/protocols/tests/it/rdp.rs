//! Remote desktops: who is asked for, and what protects the session.

use crate::conversation::{Record, abuse, count, in_pieces_of, play, records};
use realmward_event::rdp::RemoteDesktopAsked;
use realmward_event::{Fact, Outcome};
use realmward_protocols::rdp::{Conversation, recognise};
use realmward_protocols::{Facts, Recognised};
use realmward_vocab::Direction::{ToClient, ToServer};

const COOKIE: &[u8] = include_bytes!("../data/rdp/cookie.conv");
const PLAIN: &[u8] = include_bytes!("../data/rdp/plain.conv");

fn asked(facts: &Facts) -> RemoteDesktopAsked {
    let mut facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::RemoteDesktopAsked(it) => Some(it.clone()),
        _ => None,
    });
    let first = facts.next().unwrap();
    assert_eq!(facts.next(), None);
    first
}

/// An X.224 message with this variable part.
fn x224(code: u8, variable: &[u8]) -> Vec<u8> {
    let indicator = u8::try_from(6 + variable.len()).unwrap();
    let head = [3, 0, 0, indicator + 5, indicator, code, 0, 0, 0, 0, 0];
    [&head, variable].concat()
}

#[test]
fn a_cookie_and_the_choice_of_protection_are_told_and_tls_is_read_on() {
    let facts = play(Conversation::new(), &records(COOKIE));
    let it = asked(&facts);
    assert_eq!(it.cookie, Some("eltons".into()));
    assert_eq!(
        (it.requested, it.request_flags, it.selected),
        (11, 1, Some(2))
    );
    assert_eq!((it.outcome, it.client_name), (Outcome::Success, None));
    let Some(Fact::TlsNegotiated(tls)) = facts.pending.last().map(|it| &it.fact) else {
        panic!("{facts:?}");
    };
    assert_eq!((tls.version, tls.within.as_str()), (Some(0x0303), "rdp"));
    assert_eq!(facts.counters.faults, []);
}

#[test]
fn without_tls_the_client_says_who_it_is() {
    let it = asked(&play(Conversation::new(), &records(PLAIN)));
    assert_eq!(it.cookie, Some("eltons".into()));
    assert_eq!(it.client_name, Some("ELTONS-DEV2".into()));
    assert_eq!(
        (it.client_build, it.keyboard_layout),
        (Some(3790), Some(1033))
    );
    assert_eq!(it.selected, Some(0));
}

#[test]
fn a_stream_tells_the_same_however_it_is_cut() {
    for octets in [COOKIE, PLAIN] {
        let whole = play(Conversation::new(), &records(octets));
        for size in 1..60 {
            let cut = play(Conversation::new(), &in_pieces_of(size, &records(octets)));
            assert_eq!(cut.pending, whole.pending, "in pieces of {size}");
        }
    }
}

#[test]
fn refusals_and_silence_are_told_apart() {
    let ask = (ToServer, 1, x224(0xe0, b"\x01\0\x08\0\x01\0\0\0"));
    let refuse = (ToClient, 2, x224(0xd0, b"\x03\0\x08\0\x05\0\0\0"));
    let it = asked(&play(Conversation::new(), &[ask.clone(), refuse]));
    assert_eq!((it.failure, it.outcome), (Some(5), Outcome::Failure));
    let it = asked(&play(Conversation::new(), &[ask]));
    assert_eq!((it.requested, it.outcome), (1, Outcome::Attempt));
}

#[test]
fn what_lies_is_a_fault_and_no_more() {
    for (octets, faults) in [
        (x224(0xe0, b"\x01\0\x08\0\x01\0"), 1),
        (x224(0xe0, b"Cookie: mstshash=nobody ends this"), 0),
        (vec![3, 0, 0, 7, 200, 0xe0, 0], 1),
        ([&[3, 0, 0xff, 0xff][..], &[0; 9_000]].concat(), 0),
    ] {
        let facts = play(Conversation::new(), &[(ToServer, 1, octets)]);
        assert_eq!(count(&facts.counters.faults, "rdp"), faults);
    }
}

#[test]
fn blocks_of_no_length_end_the_search() {
    let mut talk: Vec<Record> = records(PLAIN);
    let last = &mut talk.last_mut().unwrap().2;
    let key = last.windows(4).position(|it| it == b"Duca").unwrap();
    last[key + 6..].fill(0);
    assert_eq!(asked(&play(Conversation::new(), &talk)).client_name, None);
}

#[test]
fn the_first_octets_tell_the_protocol_and_the_side() {
    for (octets, wanted) in [
        (x224(0xe0, b""), Recognised::Yes(ToServer)),
        (x224(0xe0, b"Cookie: msts=1\r\n"), Recognised::Yes(ToServer)),
        (
            x224(0xd0, b"\x02\0\x08\0\x02\0\0\0"),
            Recognised::Yes(ToClient),
        ),
        // S7 opens its connections alike, with parameters of its own.
        (
            x224(0xe0, b"\xc1\x02\x01\0\xc2\x02\x01\x02"),
            Recognised::No,
        ),
        (x224(0xf0, b""), Recognised::No),
        (vec![3, 0, 0], Recognised::TooShort),
        (b"GET / HTTP/1.1".to_vec(), Recognised::No),
    ] {
        assert_eq!(recognise(&octets), wanted, "{octets:?}");
    }
}

#[test]
fn abused_conversations_end_without_a_panic() {
    for octets in [COOKIE, PLAIN] {
        abuse(Conversation::new, &records(octets));
    }
}
