//! Real messages cut, poked and shuffled: nothing panics, and work stays linear.

use super::samples::{GSS, KERBEROS, PASSWORD, record, sample};
use realmward_event::{Carrier, Fact};
use realmward_protocols::gss::Exchange;
use realmward_protocols::kerberos::{Conversation, parse, recognise};
use realmward_protocols::{Dissector, Facts, Stamp, ntlm};
use realmward_vocab::{Direction, PrincipalName};

/// Octets that lengths, tags and counts break on.
const NASTY: [u8; 12] = [
    0, 1, 2, 0x1f, 0x30, 0x7f, 0x80, 0x81, 0x84, 0x88, 0xfe, 0xff,
];

/// A fixed sequence that looks random (xorshift64, Marsaglia 2003).
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % bound.max(1)
    }
}

/// Feeds octets through every door there is.
fn all_doors(octets: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let at = Stamp::default();
    for over_udp in [true, false] {
        let _ = recognise(over_udp, octets);
        let mut conversation = Conversation::new(over_udp);
        if over_udp {
            conversation.feed(Direction::ToServer, octets, at, &mut facts);
        } else {
            let mark = u32::try_from(octets.len()).unwrap().to_be_bytes();
            conversation.feed(Direction::ToServer, &mark, at, &mut facts);
            conversation.feed(Direction::ToServer, octets, at, &mut facts);
            conversation.gap(Direction::ToServer, 1, &mut facts);
            conversation.feed(Direction::ToServer, octets, at, &mut facts);
        }
        conversation.finish(&mut facts);
    }
    let mut exchange = Exchange::new(Carrier::Rpc);
    exchange.token(Direction::ToServer, octets, at.packet, at, &mut facts);
    exchange.token(Direction::ToClient, octets, at.packet, at, &mut facts);
    exchange.finish(&mut facts);
    let _ = ntlm::parse::message(octets);
    facts
}

fn all_samples() -> impl Iterator<Item = &'static (&'static str, &'static [u8])> {
    KERBEROS.iter().chain(PASSWORD).chain(GSS)
}

#[test]
fn every_truncation_is_survived_and_tells_no_fact_without_its_names() {
    for (name, octets) in all_samples() {
        for cut in 0..octets.len() {
            let facts = all_doors(&octets[..cut]);
            assert!(facts.pending.len() <= 4, "{name} cut at {cut}");
        }
    }
}

#[test]
fn every_octet_may_be_nasty() {
    for (_, octets) in all_samples() {
        let mut changed = octets.to_vec();
        for place in 0..octets.len().min(900) {
            for nasty in NASTY {
                changed[place] = nasty;
                all_doors(&changed);
            }
            changed[place] = octets[place];
        }
    }
}

#[test]
fn random_edits_are_survived() {
    let mut random = Sequence(0x9e37_79b9_7f4a_7c15);
    for _ in 0..200 {
        for (_, octets) in all_samples() {
            let mut changed = octets.to_vec();
            for _ in 0..=random.below(6) {
                let place = random.below(changed.len());
                match random.below(4) {
                    0 => changed[place] = NASTY[random.below(NASTY.len())],
                    1 => changed.truncate(place.max(1)),
                    2 => changed.insert(place, NASTY[random.below(NASTY.len())]),
                    _ => {
                        let piece = octets[random.below(octets.len())..].to_vec();
                        changed.splice(place..place, piece.into_iter().take(64));
                    }
                }
            }
            all_doors(&changed);
        }
    }
}

#[test]
fn a_flood_of_marks_and_of_requests_stays_in_its_bounds() {
    let mut facts = Facts::default();
    let at = Stamp::default();
    // Records that claim two gigabytes.
    let mut conversation = Conversation::new(false);
    conversation.feed(
        Direction::ToServer,
        &[0x7f, 0xff, 0xff, 0xff],
        at,
        &mut facts,
    );
    for _ in 0..1000 {
        conversation.feed(Direction::ToServer, &[0x6a; 1000], at, &mut facts);
    }
    assert_eq!(facts.counters.limits, [("kerberos_record_octets", 1)]);
    // Requests that nobody answers.
    let mut conversation = Conversation::new(false);
    let request = record("as-req-mit");
    for _ in 0..1000 {
        conversation.feed(Direction::ToServer, &request, at, &mut facts);
    }
    assert_eq!(facts.pending.len(), 1000);
    assert_eq!(
        facts.counters.limits,
        [
            ("kerberos_record_octets", 1),
            ("kerberos_requests_waiting", 984)
        ]
    );
}

