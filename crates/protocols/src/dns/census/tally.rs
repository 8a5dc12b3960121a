//! One host and one name server: what the questions add up to.

use super::super::Asked;
use super::super::message::kind;
use crate::{EVIDENCE_MAX, Stamp};
use realmward_event::dns::{KindAsked, NamesAsked, ParentAsked};
use realmward_vocab::{HostName, PacketRef};

/// Counts since the first question.
#[derive(Debug, Default)]
pub(super) struct Tally {
    at: Stamp,
    evidence: Vec<PacketRef>,
    /// Hashes of the names, no more than questions. A look through all is cheaper than a table.
    names: Vec<u64>,
    parents: Vec<Parent>,
    fact: NamesAsked,
}

/// Names below one domain.
#[derive(Debug)]
struct Parent {
    fact: ParentAsked,
    below_octets: u32,
    millibits: u32,
}

impl Tally {
    /// Counts a question; `true` if the count is full.
    pub(super) fn add(&mut self, hash: u64, asked: &Asked) -> bool {
        if self.fact.questions == 0 {
            self.fact.since = asked.at.time;
        }
        self.at = asked.at;
        if self.evidence.len() < EVIDENCE_MAX {
            self.evidence.push(asked.packet);
        }
        let is_new = !self.names.contains(&hash);
        if is_new {
            self.names.push(hash);
        }
        let fact = &mut self.fact;
        fact.questions += 1;
        match asked.code {
            None => fact.unanswered += 1,
            Some(0) => {}
            Some(NO_SUCH_NAME) => fact.missing += 1,
            Some(_) => fact.refused += 1,
        }
        if fact.answer_octets_max < asked.octets_answered {
            fact.answer_octets_max = asked.octets_answered;
            fact.answer_kind_max = asked.kind;
        }
        self.kind(asked.kind);
        if is_new {
            self.fact.distinct += 1;
            match asked.kind {
                kind::PTR => self.fact.reverse += 1,
                kind::SRV if self.fact.services.len() < SERVICES_MAX => {
                    self.fact.services.push(asked.name.clone());
                }
                _ => {}
            }
        }
        self.parent(is_new, asked);
        QUESTIONS_MAX <= self.fact.questions
    }

    /// What it adds up to, if that is worth telling.
    pub(super) fn told(mut self) -> Option<(Stamp, Vec<PacketRef>, NamesAsked)> {
        self.parents
            .sort_by_key(|it| std::cmp::Reverse(it.fact.distinct));
        self.fact.parents = self
            .parents
            .drain(..)
            .take(PARENTS_TOLD_MAX)
            .map(Parent::told)
            .collect();
        self.fact
            .kinds
            .sort_by_key(|it| std::cmp::Reverse(it.questions));
        self.fact.until = self.at.time;
        is_notable(&self.fact).then_some((self.at, self.evidence, self.fact))
    }

    fn kind(&mut self, query_type: u16) {
        let kinds = &mut self.fact.kinds;
        if let Some(known) = kinds.iter_mut().find(|it| it.query_type == query_type) {
            known.questions += 1;
        } else if kinds.len() < KINDS_MAX {
            kinds.push(KindAsked {
                query_type,
                questions: 1,
            });
        }
    }

    fn parent(&mut self, is_new: bool, asked: &Asked) {
        let (below, name) = split(asked.name.as_str());
        let is_it = |it: &Parent| it.fact.name.as_str().eq_ignore_ascii_case(name);
        let place = match self.parents.iter().position(is_it) {
            Some(place) => place,
            None => self.begin(name),
        };
        let Some(parent) = self.parents.get_mut(place) else {
            return;
        };
        let fact = &mut parent.fact;
        fact.questions += 1;
        fact.octets_asked += u64::from(asked.octets_asked);
        fact.octets_answered += u64::from(asked.octets_answered);
        fact.carrying += u32::from(is_carrying(asked.kind));
        if is_new {
            fact.distinct += 1;
            let longest = below.split('.').map(str::len).max().unwrap_or_default();
            let longest = u8::try_from(longest).unwrap_or(u8::MAX);
            fact.label_octets_max = fact.label_octets_max.max(longest);
            parent.below_octets += u32::try_from(below.len()).unwrap_or_default();
            parent.millibits += millibits(below.as_bytes());
        }
    }

    /// Makes room for a domain: the one of which least is known goes.
    fn begin(&mut self, name: &str) -> usize {
        let parent = Parent {
            fact: ParentAsked {
                name: HostName::new(name.to_ascii_lowercase()),
                ..ParentAsked::default()
            },
            below_octets: 0,
            millibits: 0,
        };
        if self.parents.len() < PARENTS_MAX {
            self.parents.push(parent);
            return self.parents.len() - 1;
        }
        let parents = self.parents.iter().enumerate();
        let least = parents.min_by_key(|(_, it)| (it.fact.distinct, it.fact.questions));
        let place = least.map_or(0, |(place, _)| place);
        if let Some(old) = self.parents.get_mut(place) {
            *old = parent;
        }
        place
    }
}

impl Parent {
    fn told(mut self) -> ParentAsked {
        let mean = |sum: u32| sum / self.fact.distinct.max(1);
        self.fact.below_octets_mean = u16::try_from(mean(self.below_octets)).unwrap_or(u16::MAX);
        self.fact.below_entropy_millibits = u16::try_from(mean(self.millibits)).unwrap_or(u16::MAX);
        self.fact
    }
}

