//! Filters of the timeline, each with the number of alerts that it would show.

use super::super::address::Address;
use super::super::chip::{Chip, Chips};
use super::super::frame::UNCLOSED;
use super::super::words;
use crate::api::view;
use crate::web::state::now;
use realmward_detect::Severity;
use realmward_event::operator::AlertStatus;
use realmward_store::{AlertCounts, AlertFilter, Store, StoreError};
use realmward_vocab::EventTime;

/// How many there are, and how many there would be with one filter less.
pub(super) struct Counts {
    pub(super) now: AlertCounts,
    of_any_status: AlertCounts,
    of_any_severity: AlertCounts,
    of_any_detector: AlertCounts,
}

impl Counts {
    pub(super) fn ask(store: &Store, filter: &AlertFilter) -> Result<Self, StoreError> {
        let without = |change: fn(&mut AlertFilter)| {
            let mut filter = filter.clone();
            change(&mut filter);
            store.alert_counts(&filter)
        };
        Ok(Self {
            now: without(|_| ())?,
            of_any_status: without(|it| it.statuses.clear())?,
            of_any_severity: without(|it| it.severity = None)?,
            of_any_detector: without(|it| it.detectors.clear())?,
        })
    }
}

/// All filters that are always there.
pub(super) fn chips(address: &Address, counts: &Counts) -> Vec<Chips> {
    let mut chips = vec![
        by_status(address, counts),
        by_severity(address, counts),
        by_time(address),
    ];
    if address.value("incident").is_empty() {
        chips.push(by_view(address));
    }
    chips
}

fn by_status(address: &Address, counts: &Counts) -> Chips {
    let counts = &counts.of_any_status;
    let of = |statuses: &[AlertStatus]| {
        let each = statuses.iter().map(|it| words::status_word(*it));
        each.filter_map(|it| counts.by_status.get(it)).sum()
    };
    let chip = |value, text, count| Chip::new(address, "status", value, text).counted(count);
    Chips {
        name: "Status",
        chips: vec![
            chip("", "Not closed", of(UNCLOSED)),
            chip("open", "Open", of(&[AlertStatus::Open])),
            chip("in_progress", "In progress", of(&[AlertStatus::InProgress])),
            chip("closed", "Closed", of(CLOSED)),
            chip("all", "All", counts.total),
        ],
    }
}

fn by_severity(address: &Address, counts: &Counts) -> Chips {
    let counts = &counts.of_any_severity;
    let least = |least| counts.by_severity.range(least..).map(|it| it.1).sum();
    let chip = |value, text, least_count: u64, class| {
        Chip::new(address, "severity", value, text)
            .counted(least_count)
            .class(class)
    };
    Chips {
        name: "Severity",
        chips: vec![
            chip("", "Any", counts.total, ""),
            chip(
                "medium",
                "◆ Medium and high",
                least(Severity::Medium),
                "medium",
            ),
            chip("high", "▲ High", least(Severity::High), "high"),
        ],
    }
}

/// Spans are written as a moment, so that an address says the same tomorrow.
fn by_time(address: &Address) -> Chips {
    let begin = |hours: i64| {
        let nanoseconds = now().unix_nanoseconds() - hours * HOUR;
        let whole = nanoseconds - nanoseconds.rem_euclid(HOUR / 60);
        view::time(EventTime::from_unix_nanoseconds(whole))
    };
    let mut chips = vec![Chip::new(address, "since", "", "Ever")];
    for (hours, text) in [
        (24, "Last day"),
        (24 * 7, "Last week"),
        (24 * 30, "Last 30 days"),
    ] {
        chips.push(Chip::new(address, "since", &begin(hours), text));
    }
    Chips {
        name: "Seen",
        chips,
    }
}

/// A filter for each detector that told something, the most frequent first.
pub(super) fn by_detector(address: &Address, counts: &Counts) -> Vec<Chip> {
    let mut all: Vec<_> = counts.of_any_detector.by_detector.iter().collect();
    all.sort_by_key(|(id, count)| (std::cmp::Reverse(**count), (*id).clone()));
    all.into_iter()
        .map(|(id, count)| Chip::new(address, "detector", id, &words::detector(id)).counted(*count))
        .collect()
}

fn by_view(address: &Address) -> Chips {
    let chip = |value, text| Chip::new(address, "view", value, text);
    Chips {
        name: "Shown as",
        chips: vec![chip("", "Incidents"), chip("alerts", "Single alerts")],
    }
}

/// What somebody has judged.
pub(super) const CLOSED: &[AlertStatus] = &[
    AlertStatus::TruePositive,
    AlertStatus::BenignPositive,
    AlertStatus::FalsePositive,
];

const HOUR: i64 = 3_600_000_000_000;
