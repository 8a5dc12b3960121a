//! The attack timeline, where everybody arrives: alerts by day, the latest first.

use super::address::Address;
use super::chip::{self, Chip, Chips};
use super::frame::{Frame, UNCLOSED};
use super::row::AlertRow;
use super::watch::Watch;
use super::words;
use crate::api::alerts::{FILTERS, filter_of};
use crate::api::query::Asked;
use crate::api::view;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::{AppState, now};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use realmward_detect::Severity;
use realmward_event::operator::AlertStatus;
use realmward_export::words::{count, number};
use realmward_store::{AlertCounts, AlertFilter, Listing, Page, StoreError};
use realmward_vocab::EventTime;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/", VIEWER, page)]
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct Timeline<'a> {
    frame: &'a Frame,
    chips: Vec<Chips>,
    others: Vec<Chip>,
    detectors: Vec<Chip>,
    has_detector: bool,
    text: String,
    hidden: Vec<(String, String)>,
    days: Vec<Day>,
    total: String,
    newer: Option<String>,
    older: Option<String>,
    live: String,
    here: String,
    is_narrowed: bool,
    watch: Option<Watch>,
}

/// Alerts of one day.
struct Day {
    name: String,
    rows: Vec<AlertRow>,
}

async fn page(
    State(state): State<AppState>,
    frame: Frame,
    address: Address,
    asked: Asked,
) -> Result<Response, Refusal> {
    let known = [FILTERS, &["before"]].concat();
    asked.only(&known)?;
    let filter = filter(&address, &asked)?;
    let place = Page {
        limit: ROWS,
        ..asked.page_either_way()?
    };
    let made = now();
    let (found, counts) = state
        .ask(move |store| {
            let found = store.alerts(&filter, &place)?;
            Ok::<_, StoreError>((found, Counts::ask(store, &filter)?))
        })
        .await?;
    let watch = match found.items.is_empty() {
        true => Some(Watch::new(&state).await?),
        false => None,
    };
    let is_narrowed = known.iter().any(|it| !address.value(it).is_empty());
    frame.show(&Timeline {
        chips: vec![
            by_status(&address, &counts),
            by_severity(&address, &counts),
            by_time(&address),
        ],
        others: chip::others(&address, OTHERS, chip::plain),
        detectors: by_detector(&address, &counts),
        has_detector: !address.value("detector").is_empty(),
        text: asked.text("text"),
        hidden: address.others("text"),
        days: days(&found),
        total: count(counts.now.total, "alert"),
        newer: found
            .previous
            .map(|it| address.without("").with("before", it).to_string()),
        older: found
            .next
            .map(|it| address.without("").with("after", it).to_string()),
        live: address
            .at("/live")
            .with("changed_after", view::time(made))
            .to_string(),
        here: address.to_string(),
        is_narrowed,
        frame: &frame,
        watch,
    })
}

/// Which alerts are asked for. Without a word about the status: those that nobody has closed.
pub(super) fn filter(address: &Address, asked: &Asked) -> Result<AlertFilter, Refusal> {
    let statuses = match address.value("status") {
        "" => UNCLOSED.to_vec(),
        "all" => Vec::new(),
        "closed" => CLOSED.to_vec(),
        _ => asked.words("status")?,
    };
    filter_of(asked, statuses)
}

/// How many there are, and how many there would be with one filter less.
struct Counts {
    now: AlertCounts,
    of_any_status: AlertCounts,
    of_any_severity: AlertCounts,
    of_any_detector: AlertCounts,
}

impl Counts {
    fn ask(store: &realmward_store::Store, filter: &AlertFilter) -> Result<Self, StoreError> {
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

fn by_detector(address: &Address, counts: &Counts) -> Vec<Chip> {
    let mut all: Vec<_> = counts.of_any_detector.by_detector.iter().collect();
    all.sort_by_key(|(id, count)| (std::cmp::Reverse(**count), (*id).clone()));
    all.into_iter()
        .map(|(id, count)| Chip::new(address, "detector", id, &words::detector(id)).counted(*count))
        .collect()
}

fn days(found: &Listing<realmward_store::AlertRecord>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for row in found.items.iter().map(AlertRow::new) {
        match days.last_mut() {
            Some(day) if day.name == row.day => day.rows.push(row),
            _ => days.push(Day {
                name: row.day.clone(),
                rows: vec![row],
            }),
        }
    }
    days
}

impl Day {
    fn count(&self) -> String {
        number(self.rows.len() as u64)
    }
}

const CLOSED: &[AlertStatus] = &[
    AlertStatus::TruePositive,
    AlertStatus::BenignPositive,
    AlertStatus::FalsePositive,
];

/// Filters that other pages set, and their words.
const OTHERS: &[(&str, &str)] = &[
    ("account", "Account"),
    ("domain", "Domain"),
    ("ip", "Address"),
    ("host", "Computer"),
    ("since", "Since"),
    ("until", "Until"),
];

/// Alerts on one page.
const ROWS: usize = 50;

const HOUR: i64 = 3_600_000_000_000;
