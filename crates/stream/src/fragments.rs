//! IP fragments put together again, within bounds (RFC 791 section 3.2, RFC 8200 section 4.5).
//!
//! Fragments that overlap with other content are an attempt to show us something else than the
//! receiver: RFC 5722 has the receiver drop such datagrams, so do we, and count them. Fragments cut
//! by a snap length cannot be put together. The library's `IpDefragBuf` lets the last writer win and
//! has no bounds, so the pool is our own.

use crate::ip::{Datagram, Fragment};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use realmward_vocab::EventTime;
use std::collections::VecDeque;
use std::time::Duration;

/// What became of fragments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FragmentCounters {
    /// Datagrams put together.
    pub whole: u64,
    /// Datagrams dropped because their fragments contradict each other or the standard.
    pub contradictory: u64,
    /// Datagrams dropped incomplete: too old, or the pool was full.
    pub incomplete: u64,
    /// Those of them for which the pool was full.
    pub evicted: u64,
    /// Fragments dropped because a snap length cut them.
    pub cut: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    source: u128,
    destination: u128,
    identification: u32,
    protocol: u8,
}

#[derive(Debug)]
struct Partial {
    began: EventTime,
    number: u64,
    octets: Vec<u8>,
    /// Ranges received, sorted and apart.
    received: Vec<(usize, usize)>,
    total: Option<usize>,
}

/// Datagrams of which fragments are missing.
#[derive(Debug, Default)]
pub(crate) struct FragmentPool {
    partial: HashMap<Key, Partial, RandomState>,
    by_age: VecDeque<(Key, u64)>,
    octets: usize,
    number: u64,
    pub(crate) counters: FragmentCounters,
}

impl FragmentPool {
    /// Takes a fragment; gives the payload if it was the last one missing.
    pub(crate) fn take(
        &mut self,
        datagram: &Datagram<'_>,
        fragment: Fragment,
        now: EventTime,
    ) -> Option<Vec<u8>> {
        if 0 < datagram.cut {
            self.counters.cut += 1;
            return None;
        }
        self.forget(now);
        let key = Key {
            source: datagram.source,
            destination: datagram.destination,
            identification: fragment.identification,
            protocol: datagram.protocol,
        };
        if !self.partial.contains_key(&key) {
            self.begin(key, now);
        }
        let partial = self.partial.get_mut(&key)?;
        let before = partial.octets.len();
        let fits = partial.add(fragment, datagram.payload);
        self.octets = self.octets + partial.octets.len() - before;
        let whole = fits && partial.is_whole();
        if fits && !whole {
            return None;
        }
        let partial = self.remove(&key)?;
        if whole {
            self.counters.whole += 1;
            return Some(partial.octets);
        }
        self.counters.contradictory += 1;
        None
    }

    /// Gives up all that is not whole; how many datagrams that were.
    pub(crate) fn give_up(&mut self) -> u64 {
        let given_up = self.partial.len() as u64;
        self.counters.incomplete += given_up;
        *self = Self {
            number: self.number,
            counters: self.counters,
            ..Self::default()
        };
        given_up
    }

    fn begin(&mut self, key: Key, now: EventTime) {
        self.number += 1;
        self.by_age.push_back((key, self.number));
        if STALE_TIMES_MAX * DATAGRAMS_MAX < self.by_age.len() {
            // One that is missing a fragment, and many whole ones behind it.
            let partial = &self.partial;
            self.by_age
                .retain(|(key, number)| partial.get(key).is_some_and(|it| it.number == *number));
        }
        self.partial.insert(
            key,
            Partial {
                began: now,
                number: self.number,
                octets: Vec::new(),
                received: Vec::new(),
                total: None,
            },
        );
    }

    /// Drops what is too old, and the oldest while the pool is full.
    fn forget(&mut self, now: EventTime) {
        while let Some((key, number)) = self.by_age.front().copied() {
            let current = self
                .partial
                .get(&key)
                .filter(|partial| partial.number == number);
            if let Some(partial) = current {
                let full = DATAGRAMS_MAX <= self.partial.len() || OCTETS_MAX <= self.octets;
                if !full && now.saturating_since(partial.began) <= AGE_MAX {
                    return;
                }
                self.remove(&key);
                self.counters.incomplete += 1;
                self.counters.evicted += u64::from(full);
            }
            self.by_age.pop_front();
        }
    }

    fn remove(&mut self, key: &Key) -> Option<Partial> {
        let partial = self.partial.remove(key)?;
        self.octets -= partial.octets.len();
        Some(partial)
    }
}

impl Partial {
    /// Adds a fragment; `false` if it contradicts what is there or the standard.
    fn add(&mut self, fragment: Fragment, payload: &[u8]) -> bool {
        let (start, end) = (fragment.offset, fragment.offset + payload.len());
        let unaligned = fragment.more && !payload.len().is_multiple_of(8);
        let beyond = self.total.is_some_and(|total| total < end) || DATAGRAM_OCTETS_MAX < end;
        if unaligned || beyond || PIECES_MAX <= self.received.len() || payload.is_empty() {
            return false;
        }
        if !fragment.more {
            if self.total.is_some_and(|total| total != end) || end < self.octets.len() {
                return false;
            }
            self.total = Some(end);
        }
        if self.contradicts(start, payload) {
            return false;
        }
        if self.octets.len() < end {
            self.octets.resize(end, 0);
        }
        if let Some(place) = self.octets.get_mut(start..end) {
            place.copy_from_slice(payload);
        }
        self.cover(start, end);
        true
    }

