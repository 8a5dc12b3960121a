//! How long to wait before the next try: longer each time, and not all sensors at once.

use std::time::Duration;

/// Tries that failed in a row.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// The wait after one more failure: between half of a doubling span and all of it.
    pub(crate) fn failed(&mut self) -> Duration {
        // Without randomness sensors try together, which is worse but works.
        self.wait(getrandom::u32().unwrap_or(u32::MAX))
    }

    fn wait(&mut self, random: u32) -> Duration {
        let span = FIRST
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let half = span / 2;
        half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }
}

const FIRST: Duration = Duration::from_millis(500);

/// A server that is back is found within this time.
const LONGEST: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_bound_and_begin_anew_after_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..9).map(|_| backoff.wait(u32::MAX).as_millis()).collect();
        assert_eq!(
            waits,
            [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]
        );
        assert_eq!(backoff.wait(0).as_millis(), 15_000);
        backoff.succeeded();
        assert_eq!(backoff.wait(0).as_millis(), 250);
    }
}
