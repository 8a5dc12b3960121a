//! One direction of a connection.

use super::arrival::{Arrival, Waiting};
use super::held::Held;
use super::recent::Recent;
use super::sequence::{advance, distance, lies_in};
use super::trust::Trust;
use super::{HOLE_AGE_MAX, Piece, Pool, STRAY_MAX};
use crate::packet::Seen;
use realmward_vocab::EventTime;

/// One direction: which octet comes next, and what came before its turn.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// INVARIANT: `start` and `next` hold if `begun`.
    begun: bool,
    strays: u8,
    pub(super) trust: Trust,
    start: u32,
    next: u32,
    /// The highest acknowledgement of the peer, if there was one.
    acknowledged: Option<u32>,
    /// The sequence number after the last octet, once a FIN told it.
    end: Option<u32>,
    /// Where a hole began that was given up though the peer had not acknowledged past it.
    forsaken: Option<u32>,
    recent: Recent,
    waiting: Option<Box<Waiting>>,
}

impl Half {
    /// The sequence number of the first octet, if known.
    pub(super) fn start(&self) -> Option<u32> {
        self.begun.then_some(self.start)
    }

    /// Whether all octets up to a FIN were delivered.
    pub(super) fn ended(&self) -> bool {
        self.begun && self.end.is_some_and(|end| distance(self.next, end) >= 0)
    }

    /// A SYN told the first sequence number.
    pub(super) fn begin(&mut self, start: u32) {
        if !self.begun {
            self.begun = true;
            self.start = start;
            self.next = start;
        }
    }

