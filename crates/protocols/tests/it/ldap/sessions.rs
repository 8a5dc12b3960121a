//! Pairing, and whose session it is.

use super::build::{
    bound, client, done, entry, message, present, sasl_bind, search, server, simple_bind,
};
use super::{binds, run, searches, told};
use crate::conversation::{Record, count, in_pieces_of, records, stamp};
use rasn_ldap::{AbandonRequest, ProtocolOp, ResultCode};
use realmward_event::{Fact, Outcome, SessionPrincipal};
use realmward_protocols::ldap::Conversation;
use realmward_protocols::{Dissector, Facts, Opaque};
use realmward_vocab::Direction;

#[test]
fn the_code_in_a_diagnostic_message_is_told() {
    for (message, wanted) in [
        (
            "80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 52e, v3839",
            Some("52e"),
        ),
        (
            "80090308: LdapErr: x, comment: y, data 775, v1db1",
            Some("775"),
        ),
        ("no data here", None),
        (", data , v1", None),
        ("", None),
    ] {
        let facts = run(&[
            client(1, simple_bind(1, "alice", "x")),
            server(2, bound(1, ResultCode::InvalidCredentials, message)),
        ]);
        assert_eq!(binds(&facts)[0].diagnostic.as_deref(), wanted, "{message}");
    }
}

#[test]
fn who_searches_is_who_last_bound_well() {
    let after = |binds: &[(&str, &str, ResultCode)]| {
        let mut records: Vec<Record> = Vec::new();
        for (id, (name, password, code)) in (1..).zip(binds) {
            records.push(client(1, simple_bind(id, name, password)));
            records.push(server(2, bound(id, *code, "")));
        }
        records.push(client(3, search(99, "", present("x"), &[])));
        searches(&run(&records))[0].principal.clone()
    };
    let named = |name: &str| SessionPrincipal::Named(name.into());
    let (good, bad) = (ResultCode::Success, ResultCode::InvalidCredentials);
    assert_eq!(after(&[]), SessionPrincipal::Unknown);
    assert_eq!(after(&[("alice", "p", good)]), named("alice"));
    assert_eq!(
        after(&[("alice", "p", good), ("bob", "p", good)]),
        named("bob")
    );
    assert_eq!(
        after(&[("alice", "p", good), ("bob", "p", bad)]),
        SessionPrincipal::Anonymous
    );
    assert_eq!(after(&[("", "", good)]), SessionPrincipal::Anonymous);
    // A name without a password proves nothing (RFC 4513 section 5.1.2).
    assert_eq!(after(&[("alice", "", good)]), SessionPrincipal::Anonymous);
}

#[test]
fn an_answer_to_a_bind_that_was_not_seen_makes_the_session_nobodys() {
    let facts = run(&[
        client(1, simple_bind(1, "alice", "p")),
        server(2, bound(1, ResultCode::Success, "")),
        server(3, bound(7, ResultCode::Success, "")),
        client(4, search(9, "", present("x"), &[])),
    ]);
    assert_eq!(searches(&facts)[0].principal, SessionPrincipal::Unknown);
}

#[test]
fn mechanisms_that_name_someone_in_clear_tell_the_name_and_only_it() {
    let plain = sasl_bind(1, "PLAIN", b"\0alice\0secret");
    let digest = sasl_bind(1, "DIGEST-MD5", b"username=\"bob\",realm=\"corp.example\"");
    for (request, name, clear) in [(plain, "alice", true), (digest, "bob", false)] {
        let facts = run(&[
            client(1, request),
            server(2, bound(1, ResultCode::Success, "")),
        ]);
        let it = &binds(&facts)[0];
        assert_eq!(it.principal, SessionPrincipal::Named(name.into()));
        assert_eq!(it.cleartext_password, clear);
        assert!(!format!("{facts:?}").contains("secret"));
    }
}

