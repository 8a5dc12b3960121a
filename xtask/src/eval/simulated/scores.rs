//! Ways to order users by how urgent a look at them is: ours, and the simple ones it has to beat.

use realmward_alert::Alert;
use realmward_detect::Severity;
use realmward_score::{Population, rank};
use realmward_vocab::{AccountName, EventTime};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A way to order users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Priority,
    Sum,
    Maximum,
    Count,
    Random,
}

impl Way {
    pub(super) const ALL: [Self; 5] = [
        Self::Priority,
        Self::Sum,
        Self::Maximum,
        Self::Count,
        Self::Random,
    ];

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Priority => "priority",
            Self::Sum => "severity sum, 7 days",
            Self::Maximum => "severity maximum, 7 days",
            Self::Count => "number of alerts, 7 days",
            Self::Random => "random",
        }
    }
}

/// Scores of the accounts with any, by folded name. Who is not in it has none.
pub(super) type Scores = BTreeMap<AccountName, f64>;

/// The scores of all ways, and the probabilities that ours states.
pub(super) struct Scored {
    pub(super) by: Vec<(Way, Scores)>,
    pub(super) probabilities: BTreeMap<AccountName, f64>,
}

/// Scores everybody in `alerts`.
pub(super) fn score(alerts: &[Alert], population: Population, now: EventTime) -> Scored {
    let users = rank(alerts, population, now);
    let mut probabilities = BTreeMap::new();
    let mut priority = Scores::new();
    for user in &users {
        let name = user.name.folded();
        let evidence = user.evidence.value();
        let best = priority.entry(name.clone()).or_insert(evidence);
        *best = best.max(evidence);
        probabilities.insert(name, user.evidence.probability());
    }
    let recent = |it: &&Alert| now.saturating_since(it.end) <= WEEK;
    let mut sum = Scores::new();
    let mut maximum = Scores::new();
    let mut count = Scores::new();
    for alert in alerts.iter().filter(recent) {
        let weight = weight(alert.severity);
        let names: BTreeSet<AccountName> = alert.actors().map(|it| it.name.folded()).collect();
        for name in names.into_iter().filter(|it| !it.is_empty()) {
            *sum.entry(name.clone()).or_insert(0.0) += weight;
            let most = maximum.entry(name.clone()).or_insert(weight);
            *most = most.max(weight);
            *count.entry(name).or_insert(0.0) += 1.0;
        }
    }
    Scored {
        by: vec![
            (Way::Priority, priority),
            (Way::Sum, sum),
            (Way::Maximum, maximum),
            (Way::Count, count),
            (Way::Random, Scores::new()),
        ],
        probabilities,
    }
}

/// Low, medium, high as one, three, nine: a rule of thumb of many consoles.
const fn weight(severity: Severity) -> f64 {
    match severity {
        Severity::Low => 1.0,
        Severity::Medium => 3.0,
        Severity::High => 9.0,
    }
}

/// The place of the best of `wanted`, ties broken by chance: its mean, and how likely it is among the
/// first one, five and ten.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) rank: f64,
    pub(super) within: [f64; 3],
    pub(super) score: f64,
}

pub(super) fn place(scores: &Scores, wanted: &BTreeSet<AccountName>, users: f64) -> Place {
    let best = wanted
        .iter()
        .filter_map(|it| scores.get(it))
        .fold(NOTHING, |a, b| a.max(*b));
    let others = || {
        scores
            .iter()
            .filter(|(name, _)| !wanted.contains(*name))
            .map(|it| *it.1)
    };
    let above = number(others().filter(|it| best < *it).count());
    let listed = number(others().filter(|it| best.total_cmp(it).is_eq()).count());
    let silent = wanted.iter().filter(|it| !scores.contains_key(*it)).count();
    let unlisted = (users - number(scores.len() + silent)).max(0.0);
    let equal = if best <= NOTHING { unlisted } else { listed };
    let within = TOPS.map(|top| {
        if top <= above {
            0.0
        } else {
            ((top - above) / (equal + 1.0)).min(1.0)
        }
    });
    Place {
        rank: 1.0 + above + equal / 2.0,
        within,
        score: best,
    }
}

pub(super) fn number(count: usize) -> f64 {
    crate::simulate::numbers::float(count as u64)
}

/// Below every score.
pub(super) const NOTHING: f64 = -1e9;

/// How far down the list somebody looks.
pub(super) const TOPS: [f64; 3] = [1.0, 5.0, 10.0];

const WEEK: Duration = Duration::from_secs(7 * 86_400);
