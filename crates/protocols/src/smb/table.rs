//! A map with a bound in number: what is oldest gives way.
//!
//! Keys come from the sender, so they are kept in trees: no choice of keys makes them slow.

use std::collections::BTreeMap;

/// At most a fixed number of entries, in the order in which they were made.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    entries_max: usize,
    places: BTreeMap<K, u64>,
    entries: BTreeMap<u64, (K, V)>,
    next: u64,
}

/// What had to leave for a new entry.
#[derive(Debug)]
pub(crate) enum Displaced<V> {
    /// There was room.
    Nothing,
    /// An entry of the same key.
    Same(V),
    /// The oldest: the bound was reached.
    Oldest(V),
}

impl<K: Copy + Ord, V> Table<K, V> {
    pub(crate) const fn new(entries_max: usize) -> Self {
        Self {
            entries_max,
            places: BTreeMap::new(),
            entries: BTreeMap::new(),
            next: 0,
        }
    }

    pub(crate) fn insert(&mut self, key: K, value: V) -> Displaced<V> {
        let mut displaced = match self.remove(key) {
            Some(same) => Displaced::Same(same),
            None => Displaced::Nothing,
        };
        if self.entries_max <= self.entries.len()
            && let Some((_, (oldest, value))) = self.entries.pop_first()
        {
            self.places.remove(&oldest);
            displaced = Displaced::Oldest(value);
        }
        self.places.insert(key, self.next);
        self.entries.insert(self.next, (key, value));
        self.next += 1;
        displaced
    }

    pub(crate) fn find(&self, key: K) -> Option<&V> {
        let (_, value) = self.entries.get(self.places.get(&key)?)?;
        Some(value)
    }

    pub(crate) fn find_mut(&mut self, key: K) -> Option<&mut V> {
        let (_, value) = self.entries.get_mut(self.places.get(&key)?)?;
        Some(value)
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        let (_, value) = self.entries.remove(&self.places.remove(&key)?)?;
        Some(value)
    }

    /// Takes out the entries that `leaves` picks, oldest first.
    pub(crate) fn take_where(&mut self, mut leaves: impl FnMut(&K, &V) -> bool) -> Vec<V> {
        let places: Vec<K> = self
            .entries
            .values()
            .filter(|(key, value)| leaves(key, value))
            .map(|(key, _)| *key)
            .collect();
        places.iter().filter_map(|key| self.remove(*key)).collect()
    }

    /// Takes out everything, oldest first.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = V> + use<K, V> {
        self.places.clear();
        std::mem::take(&mut self.entries)
            .into_values()
            .map(|(_, value)| value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way_and_a_renewed_entry_is_young() {
        let mut table = Table::new(2);
        table.insert(1, 'a');
        table.insert(2, 'b');
        assert!(matches!(table.insert(1, 'c'), Displaced::Same('a')));
        assert!(matches!(table.insert(3, 'd'), Displaced::Oldest('b')));
        assert_eq!(table.find(2), None);
        assert_eq!(table.take_all().collect::<String>(), "cd");
        assert!(matches!(table.insert(1, 'e'), Displaced::Nothing));
    }
}
