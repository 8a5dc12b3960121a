//! Many measurements of one thing as a few numbers.

use std::time::Duration;

/// Measurements in milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures(Vec<f64>);

impl Figures {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took.as_secs_f64() * 1e3);
    }

    pub(crate) fn extend(&mut self, others: &Self) {
        self.0.extend(&others.0);
    }

    /// The value that this share of all is not above; 0 if there is none.
    pub(crate) fn share(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        let place = (1..=last).rev().find(|it| places(*it, last) <= share);
        sorted.get(place.unwrap_or(0)).copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> f64 {
        self.share(0.5)
    }

    pub(crate) fn worst(&self) -> f64 {
        self.share(1.0)
    }
}

fn places(place: usize, last: usize) -> f64 {
    let of = |it: usize| f64::from(u32::try_from(it).unwrap_or(u32::MAX));
    of(place) / of(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_is_the_last_and_the_median_the_middle() {
        let mut figures = Figures::default();
        assert!(figures.median().abs() < 1e-9);
        for ms in [5, 1, 3, 2, 4] {
            figures.add(Duration::from_millis(ms));
        }
        assert!((figures.median() - 3.0).abs() < 1e-9);
        assert!((figures.worst() - 5.0).abs() < 1e-9);
        assert!((figures.share(0.0) - 1.0).abs() < 1e-9);
    }
}
