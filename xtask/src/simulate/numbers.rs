//! Numbers of a distribution, for people.

use std::collections::BTreeMap;

/// How often each whole number was seen.
#[derive(Debug, Default)]
pub(super) struct Histogram(BTreeMap<u64, u64>);

impl Histogram {
    pub(super) fn add(&mut self, value: u64) {
        *self.0.entry(value).or_insert(0) += 1;
    }

    pub(super) fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The value below or at which this part of all lies.
    pub(super) fn quantile(&self, part: f64) -> u64 {
        let wanted = part * float(self.total());
        let mut seen = 0;
        for (value, count) in &self.0 {
            seen += count;
            if wanted <= float(seen) {
                return *value;
            }
        }
        0
    }

    pub(super) fn mean(&self) -> f64 {
        let sum: u64 = self.0.iter().map(|(value, count)| value * count).sum();
        float(sum) / float(self.total()).max(1.0)
    }

    /// Parts of all by value, those from `last` on together.
    pub(super) fn parts(&self, last: u64) -> Vec<(u64, f64)> {
        let total = float(self.total()).max(1.0);
        (0..=last)
            .map(|value| {
                let count: u64 = if value == last {
                    self.0.range(last..).map(|(_, count)| count).sum()
                } else {
                    self.0.get(&value).copied().unwrap_or(0)
                };
                (value, float(count) / total)
            })
            .collect()
    }

    /// `median 3, 90 % up to 7, 99 % up to 12, mean 3.4`.
    pub(super) fn words(&self) -> String {
        format!(
            "median {}, 90 % up to {}, 99 % up to {}, mean {:.1}",
            self.quantile(0.5),
            self.quantile(0.9),
            self.quantile(0.99),
            self.mean()
        )
    }
}

/// A count as a number to divide.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}
