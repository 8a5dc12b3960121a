//! One device, two families: which IPv6 address and which IPv4 address are the same machine.
//!
//! Windows asks the KDC over IPv4 and a server over IPv6 within the same second, so a ticket seems
//! to move. Two signs say that it did not: both addresses log on with the same SMB client identifier,
//! or a service ticket is used over the other family within seconds of its issue, which is faster
//! than any thief. Two addresses of one family are never taken for one device.

use crate::bounded::Bounded;
use crate::limits::ADDRESSES;
use realmward_vocab::{EventTime, Guid};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// IPv6 addresses and the IPv4 address of the same machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Twins {
    of: Bounded<IpAddr, IpAddr>,
    by_client: Bounded<Guid, IpAddr>,
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
        let before = *self.by_client.entry(now, &client, || address);
        self.pair(before, address, now);
    }

    /// The IPv4 address of the same device, or the address itself.
    pub(super) fn root(&self, address: IpAddr, now: EventTime) -> IpAddr {
        self.of.get(now, &address).copied().unwrap_or(address)
    }

    pub(super) const fn evicted(&self) -> u64 {
        self.of.evicted() + self.by_client.evicted()
    }
}
