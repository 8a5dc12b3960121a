//! What one alert is worth: a likelihood ratio, bounded, fading with age.

use realmward_alert::Alert;
use realmward_detect::{Kind, Severity};
use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// Evidence in tenths of a deciban, so that sums are exact.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Decibans(pub i32);

impl Decibans {
    /// From a number of decibans, rounded to the nearest tenth.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "clamped to a range that fits many times over"
    )]
    pub fn new(decibans: f64) -> Self {
        Self((decibans * 10.0).round().clamp(-10_000.0, 10_000.0) as i32)
    }

    /// As a number of decibans.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.0) / 10.0
    }

    /// The probability that these log-odds mean, 0 to 1.
    #[must_use]
    pub fn probability(self) -> f64 {
        1.0 / (1.0 + 10_f64.powf(-self.value() / 10.0))
    }
}

impl fmt::Display for Decibans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.1} dB", self.value())
    }
}

/// What one alert says of its actor, before damping.
///
/// `others` is how many other users show the same detector as severely, of `users` known in all.
pub(crate) fn of_alert(alert: &Alert, others: u64, users: u64, now: EventTime) -> f64 {
    let Some(metadata) = alert.metadata() else {
        return 0.0;
    };
    let if_compromised = metadata.probability_if_compromised * alert.confidence.clamp(0.05, 1.0);
    let is_milder = alert.severity < metadata.severity;
    let expected = if is_milder {
        (metadata.probability_if_honest * MILDER).min(HONEST_MAX)
    } else {
        metadata.probability_if_honest
    };
    let if_honest = prevalence(others, users, expected);
    let cap = match alert.kind {
        Kind::Deterministic if !is_milder => DETERMINISTIC_MAX,
        _ => UNPROVEN_MAX,
    };
    let full = (10.0 * (if_compromised / if_honest).log10()).clamp(MIN, cap);
    full * remaining(alert.severity, now.saturating_since(alert.end))
}

/// How many honest users show it: what the organisation shows, leaning on the detector's own
/// expectation as if [`PSEUDO_USERS`] users had been seen before.
fn prevalence(others: u64, users: u64, expected: f64) -> f64 {
    let others = u32::try_from(others).map_or(f64::from(u32::MAX), f64::from);
    let users = u32::try_from(users).map_or(f64::from(u32::MAX), f64::from);
    ((others + PSEUDO_USERS * expected) / (users + PSEUDO_USERS)).clamp(1e-6, 1.0)
}

/// Evidence halves every 2.5 days and is gone after a week; an open high alert keeps half.
fn remaining(severity: Severity, age: Duration) -> f64 {
    let floor = if severity == Severity::High { 0.5 } else { 0.0 };
    if LIFE < age {
        return floor;
    }
    (-(age.as_secs_f64() / HALF_LIFE.as_secs_f64()) * std::f64::consts::LN_2)
        .exp()
        .max(floor)
}

/// Strength of the k-th repetition of the same finding (k from 1) relative to the first.
pub(crate) fn repeats(findings: u32) -> f64 {
    let mut sum = 0.0;
    for k in 1..findings.min(REPEATS_MAX) {
        sum += again(k);
    }
    sum.min(AGAIN_MAX)
}

/// Strength of the k-th that says the same (k from 1) relative to what it would be alone.
pub(crate) fn again(k: u32) -> f64 {
    0.25 / f64::from(k.saturating_add(1))
}

/// All that repeats a finding or an alert is worth no more than half of it.
pub(crate) const AGAIN_MAX: f64 = 0.5;

/// One user in 2,000 is compromised in a week: the order of magnitude at which response teams of
/// large organisations open cases.
pub(crate) const PRIOR: Decibans = Decibans(-330);

/// A sign can speak for innocence, but not much.
const MIN: f64 = -6.0;

/// No single behaviour is worth more than four orders of magnitude.
const DETERMINISTIC_MAX: f64 = 40.0;

/// A broken or noisy detector must not fill the top of the list: less than the prior takes away.
const UNPROVEN_MAX: f64 = 25.0;

/// A detector that says less than its usual severity has seen an honest reason: ten times as likely
/// to be one, but never likelier than this.
const MILDER: f64 = 10.0;
const HONEST_MAX: f64 = 0.1;

/// Until an organisation of this size was seen, the detector's own expectation weighs more.
const PSEUDO_USERS: f64 = 500.0;

const HALF_LIFE: Duration = Duration::from_secs(216_000);
const LIFE: Duration = Duration::from_secs(7 * 86_400);

/// The series has long reached its bound of one half here.
const REPEATS_MAX: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_and_probability_agree() {
        assert!((Decibans(0).probability() - 0.5).abs() < 1e-12);
        assert!((Decibans(100).probability() - 10.0 / 11.0).abs() < 1e-12);
        assert_eq!(Decibans(142).to_string(), "+14.2 dB");
        assert_eq!(Decibans(-330).to_string(), "-33.0 dB");
    }

    #[test]
    fn age_takes_evidence_away_but_not_from_an_open_high_alert() {
        let day = Duration::from_secs(86_400);
        assert!((remaining(Severity::Medium, HALF_LIFE) - 0.5).abs() < 1e-12);
        assert!(remaining(Severity::Medium, day * 8) < 1e-12);
        assert!((remaining(Severity::High, day * 8) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn repetition_never_adds_more_than_half() {
        assert!(repeats(1) < 1e-12);
        assert!((repeats(2) - 0.125).abs() < 1e-12);
        assert!((repeats(1_000_000) - 0.5).abs() < 1e-12);
    }
}
