//! Chance with the shapes that people make: waits, bells and favourites. A seed decides everything.

use crate::hostile::random::Random;
use std::time::Duration;

/// A source of chance.
#[derive(Clone, Debug)]
pub(super) struct Dice(Random);

impl Dice {
    /// One of many independent sources of a seed.
    pub(super) const fn new(seed: u64, stream: u64) -> Self {
        let mut first = Random::new(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        Self(Random::new(first.next()))
    }

    pub(super) const fn bits(&mut self) -> u64 {
        self.0.next()
    }

    pub(super) const fn long(&mut self) -> u128 {
        ((self.bits() as u128) << 64) | self.bits() as u128
    }

    /// 0 to 1, without 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
    pub(super) const fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A bell around `mean` (Box and Muller 1958).
    pub(super) fn bell(&mut self, mean: f64, deviation: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        mean + deviation * radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Seconds until the next of events that come `mean_s` apart, independent of each other.
    pub(super) fn wait(&mut self, mean_s: f64) -> f64 {
        -mean_s * (1.0 - self.unit()).ln()
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound)
    }

    /// One of these, each as likely; `None` of nothing.
    pub(super) fn of<'a, T>(&mut self, these: &'a [T]) -> Option<&'a T> {
        these.get(self.below(these.len()))
    }

    /// A place in a list of favourites: the first often, the last seldom.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of thousands at most"
    )]
    pub(super) fn favourite(&mut self, count: usize) -> usize {
        let place = (count as f64 * self.unit().powf(2.5)) as usize;
        place.min(count.saturating_sub(1))
    }
}

/// A span of so many seconds; nothing if that is negative.
pub(super) fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds.clamp(0.0, 1e9))
}
