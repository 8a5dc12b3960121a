//! How much is stored, how fast that grows, and when what bound is reached.

use crate::portal::words::When;
use realmward_export::words::{number, percent, size};
use realmward_store::Retention;
use realmward_vocab::EventTime;
use std::time::Duration;

/// What is known of the store.
pub(super) struct Known {
    pub(super) used: u64,
    /// Sizes of the last days, the first first.
    pub(super) notes: Vec<(EventTime, u64)>,
    /// Time of the oldest activity.
    pub(super) oldest: Option<EventTime>,
    pub(super) now: EventTime,
}

/// The same in words.
pub(super) struct Storage {
    pub(super) used: String,
    pub(super) bound: String,
    pub(super) share: String,
    pub(super) growth: String,
    /// Whether that is the growth of hours, and not judged by what is stored.
    pub(super) is_measured: bool,
    pub(super) forecast: String,
    pub(super) is_tight: bool,
    pub(super) oldest: Option<When>,
    /// What is kept for how long.
    pub(super) kept: Vec<(&'static str, String)>,
}

pub(super) fn storage(known: &Known, retention: &Retention) -> Storage {
    let growth = growth(known);
    let days = growth.and_then(|(a_day, _)| days_left(known.used, retention.octets_max, a_day));
    let is_full = retention.octets_max <= known.used;
    let activities = retention.activities.as_secs() / DAY;
    Storage {
        used: size(known.used),
        bound: size(retention.octets_max),
        share: percent(share(known.used, retention.octets_max)),
        growth: growth.map_or_else(
            || "not known yet".to_owned(),
            |(a_day, _)| format!("{} a day", size(a_day)),
        ),
        is_measured: growth.is_some_and(|(_, is_measured)| is_measured),
        forecast: match days {
            _ if is_full => {
                "The bound is reached: the oldest activities and packets go before their time. Give \
                 more room with --size-max, or keep less."
                    .to_owned()
            }
            None => "At this rate the bound is not reached.".to_owned(),
            Some(days) if activities < days => format!(
                "At this rate the bound would be reached in {} days; activities are kept \
                 {activities} days, so it levels off before that.",
                number(days)
            ),
            Some(days) => format!(
                "At this rate the bound is reached in {days} days; then the oldest activities and \
                 packets go before their time ({activities} days). Give more room with --size-max, or \
                 keep less."
            ),
        },
        is_tight: is_full || days.is_some_and(|it| it < activities.min(TIGHT_DAYS)),
        oldest: known.oldest.map(When::new),
        kept: kept(retention),
    }
}

/// Octets a day, and whether that was measured.
fn growth(known: &Known) -> Option<(u64, bool)> {
    let first = known.notes.first();
    if let Some((begin, octets)) = first {
        let span = known.now.saturating_since(*begin);
        if MEASURED_MIN <= span {
            return Some((a_day(known.used.saturating_sub(*octets), span), true));
        }
    }
    let span = known.now.saturating_since(known.oldest?);
    (MEASURED_MIN <= span).then(|| (a_day(known.used, span), false))
}

fn a_day(octets: u64, span: Duration) -> u64 {
    let a_day = u128::from(octets) * u128::from(DAY) / u128::from(span.as_secs().max(1));
    u64::try_from(a_day).unwrap_or(u64::MAX)
}

fn days_left(used: u64, bound: u64, a_day: u64) -> Option<u64> {
    bound.saturating_sub(used).checked_div(a_day)
}

#[expect(clippy::cast_precision_loss, reason = "a share for eyes")]
fn share(part: u64, all: u64) -> f64 {
    part as f64 / all.max(1) as f64
}

fn kept(it: &Retention) -> Vec<(&'static str, String)> {
    [
        ("Activities", it.activities),
        ("Packets that no alert holds", it.evidence),
        ("Closed alerts, with their packets", it.alerts),
        ("Reports of sensors", it.reports),
        ("Users and computers, since last seen", it.unseen),
    ]
    .map(|(what, age)| (what, format!("{} days", age.as_secs() / DAY)))
    .into()
}

const DAY: u64 = 86_400;

/// Less says nothing about a day.
const MEASURED_MIN: Duration = Duration::from_secs(6 * 3600);

/// Time enough to find another disk.
const TIGHT_DAYS: u64 = 14;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(used: u64, notes: &[(i64, u64)], oldest_hours: i64) -> Storage {
        let now = EventTime::from_unix_seconds(1_000_000);
        let ago = |hours: i64| EventTime::from_unix_seconds(1_000_000 - 3600 * hours);
        let known = Known {
            used,
            notes: notes
                .iter()
                .map(|(hours, octets)| (ago(*hours), *octets))
                .collect(),
            oldest: Some(ago(oldest_hours)),
            now,
        };
        let retention = Retention {
            octets_max: 10_000_000_000,
            ..Retention::default()
        };
        storage(&known, &retention)
    }

    #[test]
    fn a_forecast_is_measured_or_judged_or_not_made() {
        let measured = told(
            2_000_000_000,
            &[(24, 1_000_000_000), (1, 1_900_000_000)],
            48,
        );
        assert_eq!(measured.growth, "1.0 GB a day");
        assert!(
            measured.forecast.contains("in 8 days"),
            "{}",
            measured.forecast
        );
        assert!(measured.is_tight);
        let judged = told(100_000_000, &[(1, 90_000_000)], 24);
        assert_eq!(judged.growth, "100.0 MB a day");
        assert!(measured.is_measured && !judged.is_measured);
        assert!(
            judged.forecast.contains("levels off"),
            "{}",
            judged.forecast
        );
        assert!(!judged.is_tight);
        assert!(told(1, &[], 1).growth == "not known yet");
        assert!(
            told(10_000_000_000, &[], 1)
                .forecast
                .starts_with("The bound is reached")
        );
    }
}
