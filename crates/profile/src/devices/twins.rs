//! One device, two families: which IPv6 address and which IPv4 address are the same machine.
//!
//! Windows asks the KDC over IPv4 and a server over IPv6 within the same second, so a ticket seems
//! to move. Two signs say that it did not: both addresses log on with the same SMB client identifier,
//! or a service ticket is used over the other family within seconds of its issue, which is faster
//! than any thief. Of two addresses of one family only the identifier shows it, and only for the
//! connection that carries it: a device that moved, or has two network cards.

use crate::bounded::{Bounded, remember};
use crate::limits::{ADDRESSES, HABITS_MAX};
use realmward_vocab::{EventTime, Guid};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// IPv6 addresses and the IPv4 address of the same machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Twins {
    of: Bounded<IpAddr, IpAddr>,
    by_client: Bounded<Guid, Vec<IpAddr>>,
}

impl Default for Twins {
    fn default() -> Self {
        Self {
            of: Bounded::new(ADDRESSES),
            by_client: Bounded::new(ADDRESSES),
        }
    }
}

impl Twins {
    /// Notes that both are one device, if they are of two families.
    pub(super) fn pair(&mut self, a: IpAddr, b: IpAddr, now: EventTime) {
        let (six, four) = match (a, b) {
            (IpAddr::V6(_), IpAddr::V4(_)) => (a, b),
            (IpAddr::V4(_), IpAddr::V6(_)) => (b, a),
            _ => return,
        };
        self.of.entry(now, &six, || four);
    }

    /// Notes that a client with this identifier got in from this address.
    pub(super) fn client(&mut self, client: Guid, address: IpAddr, now: EventTime) {
        let from = self.by_client.entry(now, &client, Vec::new);
        remember(from, address, HABITS_MAX);
        if let Some(first) = from.first().copied() {
            self.pair(first, address, now);
        }
    }

    /// Whether a client with this identifier got in from this address.
    pub(super) fn came_from(&self, client: Guid, address: IpAddr, now: EventTime) -> bool {
        self.by_client
            .get(now, &client)
            .is_some_and(|from| from.contains(&address))
    }

    /// The IPv4 address of the same device, or the address itself.
    pub(super) fn root(&self, address: IpAddr, now: EventTime) -> IpAddr {
        self.of.get(now, &address).copied().unwrap_or(address)
    }

    pub(super) const fn evicted(&self) -> u64 {
        self.of.evicted() + self.by_client.evicted()
    }
}
