//! Bounded memory: a map that forgets its oldest entries and counts them.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::hash::Hash;

/// A map of at most `max` entries; the entry that came first goes first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(
    serialize = "K: Serialize + Eq + Hash, V: Serialize",
    deserialize = "K: Deserialize<'de> + Eq + Hash, V: Deserialize<'de>"
))]
pub(crate) struct Bounded<K, V> {
    max: usize,
    entries: HashMap<K, V>,
    order: VecDeque<K>,
    evicted: u64,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            max: max.max(1),
            entries: HashMap::new(),
            order: VecDeque::new(),
            evicted: 0,
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    /// The entry of `key`, made with `make` if there is none; may evict the oldest entry.
    pub(crate) fn entry(&mut self, key: &K, make: impl FnOnce() -> V) -> &mut V {
        if !self.entries.contains_key(key) {
            if self.max <= self.entries.len()
                && let Some(oldest) = self.order.pop_front()
            {
                self.entries.remove(&oldest);
                self.evicted += 1;
            }
            self.order.push_back(key.clone());
        }
        self.entries.entry(key.clone()).or_insert_with(make)
    }

    pub(crate) fn insert(&mut self, key: &K, value: V)
    where
        V: Default,
    {
        *self.entry(key, V::default) = value;
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.evicted
    }
}

/// Adds `item` to a short list of distinct items, newest last; past `max` the oldest goes.
pub(crate) fn remember<T: PartialEq>(list: &mut Vec<T>, item: T, max: usize) {
    if list.contains(&item) {
        return;
    }
    if max <= list.len() {
        list.remove(0);
    }
    list.push(item);
}

/// Addresses of a large network and its visitors; an entry is some hundred octets. What is lost:
/// the history of the addresses that were seen first.
pub(crate) const ADDRESSES_MAX: usize = 200_000;

/// Accounts of a large directory. What is lost: the history of the accounts that were seen first.
pub(crate) const ACCOUNTS_MAX: usize = 500_000;

/// A day of tickets of 100,000 people is about a million; an entry is about 300 octets. What is
/// lost: who got the oldest tickets, so that their use looks unknown, which alone raises nothing.
pub(crate) const TICKETS_MAX: usize = 1_000_000;

/// Connections that are open at once. What is lost: the client identifier of old connections.
pub(crate) const FLOWS_MAX: usize = 100_000;

/// Servers times ports of RPC interfaces. What is lost: interfaces of calls without a captured bind.
pub(crate) const ENDPOINTS_MAX: usize = 50_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_goes_first_and_is_counted() {
        let mut map: Bounded<u32, u32> = Bounded::new(2);
        for key in 0..5 {
            map.insert(&key, key);
        }
        assert_eq!((map.len(), map.evicted()), (2, 3));
        assert_eq!(map.get(&2), None);
        assert_eq!(map.get(&4), Some(&4));
    }

    #[test]
    fn writing_again_evicts_nothing() {
        let mut map: Bounded<u32, u32> = Bounded::new(2);
        map.insert(&1, 1);
        map.insert(&2, 2);
        map.insert(&1, 3);
        assert_eq!((map.len(), map.evicted()), (2, 0));
        assert_eq!(map.get(&1), Some(&3));
    }
}
