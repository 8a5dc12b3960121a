//! Requests that await their answers, found by the number that both carry.

use std::collections::VecDeque;

/// Requests that await their answers, the oldest first. The first one waits in place, since most
/// conversations over datagrams have no second.
#[derive(Clone, Debug)]
pub struct Waiting<K, T> {
    first: Option<(K, T)>,
    later: VecDeque<(K, T)>,
}

impl<K, T> Default for Waiting<K, T> {
    fn default() -> Self {
        Self {
            first: None,
            later: VecDeque::new(),
        }
    }
}

impl<K: PartialEq, T> Waiting<K, T> {
    /// A request begins to wait. Where `max` wait already, the oldest is given up and returned.
    pub fn ask(&mut self, key: K, request: T, max: usize) -> Option<T> {
        if self.first.is_none() && self.later.is_empty() {
            self.first = Some((key, request));
            return None;
        }
        let waiting = self.later.len() + usize::from(self.first.is_some());
        let given_up = (max <= waiting).then(|| self.take_oldest()).flatten();
        if self.later.capacity() == 0 {
            // Most have one more, and many conversations are remembered at a time.
            self.later.reserve_exact(1);
        }
        self.later.push_back((key, request));
        given_up
    }

    /// The latest request with this number, which still waits.
    pub fn find(&self, key: &K) -> Option<&T> {
        let later = self.later.iter().rev();
        later
            .chain(&self.first)
            .find(|(it, _)| it == key)
            .map(|(_, request)| request)
    }

    /// The latest request with this number: it is answered.
    pub fn take(&mut self, key: &K) -> Option<T> {
        if let Some(place) = self.later.iter().rposition(|(it, _)| it == key) {
            return self.later.remove(place).map(|(_, request)| request);
        }
        let (_, request) = self.first.take_if(|(it, _)| it == key)?;
        Some(request)
    }

    /// The oldest request.
    pub fn take_oldest(&mut self) -> Option<T> {
        let oldest = self.first.take().or_else(|| self.later.pop_front())?;
        Some(oldest.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_of_a_number_is_answered_and_the_oldest_is_given_up() {
        let mut waiting = Waiting::default();
        assert_eq!(waiting.ask(1, 'a', 3), None);
        assert_eq!(waiting.ask(2, 'b', 3), None);
        assert_eq!(waiting.ask(1, 'c', 3), None);
        assert_eq!(waiting.ask(4, 'd', 3), Some('a'));
        assert_eq!(waiting.find(&1), Some(&'c'));
        assert_eq!(waiting.take(&1), Some('c'));
        assert_eq!(waiting.take(&1), None);
        assert_eq!(waiting.take_oldest(), Some('b'));
        assert_eq!(waiting.take_oldest(), Some('d'));
        assert_eq!(waiting.take_oldest(), None);
        assert_eq!(waiting.ask(5, 'e', 1), None);
        assert_eq!(waiting.ask(6, 'f', 1), Some('e'));
    }
}
