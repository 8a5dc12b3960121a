//! The attack timeline, where everybody arrives: alerts by day, the latest first.

mod chips;

use super::address::Address;
use super::alert::controllers;
use super::chip::{self, Chip, Chips};
use super::frame::{Frame, UNCLOSED};
use super::graph::graph;
use super::incident::{IncidentRow, rule};
use super::views::Views;
use super::watch::Watch;
use crate::api::alerts::{FILTERS, filter_of};
use crate::api::query::Asked;
use crate::api::view;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::{AppState, now};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chips::{CLOSED, Counts, by_detector, chips};
use realmward_export::words::count;
use realmward_store::{
    AlertFilter, AlertRecord, ComputerRecord, Cursor, Incident, Page, Store, StoreError,
};

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
    rule: Option<String>,
    incident: Option<String>,
    graph: String,
    total: String,
    newer: Option<String>,
    older: Option<String>,
    live: String,
    here: String,
    is_narrowed: bool,
    views: Views,
    watch: Option<Watch>,
}

/// What was last seen on one day.
struct Day {
    name: String,
    entries: Vec<IncidentRow>,
}

async fn page(
    State(state): State<AppState>,
    frame: Frame,
    address: Address,
    asked: Asked,
) -> Result<Response, Refusal> {
    let known = [FILTERS, &["before", "view"]].concat();
    asked.only(&known)?;
    let filter = filter(&address, &asked)?;
    let place = Page {
        limit: ROWS,
        ..asked.page_either_way()?
    };
    let is_grouped = filter.incident.is_none() && address.value("view").is_empty();
    let made = now();
    let found = state
        .ask(move |store| Found::ask(store, &filter, &place, is_grouped))
        .await?;
    let entries = found.entries(&address);
    let counts = &found.counts;
    let watch = match entries.is_empty() {
        true => Some(Watch::new(&state).await?),
        false => None,
    };
    let views = Views::of(&state, &frame.person, &address).await?;
    let is_narrowed = known.iter().any(|it| !address.value(it).is_empty());
    frame.show(&Timeline {
        chips: chips(&address, counts),
        others: chip::others(&address, OTHERS, chip::plain),
        detectors: by_detector(&address, counts),
        has_detector: !address.value("detector").is_empty(),
        text: asked.text("text"),
        hidden: address.others("text"),
        rule: entries.iter().any(IncidentRow::is_story).then(rule),
        incident: asked.name::<String>("incident"),
        graph: found.graph(),
        days: days(entries),
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
        views,
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

/// What the store knows of what is asked for.
struct Found {
    incidents: Vec<Incident>,
    alerts: Vec<AlertRecord>,
    /// For the graph of one incident; of everything it would be a hairball.
    controllers: Option<Vec<ComputerRecord>>,
    next: Option<Cursor>,
    previous: Option<Cursor>,
    counts: Counts,
}

impl Found {
    fn ask(
        store: &Store,
        filter: &AlertFilter,
        place: &Page,
        is_grouped: bool,
    ) -> Result<Self, StoreError> {
        let mut found = Self {
            counts: Counts::ask(store, filter)?,
            incidents: Vec::new(),
            alerts: Vec::new(),
            controllers: None,
            next: None,
            previous: None,
        };
        if is_grouped {
            let part = store.incidents(filter, place)?;
            (found.next, found.previous) = (part.next, part.previous);
            found.incidents = part.items;
        } else {
            let part = store.alerts(filter, place)?;
            (found.next, found.previous) = (part.next, part.previous);
            found.alerts = part.items;
        }
        if filter.incident.is_some() {
            found.controllers = Some(controllers(store)?);
        }
        Ok(found)
    }

    fn entries(&self, address: &Address) -> Vec<IncidentRow> {
        let shown: usize = self.incidents.iter().map(|it| it.alerts.len()).sum();
        let stories = self.incidents.iter().map(|it| IncidentRow {
            is_open: shown <= OPEN_MAX,
            ..IncidentRow::new(it, address)
        });
        stories
            .chain(self.alerts.iter().map(IncidentRow::single))
            .collect()
    }

    fn graph(&self) -> String {
        let controllers = self.controllers.as_deref();
        controllers.map_or_else(String::new, |it| graph(&self.alerts, it))
    }
}

fn days(entries: Vec<IncidentRow>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        match days.last_mut() {
            Some(day) if day.name == entry.day => day.entries.push(entry),
            _ => days.push(Day {
                name: entry.day.clone(),
                entries: vec![entry],
            }),
        }
    }
    days
}

impl Day {
    fn count(&self) -> String {
        count(self.entries.iter().map(|it| it.fitting).sum(), "alert")
    }
}

/// Filters that other pages set, and their words.
const OTHERS: &[(&str, &str)] = &[
    ("account", "Account"),
    ("domain", "Domain"),
    ("ip", "Address"),
    ("host", "Computer"),
    ("incident", "Incident"),
    ("since", "Since"),
    ("until", "Until"),
];

/// Entries on one page.
const ROWS: usize = 50;

/// If there are no more alerts than this on a page, incidents are open from the start.
const OPEN_MAX: usize = 12;