    fn contradicts(&self, start: usize, payload: &[u8]) -> bool {
        let end = start + payload.len();
        self.received.iter().any(|&(from, to)| {
            let (from, to) = (from.max(start), to.min(end));
            from < to && self.octets.get(from..to) != payload.get(from - start..to - start)
        })
    }

    fn cover(&mut self, start: usize, end: usize) {
        self.received.push((start, end));
        self.received.sort_unstable();
        let mut joined: Vec<(usize, usize)> = Vec::with_capacity(self.received.len());
        for &(from, to) in &self.received {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        self.received = joined;
    }

    fn is_whole(&self) -> bool {
        self.total
            .is_some_and(|total| self.received == [(0, total)])
    }
}

/// Kerberos over UDP with large tickets is fragmented, a few datagrams at a time; the pool is for
/// bursts. Past it the oldest are lost.
const DATAGRAMS_MAX: usize = 1024;

/// Entries of the queue for each datagram that fits, before those of whole ones are swept out.
const STALE_TIMES_MAX: usize = 2;

/// In all; as `DATAGRAMS_MAX` full datagrams of 16 KiB.
const OCTETS_MAX: usize = 16 * 1024 * 1024;

/// An IP datagram is no longer.
const DATAGRAM_OCTETS_MAX: usize = 65_535;

/// A datagram in fragments of 576 octets has 119. More separate pieces are an attack on our time.
const PIECES_MAX: usize = 128;

/// Linux keeps fragments 30 seconds, Windows 60 at most.
const AGE_MAX: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(payload: &[u8], cut: usize) -> Datagram<'_> {
        Datagram {
            source: 1,
            destination: 2,
            protocol: 17,
            fragment: None,
            payload,
            cut,
        }
    }

    fn at(second: i64) -> EventTime {
        EventTime::from_unix_seconds(second)
    }

    fn part(identification: u32, offset: usize, more: bool) -> Fragment {
        Fragment {
            identification,
            offset,
            more,
        }
    }

    #[test]
    fn fragments_in_any_order_give_the_datagram() {
        let mut pool = FragmentPool::default();
        assert_eq!(
            pool.take(&datagram(&[3; 4], 0), part(7, 16, false), at(0)),
            None
        );
        assert_eq!(
            pool.take(&datagram(&[1; 8], 0), part(7, 0, true), at(0)),
            None
        );
        assert_eq!(
            pool.take(&datagram(&[1; 8], 0), part(7, 0, true), at(0)),
            None
        );
        let whole = pool.take(&datagram(&[2; 8], 0), part(7, 8, true), at(1));
        assert_eq!(whole, Some([vec![1; 8], vec![2; 8], vec![3; 4]].concat()));
        assert_eq!((pool.octets, pool.counters.whole), (0, 1));
    }

    #[test]
    fn an_overlap_with_other_content_drops_the_datagram() {
        let mut pool = FragmentPool::default();
        pool.take(&datagram(&[1; 16], 0), part(7, 0, true), at(0));
        pool.take(&datagram(&[2; 8], 0), part(7, 8, true), at(0));
        assert_eq!(pool.counters.contradictory, 1);
        assert!(pool.partial.is_empty());
    }

    #[test]
    fn old_and_cut_fragments_are_dropped_and_counted() {
        let mut pool = FragmentPool::default();
        pool.take(&datagram(&[1; 8], 0), part(7, 0, true), at(0));
        assert_eq!(
            pool.take(&datagram(&[2; 8], 0), part(7, 8, false), at(40)),
            None
        );
        pool.take(&datagram(&[1; 8], 5), part(8, 0, true), at(40));
        assert_eq!((pool.counters.incomplete, pool.counters.cut), (1, 1));
    }

    #[test]
    fn the_pool_is_bounded_in_number() {
        let mut pool = FragmentPool::default();
        for identification in 0..5000 {
            pool.take(&datagram(&[1; 8], 0), part(identification, 0, true), at(0));
        }
        assert_eq!(pool.partial.len(), DATAGRAMS_MAX);
        assert!(pool.by_age.len() <= DATAGRAMS_MAX + 1);
        assert_eq!(pool.counters.evicted, 5000 - DATAGRAMS_MAX as u64);
    }

    #[test]
    fn whole_datagrams_behind_a_partial_one_leave_nothing_behind() {
        let mut pool = FragmentPool::default();
        pool.take(&datagram(&[1; 8], 0), part(0, 0, true), at(0));
        for identification in 1..5000 {
            pool.take(&datagram(&[1; 8], 0), part(identification, 8, false), at(0));
            pool.take(&datagram(&[1; 8], 0), part(identification, 0, true), at(0));
        }
        assert_eq!(pool.counters.whole, 4999);
        assert!(pool.by_age.len() <= STALE_TIMES_MAX * DATAGRAMS_MAX);
    }
}
