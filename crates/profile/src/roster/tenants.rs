//! Who had each address, one after the other, by something that a device keeps when it moves.

use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The devices of each address and since when, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Tenants<T>(BTreeMap<IpAddr, Vec<(EventTime, T)>>);

impl<T> Default for Tenants<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Clone + PartialEq> Tenants<T> {
    /// Takes the next one in.
    pub(super) fn take(&mut self, address: IpAddr, tenant: T, since: EventTime) {
        if ADDRESSES_MAX <= self.0.len() && !self.0.contains_key(&address) {
            return;
        }
        let tenants = self.0.entry(address).or_default();
        if TENANTS_MAX <= tenants.len() {
            tenants.remove(0);
        }
        tenants.push((since, tenant));
    }

    /// Who has the address now.
    pub(super) fn latest(&self, address: IpAddr) -> Option<&T> {
        self.of(address, |_| true)
    }

    /// Whether who had address `a` at a time `then` has address `b` now.
    pub(super) fn moved(&self, a: IpAddr, then: EventTime, b: IpAddr) -> bool {
        let had = self.of(a, |since| since <= then);
        had.is_some() && had == self.latest(b)
    }

    /// The last one whose time `fits`; if none does, the first one did not come to its servers earlier.
    fn of(&self, address: IpAddr, fits: impl Fn(EventTime) -> bool) -> Option<&T> {
        let tenants = self.0.get(&address)?;
        let last = tenants.iter().rev().find(|(since, _)| fits(*since));
        last.or(tenants.first()).map(|(_, tenant)| tenant)
    }
}

/// Addresses of a large network and its visitors. What is lost: that a device which moved to a later
/// one is the same.
const ADDRESSES_MAX: usize = 100_000;

/// Tenants of an address that are told apart. What is lost: those before.
const TENANTS_MAX: usize = 8;
