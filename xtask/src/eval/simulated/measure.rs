//! Means with what chance could make of them, calibration, and what recall costs.

use super::outcome::Trial;
use super::scores::{Way, number};
use realmward_testkit::hostile::random::Random;
use serde::Serialize;

/// A mean or median, and the range in which 95 of 100 repetitions lie (bootstrap over seeds).
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Estimate {
    pub(super) fn mean(values: &[f64]) -> Self {
        Self::of(values, mean)
    }

    pub(super) fn median(values: &[f64]) -> Self {
        Self::of(values, median)
    }

    fn of(values: &[f64], statistic: impl Fn(&[f64]) -> f64) -> Self {
        let mut random = Random::new(20_260_105);
        let mut again: Vec<f64> = (0..REPETITIONS)
            .map(|_| {
                let some: Vec<f64> = (0..values.len())
                    .filter_map(|_| values.get(random.below(values.len())).copied())
                    .collect();
                statistic(&some)
            })
            .collect();
        again.sort_by(f64::total_cmp);
        let at = |place: usize| again.get(place).copied().unwrap_or_default();
        Self {
            value: statistic(values),
            low: at(REPETITIONS / 40),
            high: at(REPETITIONS - REPETITIONS / 40 - 1),
        }
    }

    pub(super) fn words(&self, digits: usize) -> String {
        let Self { value, low, high } = self;
        format!("{value:.digits$} ({low:.digits$} to {high:.digits$})")
    }

    pub(super) fn percent(&self) -> String {
        let [value, low, high] = [self.value, self.low, self.high].map(|it| it * 100.0);
        format!("{value:.0} % ({low:.0} to {high:.0})")
    }
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / number(values.len()).max(1.0)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
    let half = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(at(half.saturating_sub(1)), at(half))
    } else {
        at(half)
    }
}

/// What it costs to find a part of all intruders within 72 hours of their second step.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Cost {
    /// The part that was to be found.
    pub(super) recall: f64,
    /// Honest accounts brought up, a day and 1,000 accounts; `None` if no threshold finds so many.
    pub(super) a_day: Option<f64>,
}

/// For each recall the highest threshold that gives it, and how often honest accounts pass that.
pub(super) fn costs(trials: &[&Trial], way: Way) -> Vec<Cost> {
    let mut best: Vec<f64> = trials
        .iter()
        .map(|it| it.best.get(&way).copied().unwrap_or(super::scores::NOTHING))
        .collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let exposure: f64 = trials.iter().map(|it| it.days * it.users / 1_000.0).sum();
    RECALLS
        .iter()
        .map(|recall| {
            let wanted = (recall * number(best.len())).ceil();
            let threshold = best
                .iter()
                .enumerate()
                .find(|(at, _)| wanted <= number(*at) + 1.0)
                .map(|it| *it.1)
                .filter(|it| super::scores::NOTHING < *it);
            let passed = |threshold: f64| -> f64 {
                let rises = trials.iter().filter_map(|it| it.rises.get(&way)).flatten();
                number(
                    rises
                        .filter(|(before, after)| *before < threshold && threshold <= *after)
                        .count(),
                )
            };
            Cost {
                recall: *recall,
                a_day: threshold.map(|it| passed(it) / exposure.max(1e-9)),
            }
        })
        .collect()
}

/// How often what is stated comes true.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Bin {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) accounts: usize,
    pub(super) stated: f64,
    pub(super) true_part: f64,
}

/// The reliability table, the Brier score, and the expected calibration error over the bins.
pub(super) fn calibration(trials: &[&Trial]) -> (Vec<Bin>, f64, f64) {
    let all = || trials.iter().flat_map(|it| it.stated.iter().copied());
    let truth = |it: bool| if it { 1.0 } else { 0.0 };
    let count = number(all().count()).max(1.0);
    let brier = all().map(|(p, is)| (p - truth(is)).powi(2)).sum::<f64>() / count;
    let mut bins = Vec::new();
    let mut error = 0.0;
    for edges in EDGES.windows(2) {
        let [from, to] = [edges.first(), edges.last()].map(|it| it.copied().unwrap_or_default());
        let inside: Vec<(f64, bool)> = all().filter(|(p, _)| from <= *p && *p < to).collect();
        let stated = mean(&inside.iter().map(|it| it.0).collect::<Vec<_>>());
        let true_part = mean(&inside.iter().map(|it| truth(it.1)).collect::<Vec<_>>());
        error += number(inside.len()) / count * (stated - true_part).abs();
        bins.push(Bin {
            from,
            to,
            accounts: inside.len(),
            stated,
            true_part,
        });
    }
    (bins, brier, error)
}

const REPETITIONS: usize = 2_000;

pub(super) const RECALLS: [f64; 5] = [0.5, 0.8, 0.9, 0.945, 1.0];

const EDGES: [f64; 9] = [0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 0.8, 1.01];
