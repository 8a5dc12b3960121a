//! What questions add up to.

use super::{question, response};
use crate::conversation::{play, stamp};
use realmward_event::Fact;
use realmward_event::dns::NamesAsked;
use realmward_protocols::Stamp;
use realmward_protocols::dns::{Asked, Census, Conversation, Counted};
use realmward_vocab::{Direction, EventTime, HostName};

/// A question a second, all answered alike.
fn count(names: impl Iterator<Item = String>, kind: u16, code: Option<u8>) -> Vec<NamesAsked> {
    let mut census = Census::default();
    let mut told: Vec<Counted<u8>> = Vec::new();
    for (second, name) in (0..).zip(names) {
        let time = EventTime::from_unix_seconds(second);
        while census.expire(time, &mut told) {}
        let asked = Asked {
            name: HostName::new(name),
            kind,
            code,
            octets_asked: 40,
            octets_answered: 100,
            at: Stamp { time, ..stamp(1) },
            ..Asked::default()
        };
        census.take((1, 2), 7, &asked, &mut told);
    }
    while census.end(&mut told) {}
    assert!(told.iter().all(|it| it.place == 7));
    told.into_iter().map(|it| it.fact).collect()
}

#[test]
fn an_ordinary_host_is_not_told() {
    // Six hosts and a search list, over and over for an hour.
    let names = (0..3600).map(|n| format!("host{}.lab.example", n % 6));
    assert_eq!(count(names, 1, Some(0)), []);
    assert_eq!(
        count((0..23).map(|n| format!("x{n}.lab.example")), 1, Some(3)),
        []
    );
}

#[test]
fn a_sweep_is_told_while_it_goes_on() {
    let told = count((0..600).map(|n| format!("x{n}.lab.example")), 1, Some(3));
    let questions: Vec<_> = told.iter().map(|it| (it.questions, it.distinct)).collect();
    assert_eq!(questions, [(256, 256), (256, 256), (88, 88)]);
    assert_eq!(told[0].missing, 256);
    assert_eq!(told[0].parents[0].name.as_str(), "lab.example");
    assert_eq!(told[1].since, EventTime::from_unix_seconds(256));
}

#[test]
fn reverse_sweeps_services_texts_and_refusals_are_told_when_few() {
    let reverse = count(
        (0..9).map(|n| format!("{n}.0.0.10.in-addr.arpa")),
        12,
        Some(0),
    );
    assert_eq!(reverse[0].reverse, 9);
    let services = count(
        (0..20).map(|n| format!("_s{n}._tcp.lab.example")),
        33,
        Some(0),
    );
    assert_eq!(services[0].services.len(), 16);
    let texts = count((0..8).map(|n| format!("{n}.t.example")), 16, Some(0));
    assert_eq!(texts[0].parents[0].carrying, 8);
    let refused = count((0..8).map(|_| "lab.example".to_owned()), 1, Some(5));
    assert_eq!((refused[0].refused, refused[0].distinct), (8, 1));
    let unanswered = count((0..24).map(|_| "lab.example".to_owned()), 1, None);
    assert_eq!(unanswered[0].unanswered, 24);
}

#[test]
fn a_tunnel_shows_by_what_stands_below_its_domain() {
    let names = (0..64_u64).map(|n| {
        let code = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!(
            "{code:016x}{:016x}.{n}.Tunnel.example",
            code.rotate_left(23)
        )
    });
    let told = count(names.chain(["www.corp.example".to_owned()]), 1, Some(0));
    let parent = &told[0].parents[0];
    assert_eq!(parent.name.as_str(), "tunnel.example");
    assert_eq!((parent.distinct, parent.label_octets_max), (64, 32));
    assert!(3_000 < parent.below_entropy_millibits, "{parent:?}");
    assert!((33..37).contains(&parent.below_octets_mean), "{parent:?}");
    assert_eq!(
        (parent.octets_asked, parent.octets_answered),
        (64 * 40, 6_400)
    );
}

#[test]
fn a_census_of_many_hosts_keeps_its_bound_and_counts_what_it_lost() {
    let mut census = Census::default();
    let mut told: Vec<Counted<()>> = Vec::new();
    for client in 0..3_000 {
        for _ in 0..24 {
            let asked = Asked::default();
            census.take((client, 2), (), &asked, &mut told);
        }
    }
    assert_eq!(census.evicted(), 3_000 - 1_024);
    assert_eq!(told.len(), 3_000 - 1_024, "what is forced out is told");
}

#[test]
fn each_question_is_counted_with_its_answer_or_without() {
    let ask = |id: u8, name: &[u8]| {
        let head = [
            &[0, id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..],
            name,
            &[0, 0, 16, 0, 1],
        ];
        (Direction::ToServer, u64::from(id), head.concat())
    };
    let mut answer = response(0x8183, [1, 0, 0, 0], &question(16));
    answer.2[..2].copy_from_slice(&[0, 2]);
    let talk = [ask(1, b"\x01a"), ask(2, b"\x01b"), answer];
    let facts = play(Conversation::new(true), &talk);
    let told: Vec<_> = facts
        .asked
        .iter()
        .map(|it| (it.name.as_str(), it.code, it.octets_answered != 0))
        .collect();
    assert_eq!(told, [("b", Some(3), true), ("a", None, false)]);
}

#[test]
fn a_name_that_smuggles_a_target_is_told_though_it_does_not_exist() {
    let name = format!("dc1{}", "1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAYBAAAA");
    let label = [&[u8::try_from(name.len()).unwrap()], name.as_bytes()].concat();
    let rest = [&label[..], &[0, 0, 1, 0, 1]].concat();
    let facts = play(
        Conversation::new(true),
        &[response(0x8183, [1, 0, 0, 0], &rest)],
    );
    let Fact::NameResolved(resolved) = &facts.pending[0].fact else {
        panic!("{facts:?}");
    };
    assert_eq!(
        (resolved.name.as_str(), resolved.response_code),
        (name.as_str(), 3)
    );
}
