//! Memory that forgets: a map bounded in number and in age, which counts what it had to drop.
//!
//! Entries written again recently stay longer, so that a flood of new names pushes out old visitors
//! before the machines that work every day. Reading changes nothing, and nothing depends on the
//! order in which a hash table happens to keep its entries: the same events leave the same state.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use realmward_vocab::EventTime;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::VecDeque;
use std::hash::Hash;
use std::time::Duration;

/// How many entries, and for how long after their last change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bound {
    pub(crate) entries: usize,
    pub(crate) life: Duration,
    /// Whether entries go in the order in which they came, written again or not: only then it is known
    /// since when none is missing.
    #[serde(default)]
    pub(crate) in_order: bool,
}

/// A map within a [`Bound`].
#[derive(Clone, Debug)]
pub(crate) struct Bounded<K, V> {
    bound: Bound,
    entries: HashMap<K, Slot<V>>,
    /// Keys and when they took their place in the queue. INVARIANT: each key of `entries` once.
    queue: VecDeque<(K, EventTime)>,
    evicted: u64,
}

#[derive(Clone, Debug)]
struct Slot<V> {
    value: V,
    written: EventTime,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    pub(crate) fn new(bound: Bound) -> Self {
        Self {
            bound,
            entries: HashMap::new(),
            queue: VecDeque::new(),
            evicted: 0,
        }
    }

    /// The value of `key`, if it is not too old.
    pub(crate) fn get(&self, now: EventTime, key: &K) -> Option<&V> {
        let slot = self.entries.get(key)?;
        (now.saturating_since(slot.written) <= self.bound.life).then_some(&slot.value)
    }

    /// The value of `key`, made with `make` if there is none or only one too old; counts as a change.
    pub(crate) fn entry(&mut self, now: EventTime, key: &K, make: impl FnOnce() -> V) -> &mut V {
        if !self.entries.contains_key(key) {
            self.make_room(now);
            self.queue.push_back((key.clone(), now));
        }
        match self.entries.entry(key.clone()) {
            Entry::Occupied(occupied) => {
                let slot = occupied.into_mut();
                if self.bound.life < now.saturating_since(slot.written) {
                    slot.value = make();
                }
                slot.written = slot.written.max(now);
                &mut slot.value
            }
            Entry::Vacant(vacant) => {
                &mut vacant
                    .insert(Slot {
                        value: make(),
                        written: now,
                    })
                    .value
            }
        }
    }

    pub(crate) fn insert(&mut self, now: EventTime, key: &K, value: V)
    where
        V: Default,
    {
        *self.entry(now, key, V::default) = value;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every entry, in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.queue
            .iter()
            .filter_map(|(key, _)| self.entries.get(key).map(|slot| (key, &slot.value)))
    }

    /// Entries dropped for want of room; those that were too old do not count.
    pub(crate) const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Since when nothing was dropped for want of room; `None` if nothing ever was. Of a map whose
    /// entries go in order.
    pub(crate) fn complete_since(&self) -> Option<EventTime> {
        let oldest = self.queue.front().map(|(_, queued)| *queued);
        oldest.filter(|_| 0 < self.evicted)
    }

    /// Drops what is too old at the front, and one entry if all places are taken.
    fn make_room(&mut self, now: EventTime) {
        let mut chances = if self.bound.in_order {
            0
        } else {
            SECOND_CHANCES
        };
        for _ in 0..STEPS_MAX {
            let Some((key, queued)) = self.queue.front().cloned() else {
                return;
            };
            let written = self.entries.get(&key).map_or(queued, |it| it.written);
            let is_old = self.bound.life < now.saturating_since(written);
            if !is_old && self.entries.len() < self.bound.entries.max(1) {
                return;
            }
            self.queue.pop_front();
            if !is_old && queued < written && 0 < chances {
                chances -= 1;
                self.queue.push_back((key, written));
                continue;
            }
            self.entries.remove(&key);
            self.evicted += u64::from(!is_old);
        }
    }
}

impl<K: Serialize + Eq + Hash, V: Serialize> Serialize for Bounded<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.bound, self.evicted, Rows(self)).serialize(serializer)
    }
}

/// The entries as a list in the order of the queue, so that equal maps are equal octets.
struct Rows<'a, K, V>(&'a Bounded<K, V>);

impl<K: Serialize + Eq + Hash, V: Serialize> Serialize for Rows<'_, K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.queue.len()))?;
        for (key, queued) in &self.0.queue {
            if let Some(slot) = self.0.entries.get(key) {
                rows.serialize_element(&(key, queued, slot.written, &slot.value))?;
            }
        }
        rows.end()
    }
}

