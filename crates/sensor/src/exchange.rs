//! Datagrams of one 5-tuple, each read once though a mirror may show it twice.
//!
//! Where both ports of a path are mirrored, or a packet comes plain and in a tunnel, a datagram is seen
//! again within moments. Clients that ask again wait much longer. TCP needs nothing of this: it has
//! numbers.

use crate::dispatch::Stage;
use foldhash::fast::FixedState;
use realmward_stream::Side;
use realmward_vocab::EventTime;
use std::hash::BuildHasher as _;
use std::time::Duration;

/// What is remembered of datagrams of one 5-tuple.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) stage: Stage,
    latest: [Option<(u64, EventTime)>; KEPT],
    next: u8,
}

impl Exchange {
    pub(crate) const fn new(stage: Stage) -> Self {
        Self {
            stage,
            latest: [None; KEPT],
            next: 0,
        }
    }

    /// Whether this datagram was seen moments ago. `state` is the secret that keeps others from making
    /// two that are taken for one.
    pub(crate) fn repeats(
        &mut self,
        (side, octets): (Side, &[u8]),
        now: EventTime,
        state: &FixedState,
    ) -> bool {
        let hash = state.hash_one((side, octets));
        let seen = self.latest.iter().flatten().any(|(it, time)| {
            *it == hash && now.saturating_since(*time) <= AGAIN_MAX && *time <= now
        });
        if !seen && let Some(slot) = self.latest.get_mut(usize::from(self.next) % KEPT) {
            *slot = Some((hash, now));
            self.next = self.next.wrapping_add(1);
        }
        seen
    }
}

/// Questions of one resolver that are under way at once from one port: two, and their answers.
const KEPT: usize = 4;

/// A mirror through a tunnel is late by milliseconds; the most hasty resolver asks again after 250.
const AGAIN_MAX: Duration = Duration::from_millis(100);
