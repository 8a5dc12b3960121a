//! Bounded memory of detectors: what was seen under a key within a span of event time.

use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A value for each key, forgotten `span` after it was last touched; ordered by key, so that
/// going through it gives the same on every machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Window<K: Ord, V> {
    span: Duration,
    keys_max: usize,
    entries: BTreeMap<K, (EventTime, V)>,
    swept: EventTime,
    refused: u64,
}

impl<K: Ord + Clone, V> Window<K, V> {
    /// An empty window of `span` for at most `keys_max` keys.
    pub(crate) const fn new(span: Duration, keys_max: usize) -> Self {
        Self {
            span,
            keys_max,
            entries: BTreeMap::new(),
            swept: EventTime::from_unix_seconds(0),
            refused: 0,
        }
    }

    /// The live entry of `key`, touched, made with `make` if there is none; `None` and counted when
    /// the window is full of live keys.
    pub(crate) fn touch(
        &mut self,
        now: EventTime,
        key: &K,
        make: impl FnOnce() -> V,
    ) -> Option<&mut V> {
        self.sweep(now);
        if self.keys_max <= self.entries.len() && !self.entries.contains_key(key) {
            self.refused += 1;
            return None;
        }
        let span = self.span;
        let mut make = Some(make);
        let fresh = self
            .entries
            .get(key)
            .is_none_or(|(touched, _)| span < now.saturating_since(*touched));
        if fresh && let Some(make) = make.take() {
            self.entries.insert(key.clone(), (now, make()));
        }
        let (touched, value) = self.entries.get_mut(key)?;
        *touched = now.max(*touched);
        Some(value)
    }

    /// The live entry of `key`.
    pub(crate) fn get(&self, now: EventTime, key: &K) -> Option<&V> {
        self.entries
            .get(key)
            .filter(|(touched, _)| now.saturating_since(*touched) <= self.span)
            .map(|(_, value)| value)
    }

    /// The live entry of `key`, to change without touching it.
    pub(crate) fn get_mut(&mut self, now: EventTime, key: &K) -> Option<&mut V> {
        let span = self.span;
        self.entries
            .get_mut(key)
            .filter(|(touched, _)| now.saturating_since(*touched) <= span)
            .map(|(_, value)| value)
    }

    /// Forgets a key.
    pub(crate) fn remove(&mut self, key: &K) {
        self.entries.remove(key);
    }

    /// Every entry, in the order of keys.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries
            .iter_mut()
            .map(|(key, (_, value))| (key, value))
    }

    /// Drops entries whose span is over; not more often than each quarter of it, so that the work
    /// for each event stays bounded.
    fn sweep(&mut self, now: EventTime) {
        if now.saturating_since(self.swept) < self.span / 4 {
            return;
        }
        self.swept = now;
        let span = self.span;
        self.entries
            .retain(|_, (touched, _)| now.saturating_since(*touched) <= span);
    }
}

/// Adds `item` to a list of distinct items; at `max` it is not added.
pub(crate) fn add<T: PartialEq>(list: &mut Vec<T>, item: T, max: usize) {
    if list.len() < max && !list.contains(&item) {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> EventTime {
        EventTime::from_unix_seconds(seconds)
    }

    #[test]
    fn an_entry_dies_a_span_after_its_last_touch() {
        let mut window: Window<u8, u8> = Window::new(Duration::from_secs(10), 8);
        *window.touch(at(100), &1, || 0).unwrap() += 1;
        *window.touch(at(109), &1, || 0).unwrap() += 1;
        assert_eq!(window.get(at(119), &1), Some(&2));
        assert_eq!(window.get(at(120), &1), None);
        assert_eq!(*window.touch(at(130), &1, || 0).unwrap(), 0);
    }

    #[test]
    fn a_full_window_refuses_and_counts() {
        let mut window: Window<u8, u8> = Window::new(Duration::from_secs(10), 2);
        assert!(window.touch(at(1), &1, || 0).is_some());
        assert!(window.touch(at(1), &2, || 0).is_some());
        assert!(window.touch(at(1), &3, || 0).is_none());
        assert_eq!(window.refused, 1);
        assert!(window.touch(at(20), &3, || 0).is_some());
    }
}
