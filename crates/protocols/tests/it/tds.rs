//! SQL Server: who logs on to a database.

use crate::conversation::{Record, abuse, count, in_pieces_of, play, records};
use realmward_event::tds::DatabaseLogon;
use realmward_event::{Fact, Outcome};
use realmward_protocols::tds::{Conversation, recognise};
use realmward_protocols::{Facts, Recognised};
use realmward_vocab::Direction::{ToClient, ToServer};

const REFUSED: &[u8] = include_bytes!("../data/tds/refused.conv");
const ACCEPTED: &[u8] = include_bytes!("../data/tds/accepted.conv");

fn logons(facts: &Facts) -> Vec<DatabaseLogon> {
    let facts = facts.pending.iter().filter_map(|it| match &it.fact {
        Fact::DatabaseLogon(it) => Some(it.clone()),
        _ => None,
    });
    facts.collect()
}

fn packet(kind: u8, status: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + body.len()).unwrap().to_be_bytes();
    let head = [kind, status, length[0], length[1], 0, 0, 1, 0];
    [&head, body].concat()
}

#[test]
fn a_real_client_says_who_it_is_and_the_server_decides() {
    for (octets, user, outcome, error) in [
        (REFUSED, "sa", Outcome::Failure, Some(18_456)),
        (ACCEPTED, "app", Outcome::Success, None),
    ] {
        let facts = play(Conversation::new(), &records(octets));
        let [it] = logons(&facts).try_into().unwrap();
        assert_eq!(
            (it.user.as_str(), it.outcome, it.error),
            (user, outcome, error)
        );
        assert_eq!((it.database.as_str(), it.integrated), ("payroll", false));
        assert!(
            !it.library.is_empty() && !it.application.is_empty(),
            "{it:?}"
        );
        assert_eq!(it.encryption, Some(2));
        assert_eq!(facts.counters.faults, []);
    }
}

#[test]
fn a_stream_tells_the_same_however_it_is_cut() {
    let whole = play(Conversation::new(), &records(REFUSED));
    for size in 1..60 {
        let cut = play(Conversation::new(), &in_pieces_of(size, &records(REFUSED)));
        assert_eq!(cut.pending, whole.pending, "in pieces of {size}");
    }
}

#[test]
fn the_password_is_in_no_fact() {
    // As it stands in the message: each octet's halves swapped, then 0xa5 added bit by bit.
    let told = format!("{:?}", play(Conversation::new(), &records(REFUSED)).pending);
    assert!(!told.contains("Secret"));
}

#[test]
fn a_logon_in_two_packets_is_one() {
    let mut talk: Vec<Record> = Vec::new();
    for (direction, place, octets) in records(REFUSED) {
        if octets[0] == 16 {
            let (one, two) = octets[8..].split_at(50);
            talk.push((direction, place, packet(16, 0, one)));
            talk.push((direction, place, packet(16, 1, two)));
        } else {
            talk.push((direction, place, octets));
        }
    }
    assert_eq!(logons(&play(Conversation::new(), &talk)).len(), 1);
}

#[test]
fn a_logon_without_end_is_dropped_at_its_bound() {
    let part = packet(16, 0, &[0; 30_000]);
    let talk: Vec<Record> = (0..40).map(|_| (ToServer, 1, part.clone())).collect();
    let facts = play(Conversation::new(), &talk);
    assert_eq!(count(&facts.counters.limits, "tds_message_octets"), 1);
}

#[test]
fn places_that_lie_give_nothing() {
    let mut login = vec![0xff; 94];
    login[..4].copy_from_slice(&94_u32.to_le_bytes());
    let facts = play(Conversation::new(), &[(ToServer, 1, packet(16, 1, &login))]);
    let it = &logons(&facts)[0];
    assert_eq!((it.user.as_str(), it.outcome), ("", Outcome::Attempt));
    let short = packet(16, 1, &login[..60]);
    let facts = play(Conversation::new(), &[(ToServer, 1, short)]);
    assert_eq!(count(&facts.counters.faults, "tds"), 1);
}

#[test]
fn the_first_octets_tell_the_protocol_and_the_side() {
    let talk = records(REFUSED);
    assert_eq!(recognise(&talk[0].2), Recognised::Yes(ToServer));
    assert_eq!(recognise(&talk[1].2), Recognised::Yes(ToClient));
    for (octets, wanted) in [
        (&[18, 1, 0][..], Recognised::TooShort),
        (&[18, 9], Recognised::No),
        (&[22, 3, 1, 2, 0, 1, 0], Recognised::No),
        (&[4; 40], Recognised::No),
    ] {
        assert_eq!(recognise(octets), wanted, "{octets:?}");
    }
}

#[test]
fn a_client_that_begins_with_its_logon_is_known() {
    let talk = records(ACCEPTED);
    let logon = talk.iter().find(|it| it.2[0] == 16).unwrap();
    assert_eq!(recognise(&logon.2), Recognised::Yes(ToServer));
    assert_eq!(recognise(&logon.2[..12]), Recognised::TooShort);
    let mut other = logon.2.clone();
    other[15] = 0x30;
    assert_eq!(recognise(&other), Recognised::No, "no version of TDS");
    let from_there: Vec<Record> = (talk.iter().skip_while(|it| it.2[0] != 16))
        .cloned()
        .collect();
    let told = logons(&play(Conversation::new(), &from_there));
    assert_eq!(told[0].user.as_str(), "app");
    assert_eq!(told[0].outcome, Outcome::Success);
}

#[test]
fn abused_conversations_end_without_a_panic() {
    for octets in [REFUSED, ACCEPTED] {
        abuse(Conversation::new, &records(octets));
    }
}