type Row<K, V> = (K, EventTime, EventTime, V);

impl<'de, K, V> Deserialize<'de> for Bounded<K, V>
where
    K: Deserialize<'de> + Clone + Eq + Hash,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (bound, evicted, rows) = <(Bound, u64, Vec<Row<K, V>>)>::deserialize(deserializer)?;
        let mut map = Self::new(bound);
        map.evicted = evicted;
        for (key, queued, written, value) in rows {
            if map
                .entries
                .insert(key.clone(), Slot { value, written })
                .is_none()
            {
                map.queue.push_back((key, queued));
            }
        }
        Ok(map)
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

/// So many recently written entries are spared before one goes anyway: the work stays constant.
const SECOND_CHANCES: u32 = 8;

/// Each new entry looks at so many old ones at most.
const STEPS_MAX: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> EventTime {
        EventTime::from_unix_seconds(seconds)
    }

    fn map(entries: usize) -> Bounded<u32, u32> {
        Bounded::new(Bound {
            entries,
            life: Duration::from_secs(100),
            in_order: false,
        })
    }

    #[test]
    fn in_order_nothing_is_spared_and_all_since_the_oldest_is_there() {
        let mut map = Bounded::new(Bound {
            entries: 20,
            life: Duration::from_secs(1_000),
            in_order: true,
        });
        for key in 0..100_u32 {
            let now = at(key.into());
            map.insert(now, &key, key);
            // Some are written again long after.
            if let Some(old) = key.checked_sub(15).filter(|it| it % 3 == 0) {
                map.insert(now, &old, old);
            }
            let since = map.complete_since().unwrap_or(at(0));
            for remembered in (0..=key).filter(|it| since <= at((*it).into())) {
                assert!(map.get(now, &remembered).is_some(), "{remembered} at {key}");
            }
        }
        assert_eq!(map.complete_since(), Some(at(80)));
    }

    #[test]
    fn the_oldest_entry_goes_first_and_is_counted() {
        let mut map = map(2);
        for key in 0..5 {
            map.insert(at(0), &key, key);
        }
        assert_eq!((map.iter().count(), map.evicted()), (2, 3));
        assert_eq!(map.get(at(0), &2), None);
        assert_eq!(map.get(at(0), &4), Some(&4));
    }

    #[test]
    fn what_is_written_again_outlives_what_is_not() {
        let mut map = map(3);
        map.insert(at(0), &1, 1);
        for key in 10..30 {
            map.insert(at(i64::from(key)), &1, 1);
            map.insert(at(i64::from(key)), &key, key);
        }
        assert_eq!(map.get(at(30), &1), Some(&1));
        assert_eq!((map.entries.len(), map.queue.len()), (3, 3));
    }

    #[test]
    fn age_ends_an_entry_and_makes_room_uncounted() {
        let mut map = map(2);
        map.insert(at(0), &1, 1);
        assert_eq!(map.get(at(100), &1), Some(&1));
        assert_eq!(map.get(at(101), &1), None);
        *map.entry(at(101), &1, || 7) += 1;
        assert_eq!(
            map.get(at(101), &1),
            Some(&8),
            "an old value is not built upon"
        );
        for key in 2..4 {
            map.insert(at(500), &key, key);
        }
        assert_eq!((map.iter().count(), map.evicted()), (2, 0));
    }

    #[test]
    fn a_late_event_does_not_make_an_entry_older() {
        let mut map = map(2);
        map.insert(at(90), &1, 1);
        map.insert(at(10), &1, 2);
        assert_eq!(map.get(at(150), &1), Some(&2));
    }

    #[test]
    fn a_saved_map_goes_on_as_the_one_it_was_saved_from() {
        let mut one = map(4);
        for key in 0..9 {
            one.insert(at(i64::from(key)), &(key % 5), key);
        }
        let mut saved = Vec::new();
        ciborium::into_writer(&one, &mut saved).unwrap();
        let mut two: Bounded<u32, u32> = ciborium::from_reader(saved.as_slice()).unwrap();
        for key in 20..25 {
            one.insert(at(i64::from(key)), &key, key);
            two.insert(at(i64::from(key)), &key, key);
        }
        let rows = |it: &Bounded<u32, u32>| it.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>();
        assert_eq!(rows(&one), rows(&two));
        assert_eq!(one.evicted(), two.evicted());
    }
}
