//! How often somebody may try to log in.
//!
//! Each address and each account has a bucket of attempts that refills with time; only failures
//! stay charged. An account is slowed, never locked: else whoever knows a name could shut its owner
//! out. An IPv6 address counts by its /64, because that is what one machine gets.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Attempts, by address and by account.
pub(crate) struct Attempts {
    addresses: Buckets<IpAddr>,
    accounts: Buckets<String>,
}

impl Attempts {
    pub(crate) fn new() -> Self {
        Self {
            addresses: Buckets::new(ADDRESS_BURST, ADDRESS_REFILL),
            accounts: Buckets::new(ACCOUNT_BURST, ACCOUNT_REFILL),
        }
    }

    /// Charges an attempt; if there were too many, says for how long to wait.
    pub(crate) fn charge(&self, from: IpAddr, account: &str, now: Instant) -> Result<(), Duration> {
        self.addresses.charge(prefix(from), now)?;
        self.accounts.charge(account.to_lowercase(), now)
    }

    /// Charges an attempt that names no account.
    pub(crate) fn charge_address(&self, from: IpAddr, now: Instant) -> Result<(), Duration> {
        self.addresses.charge(prefix(from), now)
    }

    /// That attempt was good.
    pub(crate) fn forgive_address(&self, from: IpAddr) {
        self.addresses.forgive(&prefix(from));
    }

    /// The attempt was good: it costs nothing.
    pub(crate) fn forgive(&self, from: IpAddr, account: &str) {
        self.addresses.forgive(&prefix(from));
        self.accounts.forgive(&account.to_lowercase());
    }
}

/// Buckets of attempts, at most [`BUCKETS_MAX`].
struct Buckets<K> {
    burst: f64,
    refill: Duration,
    held: Mutex<HashMap<K, Bucket>>,
}

/// How much was used up, as of when.
#[derive(Clone, Copy)]
struct Bucket {
    used: f64,
    at: Instant,
}

impl<K: Eq + Hash + Clone> Buckets<K> {
    fn new(burst: u32, refill: Duration) -> Self {
        Self {
            burst: burst.into(),
            refill,
            held: Mutex::new(HashMap::new()),
        }
    }

    fn charge(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if BUCKETS_MAX <= held.len() && !held.contains_key(&key) {
            self.make_room(&mut held, now);
        }
        let bucket = held.entry(key).or_insert(Bucket { used: 0.0, at: now });
        let used = self.left_of(*bucket, now);
        if self.burst < used + 1.0 {
            let excess = used + 1.0 - self.burst;
            return Err(self.refill.mul_f64(excess));
        }
        *bucket = Bucket {
            used: used + 1.0,
            at: now,
        };
        Ok(())
    }

    fn forgive(&self, key: &K) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = held.get_mut(key) {
            bucket.used = (bucket.used - 1.0).max(0.0);
        }
    }

    /// What of the use is not yet forgotten.
    fn left_of(&self, bucket: Bucket, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(bucket.at);
        (bucket.used - passed.as_secs_f64() / self.refill.as_secs_f64()).max(0.0)
    }

    /// Drops what is forgotten anyway; if that is nothing, the lesser used half.
    fn make_room(&self, held: &mut HashMap<K, Bucket>, now: Instant) {
        held.retain(|_, bucket| 0.0 < self.left_of(*bucket, now));
        if held.len() < BUCKETS_MAX {
            return;
        }
        let mut by_use: Vec<(K, f64)> = held
            .iter()
            .map(|(key, bucket)| (key.clone(), self.left_of(*bucket, now)))
            .collect();
        by_use.sort_by(|one, other| one.1.total_cmp(&other.1));
        for (key, _) in by_use.into_iter().take(BUCKETS_MAX / 2) {
            held.remove(&key);
        }
    }
}

fn prefix(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => IpAddr::V6((it.to_bits() >> 64 << 64).into()),
        it @ IpAddr::V4(_) => it,
    }
}

/// A person who mistypes, or a household behind one address.
const ADDRESS_BURST: u32 = 20;
/// After that, ten a minute.
const ADDRESS_REFILL: Duration = Duration::from_secs(6);
/// Guesses at one account from everywhere.
const ACCOUNT_BURST: u32 = 10;
/// After that, two a minute: 2,880 guesses a day, against passwords of 12 characters.
const ACCOUNT_REFILL: Duration = Duration::from_secs(30);
/// About 2 MB. Above it the addresses and names with the fewest failures are forgotten.
const BUCKETS_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn an_account_is_slowed_from_every_address_and_recovers() {
        let attempts = Attempts::new();
        let start = Instant::now();
        for host in 0..10 {
            let from = IpAddr::from([198, 51, 100, host]);
            attempts.charge(from, "Ann", start).unwrap();
        }
        let wait = attempts.charge(HERE, "ann", start).unwrap_err();
        assert_eq!(wait.as_secs(), 30);
        attempts.charge(HERE, "bob", start).unwrap();
        attempts.charge(HERE, "ann", after(start, 31)).unwrap();
        attempts.charge(HERE, "ann", after(start, 31)).unwrap_err();
    }

    #[test]
    fn an_address_is_slowed_whatever_account_it_names() {
        let attempts = Attempts::new();
        let start = Instant::now();
        for number in 0..20 {
            attempts
                .charge(HERE, &format!("user{number}"), start)
                .unwrap();
        }
        attempts.charge(HERE, "fresh", start).unwrap_err();
    }

    #[test]
    fn a_good_attempt_costs_nothing() {
        let attempts = Attempts::new();
        let start = Instant::now();
        for _ in 0..100 {
            attempts.charge(HERE, "ann", start).unwrap();
            attempts.forgive(HERE, "ann");
        }
    }

    #[test]
    fn neighbours_in_one_ipv6_network_are_one() {
        let one: IpAddr = "2001:db8:0:1::1".parse().unwrap();
        let other: IpAddr = "2001:db8:0:1:ffff::2".parse().unwrap();
        let elsewhere: IpAddr = "2001:db8:0:2::1".parse().unwrap();
        assert_eq!(prefix(one), prefix(other));
        assert_ne!(prefix(one), prefix(elsewhere));
        assert_eq!(prefix("::ffff:192.0.2.1".parse().unwrap()), HERE);
    }

    #[test]
    fn a_flood_of_names_is_bounded_and_keeps_the_most_charged() {
        let buckets: Buckets<u32> = Buckets::new(10, Duration::from_secs(30));
        let start = Instant::now();
        for _ in 0..10 {
            buckets.charge(7, start).unwrap();
        }
        for key in 100..40_000 {
            buckets.charge(key, start).unwrap();
        }
        assert!(buckets.held.lock().unwrap().len() <= BUCKETS_MAX);
        buckets.charge(7, start).unwrap_err();
    }
}
