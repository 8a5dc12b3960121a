//! What came of one intruder in one organisation.

use super::scores::{Place, Way, number};
use realmward_detect::Severity;
use realmward_testkit::organisation::{Kind, Step};
use std::collections::BTreeMap;
use std::time::Duration;

/// What came of one intruder in one organisation.
pub(super) struct Trial {
    pub(super) kind: Kind,
    /// At 1 h, 24 h and 72 h after the second step, by way.
    pub(super) places: BTreeMap<(usize, Way), Place>,
    /// The best score that an account of the intruder had until 72 h after the second step.
    pub(super) best: BTreeMap<Way, f64>,
    /// Scores of honest accounts that rose within a day: before and after.
    pub(super) rises: BTreeMap<Way, Vec<(f64, f64)>>,
    /// Honest accounts shown red at each midnight, and of these how many were not the day before.
    pub(super) red: Vec<(usize, usize)>,
    /// The same without the sources that operators exclude.
    pub(super) red_unexcluded: Vec<usize>,
    /// Stated probability and truth, of each account at each midnight.
    pub(super) stated: Vec<(f64, bool)>,
    /// Steps and whether an alert of a detector that looks for them was there, and after how long.
    pub(super) seen: Vec<(Step, Option<Duration>)>,
    /// Honest alerts by detector and severity, with and without the sources that operators exclude.
    pub(super) honest: BTreeMap<(String, Severity), (u64, u64)>,
    /// Days that were looked at.
    pub(super) days: f64,
    /// Accounts that exist.
    pub(super) users: f64,
    pub(super) events: u64,
    /// What was told of honest people, in words, where that was asked for.
    pub(super) told: Vec<String>,
}

impl Trial {
    /// Nothing yet.
    pub(super) fn new(kind: Kind, accounts: usize) -> Self {
        Self {
            kind,
            places: BTreeMap::new(),
            best: BTreeMap::new(),
            rises: BTreeMap::new(),
            red: Vec::new(),
            red_unexcluded: Vec::new(),
            stated: Vec::new(),
            seen: Vec::new(),
            honest: BTreeMap::new(),
            days: 0.0,
            users: number(accounts),
            events: 0,
            told: Vec::new(),
        }
    }
}
