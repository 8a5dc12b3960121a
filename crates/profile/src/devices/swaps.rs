//! Which two addresses use each other's tickets.
//!
//! A thief uses what the victim got, and the victim nothing of the thief's. A device that goes back
//! and forth between two addresses uses at either what it got at the other.

use crate::bounded::Bounded;
use crate::limits::SWAPS;
use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Where tickets were got and where they were used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Swaps(Bounded<(IpAddr, IpAddr), ()>);

impl Default for Swaps {
    fn default() -> Self {
        Self(Bounded::new(SWAPS))
    }
}

impl Swaps {
    /// Notes that a ticket which was got at one address is used at another.
    pub(super) fn used(&mut self, got: IpAddr, used: IpAddr, now: EventTime) {
        self.0.entry(now, &(got, used), || ());
    }

    /// Whether tickets went both ways.
    pub(super) fn both_ways(&self, a: IpAddr, b: IpAddr, now: EventTime) -> bool {
        self.0.get(now, &(a, b)).is_some() && self.0.get(now, &(b, a)).is_some()
    }

    pub(super) const fn evicted(&self) -> u64 {
        self.0.evicted()
    }
}