#[test]
fn sicily_takes_three_steps_and_is_told_once() {
    // bindRequest with choices [9], [10] and [11] (MS-ADTS section 5.1.1.1.3)
    let step = |id: u8, choice: u8| {
        let bind = [2, 1, 3, 4, 0, choice, 1, b'x'];
        client(
            id.into(),
            [&[0x30, 13, 2, 1, id, 0x60, 8][..], &bind].concat(),
        )
    };
    let answer = |id: u8, code: u8| {
        let content = [0x0a, 1, code, 4, 0, 4, 0];
        server(
            id.into(),
            [&[0x30, 12, 2, 1, id, 0x61, 7][..], &content].concat(),
        )
    };
    let steps = [
        step(1, 0x89),
        answer(1, 0),
        step(2, 0x8a),
        answer(2, 0),
        step(3, 0x8b),
    ];
    let told_after = |code: u8| told(&run(&[&steps[..], &[answer(3, code)]].concat()));
    assert_eq!(told_after(0), ["bind sicily Some(0) -"]);
    assert_eq!(told_after(49), ["bind sicily Some(49) -"]);
    assert_eq!(told(&run(&steps)), ["bind sicily None -"]);
}

#[test]
fn searches_pair_by_their_number_and_not_by_order() {
    let facts = run(&[
        client(1, search(1, "DC=a", present("x"), &[])),
        client(2, search(2, "DC=b", present("x"), &[])),
        server(3, entry(2, "CN=1,DC=b", &[])),
        server(4, done(2, ResultCode::Success)),
        server(5, entry(1, "CN=1,DC=a", &[])),
        server(6, entry(1, "CN=2,DC=a", &[])),
        server(7, done(1, ResultCode::NoSuchObject)),
        server(8, done(1, ResultCode::Success)),
    ]);
    let seen: Vec<_> = searches(&facts)
        .iter()
        .map(|it| (it.base.clone(), it.entries, it.outcome))
        .collect();
    assert_eq!(
        seen,
        [
            ("DC=b".into(), 1, Outcome::Success),
            ("DC=a".into(), 2, Outcome::Failure)
        ]
    );
    let packets: Vec<u64> = facts.pending[1]
        .evidence
        .iter()
        .map(|it| it.packet)
        .collect();
    assert_eq!(packets, [1, 7]);
}

#[test]
fn a_search_cut_short_by_a_limit_did_what_was_asked_if_it_gave_something() {
    let outcome = |entries: usize| {
        let mut records = vec![client(1, search(1, "", present("x"), &[]))];
        records.extend((0..entries).map(|_| server(2, entry(1, "CN=x", &[]))));
        records.push(server(3, done(1, ResultCode::SizeLimitExceeded)));
        searches(&run(&records))[0].outcome
    };
    assert_eq!(outcome(0), Outcome::Failure);
    assert_eq!(outcome(1), Outcome::Success);
}

#[test]
fn searches_that_never_end_are_told_as_attempts() {
    let one = client(1, search(1, "DC=a", present("x"), &[]));
    let abandon = client(2, message(2, ProtocolOp::AbandonRequest(AbandonRequest(1))));
    let again = client(2, search(1, "DC=b", present("x"), &[]));
    for records in [
        vec![one.clone()],
        vec![one.clone(), abandon],
        vec![one, again],
    ] {
        let seen = searches(&run(&records));
        assert_eq!(seen[0].base, "DC=a");
        assert_eq!((seen[0].result, seen[0].outcome), (None, Outcome::Attempt));
    }
}

#[test]
fn more_searches_than_we_remember_are_told_early_and_counted() {
    let flood: Vec<Record> = (0..1_000)
        .map(|id| client(1, search(id, "", present("x"), &[])))
        .collect();
    let facts = run(&flood);
    assert_eq!(searches(&facts).len(), 1_000);
    assert_eq!(count(&facts.counters.limits, "ldap_searches"), 1_000 - 64);
}