#[test]
fn a_stream_of_one_octet_segments_costs_no_more_than_one_of_whole_records() {
    let stream: Vec<u8> = record("tgs-req-mit").repeat(50);
    let mut facts = Facts::default();
    let mut conversation = Conversation::new(false);
    for octet in &stream {
        let at = Stamp::default();
        conversation.feed(Direction::ToServer, &[*octet], at, &mut facts);
    }
    assert_eq!(facts.pending.len(), 50);
}

/// An element with a length of three octets.
fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut element = vec![tag, 0x83];
    element.extend(&u32::try_from(content.len()).unwrap().to_be_bytes()[1..]);
    element.extend(content);
    element
}

#[test]
fn a_list_of_ten_thousand_is_kept_to_its_bound_and_counted() {
    // etype [8] SEQUENCE OF INTEGER, 10,000 times 18, in an AS-REQ with realm R.
    let etypes = wrap(0xa8, &wrap(0x30, &[2, 1, 18].repeat(10_000)));
    let realm = wrap(0xa2, &[0x1b, 1, b'R']);
    let body = wrap(0x30, &[realm, etypes].concat());
    let request = wrap(0x6a, &wrap(0x30, &wrap(0xa4, &body)));
    let mut facts = Facts::default();
    Conversation::new(true).feed(Direction::ToServer, &request, Stamp::default(), &mut facts);
    assert_eq!(facts.counters.limits, [("kerberos_list_items", 1)]);
    assert_eq!(facts.pending.len(), 1);
}

#[test]
fn a_principal_without_a_component_is_empty_and_the_rest_is_told() {
    // cname [1] and sname [3] with an empty name-string, in an AS-REQ with realm R.
    let nobody = wrap(
        0x30,
        &[&[0xa0, 3, 2, 1, 1][..], &wrap(0xa1, &wrap(0x30, &[]))].concat(),
    );
    let realm = wrap(0xa2, &[0x1b, 1, b'R']);
    let fields = [wrap(0xa1, &nobody), realm, wrap(0xa3, &nobody)];
    let request = wrap(
        0x6a,
        &wrap(0x30, &wrap(0xa4, &wrap(0x30, &fields.concat()))),
    );
    let mut facts = Facts::default();
    Conversation::new(true).feed(Direction::ToServer, &request, Stamp::default(), &mut facts);
    let [told] = &facts.pending[..] else {
        panic!("{:?}", facts.pending);
    };
    let Fact::TicketGrantRequested(asked) = &told.fact else {
        panic!("{:?}", told.fact);
    };
    assert_eq!(asked.client, Some(PrincipalName::default()));
    assert_eq!(asked.service, PrincipalName::default());
    assert_eq!(asked.realm.as_str(), "R");
}

#[test]
fn nesting_without_end_is_refused_without_recursion() {
    let mut nested = vec![0x6a, 0x84, 0, 1, 0, 0];
    nested.extend([0x30, 0x80].repeat(32_768));
    all_doors(&nested);
    nested[0] = 0x60;
    all_doors(&nested);
    assert!(parse::message(sample("as-req-mit")).is_ok());
}

#[test]
fn nesting_inside_spnego_is_survived() {
    let spnego = [0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];
    let open_ended = [0x30, 0x80].repeat(16_000);
    let closed = [open_ended.clone(), vec![0; 32_000]].concat();
    let constructed = [0x24, 0x80].repeat(16_000);
    for nested in [open_ended, closed, constructed] {
        for field in [0xa0, 0xa1, 0xa2, 0xa3, 0xa4] {
            for choice in [0xa0, 0xa1] {
                let token = wrap(choice, &wrap(0x30, &wrap(field, &nested)));
                all_doors(&token);
                all_doors(&wrap(0x60, &[&spnego[..], &token].concat()));
            }
        }
    }
}

#[test]
fn nesting_inside_padata_is_survived() {
    let nested = [0x30, 0x80].repeat(16_000);
    for padata_type in [129, 130] {
        let value = wrap(0x30, &wrap(0xa0, &wrap(0x30, &wrap(0xa1, &nested))));
        let padata = wrap(
            0x30,
            &[
                wrap(0xa1, &[2, 2, 0, padata_type]),
                wrap(0xa2, &wrap(0x04, &value)),
            ]
            .concat(),
        );
        let realm = wrap(0xa4, &wrap(0x30, &wrap(0xa2, &[0x1b, 1, b'R'])));
        let request = [wrap(0xa3, &wrap(0x30, &padata)), realm].concat();
        let facts = all_doors(&wrap(0x6c, &wrap(0x30, &request)));
        assert!(!facts.pending.is_empty());
    }
}
