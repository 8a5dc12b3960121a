//! Who asks for what, counted: for each host and name server, over some minutes.
//!
//! A fact for each question would be the largest share of all facts and teach little; a sweep or a
//! tunnel is told as well by what it adds up to. The count of a pair is told when it is full or some
//! minutes old, and forgotten untold if an ordinary host may have asked so. The sensor keeps one census
//! for each of its lanes, and gives both ends of a flow, which no dissector knows.

mod tally;

use super::Asked;
use crate::Stamp;
use foldhash::fast::RandomState;
use realmward_event::dns::NamesAsked;
use realmward_vocab::{EventTime, PacketRef};
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::time::Duration;
use tally::Tally;

/// The client's and the server's address.
type Pair = (u128, u128);

/// Counts of some hosts and name servers. `P` is whatever says where a question was seen.
#[derive(Debug)]
pub struct Census<P> {
    pairs: HashMap<Pair, (Tally, P), RandomState>,
    /// Pairs in the order in which their counts began. INVARIANT: each key of `pairs` once.
    order: VecDeque<(Pair, EventTime)>,
    names: RandomState,
    evicted: u64,
}

/// A count that is worth telling.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted<P> {
    /// Where the last question was seen.
    pub place: P,
    /// When the last one ended.
    pub at: Stamp,
    /// The first questions.
    pub evidence: Vec<PacketRef>,
    /// What was asked for.
    pub fact: NamesAsked,
}

impl<P> Default for Census<P> {
    fn default() -> Self {
        Self {
            pairs: HashMap::default(),
            order: VecDeque::new(),
            names: RandomState::default(),
            evicted: 0,
        }
    }
}

impl<P> Census<P> {
    /// Counts a question of `client` to `server`; what became worth telling goes to `told`.
    pub fn take(
        &mut self,
        (client, server): (u128, u128),
        place: P,
        asked: &Asked,
        told: &mut Vec<Counted<P>>,
    ) {
        let pair = (client, server);
        let hash = self.names.hash_one(asked.name.folded());
        if let Some((tally, last)) = self.pairs.get_mut(&pair) {
            if tally.add(hash, asked) {
                tell(std::mem::take(tally), place, told);
            } else {
                *last = place;
            }
            return;
        }
        if PAIRS_MAX <= self.pairs.len()
            && let Some((oldest, _)) = self.order.pop_front()
        {
            self.evicted += 1;
            self.close(oldest, told);
        }
        let mut tally = Tally::default();
        tally.add(hash, asked);
        self.order.push_back((pair, asked.at.time));
        self.pairs.insert(pair, (tally, place));
    }

    /// Tells and forgets the oldest count if it is old enough at `now`; whether it was.
    pub fn expire(&mut self, now: EventTime, told: &mut Vec<Counted<P>>) -> bool {
        let since = self.order.front().map(|(_, since)| *since);
        since.is_some_and(|it| INTERVAL <= now.saturating_since(it)) && self.end(told)
    }

    /// Tells and forgets the oldest count; whether there was one.
    pub fn end(&mut self, told: &mut Vec<Counted<P>>) -> bool {
        let Some((pair, _)) = self.order.pop_front() else {
            return false;
        };
        self.close(pair, told);
        true
    }

    /// How many are counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether none is counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Gives memory of counts that are gone back.
    pub fn shrink(&mut self) {
        self.pairs.shrink_to_fit();
        self.order.shrink_to_fit();
    }

    /// Pairs whose count had to end early because there were too many.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    fn close(&mut self, pair: Pair, told: &mut Vec<Counted<P>>) {
        if let Some((tally, place)) = self.pairs.remove(&pair) {
            tell(tally, place, told);
        }
    }
}

fn tell<P>(tally: Tally, place: P, told: &mut Vec<Counted<P>>) {
    if let Some((at, evidence, fact)) = tally.told() {
        told.push(Counted {
            place,
            at,
            evidence,
            fact,
        });
    }
}

/// A search of a person for a page, or the start of a machine, is over; a sweep goes on.
const INTERVAL: Duration = Duration::from_secs(600);

/// With 16 lanes 16,384 hosts that ask within ten minutes, about 6 KiB each at worst and some hundred
/// octets as a rule. Past it the count that is oldest ends early: less may be told.
const PAIRS_MAX: usize = 1024;
