//! When what an account does every week is an honest reason, said once for all who ask.
//!
//! A habit is learned for an account, an address and a kind of host (`realmward_profile::Habit`).
//! It makes a finding quiet, never silent: who steals the account and works from its own desk at
//! what it always does looks like its owner. It does not cover more hosts than the account reaches.

use crate::{Finding, Kind, Severity};
use realmward_profile::{Habit, Sighting};
use std::time::Duration;

/// Whether the act in a sighting is a habit of its account.
pub(crate) fn is_usual(sighting: &Sighting) -> bool {
    sighting
        .habit
        .as_ref()
        .is_some_and(|it| DAYS_MIN <= it.days && !is_wide(it))
}

impl Finding {
    /// Says how far the habit of the account is learned, and is quiet if it `is_usual`.
    pub(crate) fn because_of_habit(&mut self, sighting: &Sighting, is_usual: bool) {
        let Some(habit) = &sighting.habit else {
            return;
        };
        if is_usual {
            self.severity = Severity::Low;
            self.confidence = USUAL;
            self.kind = Kind::Weak;
        }
        self.because(
            "habit of the account, from here and on such hosts",
            words(sighting, habit),
            format!("done on {DAYS_MIN} or more of the past 30 days, on no fewer hosts"),
        );
    }
}

fn words(sighting: &Sighting, habit: &Habit) -> String {
    let now = sighting.event.time;
    let watched = days(now.saturating_since(habit.watched_since));
    let Some(first) = habit.first else {
        return format!("none learned, watched for {watched}");
    };
    let learned = format!(
        "done on {} before, first {} ago, on up to {}; watched for {watched}",
        plural(u64::from(habit.days), "day"),
        days(now.saturating_since(first)),
        plural(u64::from(habit.hosts_usual), "host"),
    );
    if is_wide(habit) {
        format!("{learned}; today on {} hosts", habit.hosts_today)
    } else {
        learned
    }
}

/// Whether it reaches more hosts today than a habit covers.
const fn is_wide(habit: &Habit) -> bool {
    habit.hosts_usual.saturating_mul(2).saturating_add(SPARE) < habit.hosts_today
}

fn days(span: Duration) -> String {
    match span.as_secs() / 86_400 {
        0 => "less than a day".to_owned(),
        days => plural(days, "day"),
    }
}

fn plural(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// On the third day after it began, somebody has looked at what was told twice before.
const DAYS_MIN: u32 = 3;

/// Twice the busiest day and two more: work is not the same every day, a sweep is another thing.
const SPARE: u32 = 2;

/// One in three: as often as an account that administers is stolen rather than its password reset.
const USUAL: f64 = 0.3;