    /// The peer has everything before `acknowledged`: a hole there is lost to us.
    pub(super) fn acknowledge(
        &mut self,
        acknowledged: u32,
        pool: &mut Pool,
        deliver: &mut impl FnMut(Piece<'_>),
    ) {
        if self
            .acknowledged
            .is_none_or(|before| distance(acknowledged, before) > 0)
        {
            self.acknowledged = Some(acknowledged);
        }
        if self.waiting.is_some() {
            self.give_up(EventTime::default(), pool, deliver);
        }
    }

    pub(super) fn take(
        &mut self,
        arrival: &Arrival<'_>,
        pool: &mut Pool,
        deliver: &mut impl FnMut(Piece<'_>),
    ) {
        let length = arrival.octets.len() + arrival.cut as usize;
        let end = advance(arrival.sequence, length);
        if self.end.is_some_and(|known| 0 < distance(end, known)) {
            if length == 1 {
                return;
            }
            self.end = None;
        }
        if arrival.fin && self.end.is_none() {
            self.end = Some(end);
        }
        if length == 0 {
            return;
        }
        if !self.begun {
            // A keep-alive repeats one octet; nothing may begin with it.
            if length == 1 && !arrival.fin {
                return;
            }
            self.begin(arrival.sequence);
        }
        let ahead = distance(arrival.sequence, self.next);
        if ahead < 0 {
            self.behind(arrival, ahead.unsigned_abs() as usize, pool, deliver);
        } else if ahead == 0 && self.waiting.is_none() {
            self.recent.keep(arrival);
            self.in_order(arrival.octets, arrival.cut, arrival.seen, pool, deliver);
        } else if ahead == 0 {
            self.recent.keep(arrival);
            self.fill(arrival, pool, deliver);
        } else {
            self.ahead(arrival, pool, deliver);
        }
    }

    /// Whether octets wait behind a hole.
    pub(super) const fn is_holding(&self) -> bool {
        self.waiting.is_some()
    }

    /// Gives up all holes.
    pub(super) fn flush(&mut self, pool: &mut Pool, deliver: &mut impl FnMut(Piece<'_>)) {
        while self.waiting.is_some() {
            self.skip(pool, deliver);
        }
    }

    pub(super) fn discard(&mut self, pool: &mut Pool) {
        if let Some(waiting) = self.waiting.take() {
            pool.held_octets -= waiting.held.octets();
        }
    }

    /// It begins before what we expect: a retransmission, perhaps with something new at its end.
    fn behind(
        &mut self,
        arrival: &Arrival<'_>,
        known: usize,
        pool: &mut Pool,
        deliver: &mut impl FnMut(Piece<'_>),
    ) {
        let (there, cut) = (arrival.octets.len(), arrival.cut as usize);
        pool.counters.repeated_octets += known.min(there + cut) as u64;
        pool.counters.contradictions += u64::from(self.recent.contradicts(arrival));
        if there + cut <= known {
            if STRAY_DISTANCE < known || lies_in(arrival.sequence, self.forsaken, self.acknowledged)
            {
                self.stray(arrival, pool, deliver);
            }
            return;
        }
        let new = arrival.octets.get(known..).unwrap_or_default();
        let cut = cut.min(there + cut - known);
        let cut = u32::try_from(cut).unwrap_or(u32::MAX);
        let rest = Arrival {
            sequence: self.next,
            octets: new,
            cut,
            ..*arrival
        };
        if self.waiting.is_some() {
            self.fill(&rest, pool, deliver);
        } else {
            self.in_order(new, cut, arrival.seen, pool, deliver);
        }
    }

    /// What was expected came, and something waits behind it, which came first where both have octets.
    fn fill(
        &mut self,
        arrival: &Arrival<'_>,
        pool: &mut Pool,
        deliver: &mut impl FnMut(Piece<'_>),
    ) {
        let Some(waiting) = &mut self.waiting else {
            return;
        };
        let before = waiting.held.octets();
        let contradicts = waiting.held.insert(self.next, arrival);
        pool.counters.contradictions += u64::from(contradicts);
        pool.held_octets = pool.held_octets + waiting.held.octets() - before;
        if arrival.octets.is_empty() {
            self.lose(arrival.cut, pool, deliver);
        }
        self.drain(pool, deliver);
    }

    /// Nobody repeats what is so old: perhaps it is we who are at the wrong place.
    fn stray(
        &mut self,
        arrival: &Arrival<'_>,
        pool: &mut Pool,
        deliver: &mut impl FnMut(Piece<'_>),
    ) {
        self.strays += 1;
        if self.strays < STRAY_MAX {
            return;
        }
        self.discard(pool);
        self.end = None;
        self.forsaken = None;
        self.next = arrival.sequence;
        pool.counters.gaps += 1;
        deliver(Piece::Gap(1));
        self.in_order(arrival.octets, arrival.cut, arrival.seen, pool, deliver);
    }

    fn in_order(
        &mut self,
        octets: &[u8],
        cut: u32,
        seen: Seen,
        pool: &mut Pool,
        deliver: &mut impl FnMut(Piece<'_>),
    ) {
        self.strays = 0;
        if !octets.is_empty() {
            deliver(Piece::Octets(octets, seen));
            self.next = advance(self.next, octets.len());
        }
        if 0 < cut {
            self.lose(cut, pool, deliver);
        }
    }

    /// It comes before its turn.
    fn ahead(
        &mut self,
        arrival: &Arrival<'_>,
        pool: &mut Pool,
        deliver: &mut impl FnMut(Piece<'_>),
    ) {
        pool.counters.early_segments += 1;
        let waiting = self.waiting.get_or_insert_with(|| {
            Box::new(Waiting {
                held: Held::default(),
                since: arrival.seen.time,
            })
        });
        let before = waiting.held.octets();
        let contradicts = waiting.held.insert(self.next, arrival);
        pool.counters.contradictions += u64::from(contradicts);
        pool.held_octets = pool.held_octets + waiting.held.octets() - before;
        if waiting.held.first().is_none() {
            // Nothing of it was captured: there is nothing to wait for.
            self.waiting = None;
            return;
        }
        self.give_up(arrival.seen.time, pool, deliver);
    }

    /// Skips holes as long as there is a reason to.
    fn give_up(&mut self, now: EventTime, pool: &mut Pool, deliver: &mut impl FnMut(Piece<'_>)) {
        while let Some(waiting) = &self.waiting {
            let Some(first) = waiting.held.first() else {
                return;
            };
            let known = self
                .acknowledged
                .is_some_and(|acknowledged| distance(acknowledged, first.sequence) >= 0);
            let old = HOLE_AGE_MAX < now.saturating_since(waiting.since);
            let over = waiting.held.is_over() || pool.held_octets_max < pool.held_octets;
            if !(known || old || over) {
                return;
            }
            pool.counters.bound_reached += u64::from(over && !known && !old);
            if !known {
                self.forsaken = Some(self.next);
            }
            self.skip(pool, deliver);
        }
    }

    /// Gives up the first hole and delivers what follows it.
    fn skip(&mut self, pool: &mut Pool, deliver: &mut impl FnMut(Piece<'_>)) {
        let first = self
            .waiting
            .as_ref()
            .and_then(|waiting| waiting.held.first());
        let Some(first) = first else {
            self.waiting = None;
            return;
        };
        let lost = first.sequence.wrapping_sub(self.next);
        if 0 < lost {
            self.lose(lost, pool, deliver);
        }
        self.drain(pool, deliver);
    }

    fn lose(&mut self, lost: u32, pool: &mut Pool, deliver: &mut impl FnMut(Piece<'_>)) {
        pool.counters.gaps += 1;
        pool.counters.lost_octets += u64::from(lost);
        deliver(Piece::Gap(lost.into()));
        self.next = self.next.wrapping_add(lost);
    }

    /// Delivers what is held and in order now.
    fn drain(&mut self, pool: &mut Pool, deliver: &mut impl FnMut(Piece<'_>)) {
        let Some(mut waiting) = self.waiting.take() else {
            return;
        };
        while let Some(first) = waiting.held.first() {
            let ahead = distance(first.sequence, self.next);
            if 0 < ahead {
                waiting.since = first.seen.time;
                self.waiting = Some(waiting);
                return;
            }
            let Some(early) = waiting.held.pop() else {
                return;
            };
            pool.held_octets -= early.octets.len();
            let known = ahead.unsigned_abs() as usize;
            let total = early.octets.len() + early.cut as usize;
            if known < total {
                let new = early.octets.get(known..).unwrap_or_default();
                let cut = (early.cut as usize).min(total - known);
                let cut = u32::try_from(cut).unwrap_or(u32::MAX);
                self.in_order(new, cut, early.seen, pool, deliver);
            }
        }
    }
}

/// Twice the largest window in use on local networks; a repetition is never older.
const STRAY_DISTANCE: usize = 32 * 1024 * 1024;
