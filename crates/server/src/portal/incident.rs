//! Alerts that tell one story, as one entry of the timeline that opens to them.

use super::address::Address;
use super::row::{AlertRow, few};
use super::words::{self, Link, When};
use realmward_export::words as shared;
use realmward_store::{AlertRecord, Incident};
use std::collections::BTreeSet;

/// An entry of the timeline: a story of several alerts, or one alert alone.
pub(super) struct IncidentRow {
    pub(super) id: u64,
    pub(super) severity: &'static str,
    pub(super) symbol: &'static str,
    pub(super) from: When,
    pub(super) to: When,
    pub(super) day: String,
    /// Its own list, with the filters of this one.
    pub(super) place: String,
    /// How many alerts, in words.
    pub(super) alerts: String,
    pub(super) fitting: u64,
    /// What was observed, in the order in which it began.
    pub(super) steps: Vec<String>,
    pub(super) actors: Vec<Link>,
    pub(super) sources: Vec<Link>,
    pub(super) rows: Vec<AlertRow>,
    /// Alerts that are not among the rows: more than fit here, and those that the filters hide.
    pub(super) more: u64,
    pub(super) hidden: u64,
    /// Whether its alerts are of several days.
    pub(super) is_long: bool,
    pub(super) is_open: bool,
}

impl IncidentRow {
    pub(super) fn new(it: &Incident, address: &Address) -> Self {
        let mut row = Self::of(it.id, &it.alerts);
        row.severity = it.severity.word();
        row.symbol = shared::symbol(it.severity);
        row.steps = it.steps.iter().map(|it| it.replace('_', " ")).collect();
        row.from = When::new(it.start);
        row.to = When::new(it.end);
        row.day = words::day(it.end);
        row.is_long = words::day(it.start) != row.day;
        row.place = address.with("incident", it.id).to_string();
        row.alerts = shared::count(it.fitting, "alert");
        row.fitting = it.fitting;
        row.more = it.fitting.saturating_sub(it.alerts.len() as u64);
        row.hidden = it.total.saturating_sub(it.fitting);
        row
    }

    /// An alert that is listed by itself.
    pub(super) fn single(record: &AlertRecord) -> Self {
        let mut row = Self::of(record.alert.id.0, std::slice::from_ref(record));
        row.day = words::day(record.alert.end);
        row.fitting = 1;
        row
    }

    fn of(id: u64, alerts: &[AlertRecord]) -> Self {
        let actors = alerts.iter().flat_map(|it| it.alert.actors());
        let sources = alerts.iter().flat_map(|it| it.alert.sources());
        Self {
            id,
            severity: "",
            symbol: "",
            from: When::default(),
            to: When::default(),
            day: String::new(),
            place: String::new(),
            alerts: String::new(),
            fitting: 0,
            steps: Vec::new(),
            actors: few(each(actors.map(|it| words::account(&it.name, &it.domain)))),
            sources: few(each(sources.map(words::device))),
            rows: alerts.iter().map(AlertRow::new).collect(),
            more: 0,
            hidden: 0,
            is_long: false,
            is_open: false,
        }
    }

    /// Whether it is a story rather than one alert.
    pub(super) const fn is_story(&self) -> bool {
        1 < self.fitting
    }
}

/// Each link once, as it first came.
fn each(all: impl Iterator<Item = Link>) -> impl Iterator<Item = Link> {
    let mut seen = BTreeSet::new();
    all.filter(move |it| seen.insert(it.href.clone()))
}

/// The rule of grouping, for people; the store keeps it.
pub(super) fn rule() -> String {
    format!(
        "Alerts are one incident if the same account acted in them, if they came from the same \
         device, or if one came from a device that another acted upon (domain controllers aside), \
         with not more than {} hours between them.",
        Incident::WINDOW.as_secs() / 3_600
    )
}