/// Whether it is more, or other, than what a person or a machine asks for in some minutes.
fn is_notable(it: &NamesAsked) -> bool {
    let carrying: u32 = it.parents.iter().map(|it| it.carrying).sum();
    let below = it.parents.iter().map(|it| it.distinct).max();
    NOTABLE_DISTINCT <= it.distinct
        || NOTABLE_FAILED <= it.missing
        || NOTABLE_FAILED <= it.unanswered
        || NOTABLE_FEW <= it.refused
        || NOTABLE_FEW <= it.reverse
        || NOTABLE_SERVICES <= it.services.len()
        || NOTABLE_FEW <= carrying
        || Some(NOTABLE_BELOW) <= below
        || NOTABLE_ANSWER_OCTETS <= it.answer_octets_max
}

/// What stands below the domain that somebody registered, and that domain: the last two labels, or
/// three where the last two are of a country, as in `co.uk`.
fn split(name: &str) -> (&str, &str) {
    let octets = name.bytes().enumerate().rev();
    let mut dots = octets.filter_map(|(place, octet)| (octet == b'.').then_some(place));
    let (last, second, third) = (dots.next(), dots.next(), dots.next());
    let country = |last: usize, second: usize| {
        let label = name.get(second + 1..last).unwrap_or_default();
        name.len() - last == 3 && SECOND_LEVEL.iter().any(|it| label.eq_ignore_ascii_case(it))
    };
    let cut = match (last, second, third) {
        (Some(last), Some(second), third) if country(last, second) => third,
        (_, second, _) => second,
    };
    match cut {
        Some(cut) => {
            let (below, name) = name.split_at(cut);
            (below, name.trim_start_matches('.'))
        }
        None => ("", name),
    }
}

/// Types that carry what their owner likes, and are seldom asked for by a host.
const fn is_carrying(kind: u16) -> bool {
    matches!(kind, kind::TXT | kind::NULL | kind::SIG | kind::ANY)
}

/// Shannon's entropy, in thousandths of a bit an octet.
fn millibits(octets: &[u8]) -> u32 {
    let mut counts = [0_u16; 256];
    let mut total = 0;
    for octet in octets.iter().filter(|it| **it != b'.') {
        if let Some(count) = counts.get_mut(usize::from(*octet)) {
            *count += 1;
            total += 1;
        }
    }
    let log = |count: u16| u32::from(LOG.get(usize::from(count)).copied().unwrap_or(u16::MAX));
    let sum: u32 = counts
        .iter()
        .map(|count| u32::from(*count) * log(*count))
        .sum();
    log(total).saturating_sub(sum / u32::from(total.max(1)))
}

/// Logarithms of 0 (as 0) to 255 to the base of two, in thousandths; a name has no more octets.
static LOG: [u16; 256] = logarithms();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "computed while compiling, where a place out of bounds is an error"
)]
const fn logarithms() -> [u16; 256] {
    let mut table = [0; 256];
    let mut number = 1;
    while number < 256_u64 {
        // Squaring doubles the logarithm: each time the number passes two, it has one more bit.
        let whole = number.ilog2() as u64;
        let mut scaled = (number << 32) >> whole;
        let mut fraction = 0;
        let mut bit = 0;
        while bit < 16 {
            scaled = ((scaled as u128 * scaled as u128) >> 32) as u64;
            fraction <<= 1;
            if 2 << 32 <= scaled {
                scaled >>= 1;
                fraction |= 1;
            }
            bit += 1;
        }
        table[number as usize] = (whole * 1000 + ((fraction * 1000) >> 16)) as u16;
        number += 1;
    }
    table
}

/// What countries call the domains below which somebody registers.
const SECOND_LEVEL: [&str; 10] = [
    "ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org",
];

const NO_SUCH_NAME: u8 = 3;

/// A full count is told at once, so that a sweep is told while it goes on.
const QUESTIONS_MAX: u32 = 256;

/// As the fact promises. Lost: types asked for later than eight others.
const KINDS_MAX: usize = 8;

/// As the fact promises; a client of a domain asks for three or four.
const SERVICES_MAX: usize = 16;

/// Domains counted at a time. Lost: of those with few names, the order.
const PARENTS_MAX: usize = 8;

/// As the fact promises.
const PARENTS_TOLD_MAX: usize = 4;

/// A page of the web needs some dozens of names.
const NOTABLE_DISTINCT: u32 = 100;

/// Names of one domain: a page needs a handful, a tunnel a new one for each packet.
const NOTABLE_BELOW: u32 = 32;

/// A search list makes some names of which none exists.
const NOTABLE_FAILED: u32 = 24;

/// Reverse names, refusals, texts: a host needs one or two.
const NOTABLE_FEW: u32 = 8;

/// The locator of a client asks for two or three, at a site and without.
const NOTABLE_SERVICES: usize = 8;

/// An answer that only fits a stream, near its largest: what an overflow of a length needs.
const NOTABLE_ANSWER_OCTETS: u32 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_split_where_somebody_registered() {
        for (name, wanted) in [
            ("a.b.corp.example", ("a.b", "corp.example")),
            ("corp.example", ("", "corp.example")),
            ("x.corp.co.uk", ("x", "corp.co.uk")),
            ("corp.co.uk", ("", "corp.co.uk")),
            ("dc1.lab.de", ("dc1", "lab.de")),
            ("5.0.0.10.in-addr.arpa", ("5.0.0.10", "in-addr.arpa")),
            ("localhost", ("", "localhost")),
            ("", ("", "")),
        ] {
            assert_eq!(split(name), wanted, "{name}");
        }
    }

    #[test]
    fn entropy_is_that_of_the_letters() {
        for (text, wanted) in [
            (&b"aaaa"[..], 0),
            (b"abab", 1000),
            (b"abcd.efgh", 3000),
            (b"", 0),
        ] {
            assert_eq!(millibits(text), wanted);
        }
        assert!((1584..=1585).contains(&millibits(b"abc")));
        assert!(millibits(&[b'a'; 255]) <= 1);
    }
}