#[test]
fn nobody_answers_himself() {
    let facts = run(&[
        client(1, simple_bind(1, "admin", "p")),
        client(2, bound(1, ResultCode::Success, "")),
        client(3, search(2, "", present("x"), &[])),
        client(4, done(2, ResultCode::Success)),
    ]);
    assert_eq!(binds(&facts)[0].result, None);
    assert_eq!(searches(&facts)[0].result, None);
    assert_eq!(count(&facts.counters.faults, "ldap"), 2);
}

#[test]
fn what_follows_start_tls_is_read_as_tls() {
    // extendedReq with [0] requestName
    let name = b"1.3.6.1.4.1.1466.20037";
    let ask = [&[0x30, 29, 2, 1, 1, 0x77, 24, 0x80, 22][..], name].concat();
    // extendedResp with a result and nothing else
    let answer = |code: u8| vec![0x30, 12, 2, 1, 1, 0x78, 7, 0x0a, 1, code, 4, 0, 4, 0];
    let later = client(3, search(2, "", present("x"), &[]));
    let play = |code: u8| {
        run(&[
            client(1, ask.clone()),
            server(2, answer(code)),
            later.clone(),
        ])
    };
    let tls = |facts: &Facts| count(&facts.counters.opaque, Opaque::TlsSession.as_str());
    let (agreed, refused) = (play(0), play(2));
    assert_eq!((tls(&agreed), searches(&agreed).len()), (1, 0));
    assert_eq!((tls(&refused), searches(&refused).len()), (0, 1));
    let handshake = records(include_bytes!("../../data/tls/tls13.conv"));
    let talk = [vec![client(1, ask), server(2, answer(0))], handshake].concat();
    let facts = run(&talk);
    let sessions = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::TlsNegotiated(it) => Some((it.within.as_str(), it.version)),
        _ => None,
    });
    assert_eq!(sessions.collect::<Vec<_>>(), [("ldap", Some(0x0304))]);
}

#[test]
fn the_handshake_after_start_tls_is_read_however_it_is_cut() {
    let name = b"1.3.6.1.4.1.1466.20037";
    let ask = [&[0x30, 29, 2, 1, 1, 0x77, 24, 0x80, 22][..], name].concat();
    let mut story = vec![
        client(1, ask),
        server(2, vec![0x30, 12, 2, 1, 1, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0]),
    ];
    story.extend(records(include_bytes!("../../data/tls/mutual.conv")));
    // A server that does not wait: its answer and its hello in one segment.
    let hello = story
        .iter()
        .skip(2)
        .position(|it| it.0 == Direction::ToClient);
    let (_, _, hello) = story.remove(hello.unwrap() + 2);
    story[1].2.extend(hello);
    for size in [1, 7, usize::MAX] {
        let facts = run(&in_pieces_of(size, &story));
        let handshakes = facts.pending.iter().filter_map(|it| match &it.fact {
            Fact::TlsNegotiated(it) => Some(it),
            _ => None,
        });
        let [handshake] = handshakes.collect::<Vec<_>>()[..] else {
            panic!("{size}: {facts:?}");
        };
        assert_eq!(handshake.within, "ldap");
        assert!(handshake.certificate.is_some() && handshake.version.is_some());
    }
}

#[test]
fn after_a_gap_reading_goes_on_at_the_next_message_and_pairs_by_number() {
    let mut facts = Facts::default();
    let mut conversation = Conversation::new(false);
    let answers = [
        entry(1, "CN=lost", &[]),
        entry(1, "CN=x", &[]),
        done(1, ResultCode::Success),
    ];
    let answers = answers.concat();
    let request = search(1, "DC=a", present("x"), &[]);
    conversation.feed(Direction::ToServer, &request, stamp(1), &mut facts);
    // Ten octets of the first entry are missing: it is lost, what follows it is not.
    conversation.feed(Direction::ToClient, &answers[..4], stamp(2), &mut facts);
    conversation.gap(Direction::ToClient, 10, &mut facts);
    conversation.feed(Direction::ToClient, &answers[14..], stamp(3), &mut facts);
    conversation.finish(&mut facts);
    let seen = &searches(&facts)[0];
    assert_eq!((seen.entries, seen.outcome), (1, Outcome::Success));
}
