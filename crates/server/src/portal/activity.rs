//! The log of what happened: filters from any cell, parts by key, export of exactly what is shown.

use super::address::Address;
use super::chip::{self, Chip, Chips};
use super::frame::Frame;
use super::views::Views;
use super::watch::Watch;
use super::words::{self, Link, When};
use crate::api::activities;
use crate::api::query::Asked;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use realmward_export::activity::{title, titles};
use realmward_export::words::number;
use realmward_store::{Activity, Store};
use realmward_vocab::HostName;
use std::net::IpAddr;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/activities", VIEWER, list),
        Route::get("/activities/{id}", VIEWER, page),
    ]
}

/// Something that happened, as a row.
pub(super) struct ActivityRow {
    pub(super) id: u64,
    pub(super) when: When,
    pub(super) title: &'static str,
    pub(super) detail: String,
    pub(super) outcome: &'static str,
    pub(super) outcome_class: &'static str,
    pub(super) who: Cell,
    pub(super) source: Cell,
    pub(super) target: Cell,
    pub(super) by_kind: Narrow,
    pub(super) by_outcome: Narrow,
}

/// A name with its page, and filters by it.
#[derive(Default)]
pub(super) struct Cell {
    pub(super) link: Link,
    pub(super) narrow: Narrow,
}

/// Filters from a cell; both are empty if the list is narrowed to it already, or nothing is there.
#[derive(Default)]
pub(super) struct Narrow {
    /// Only what has this.
    pub(super) only: String,
    /// All but what has this.
    pub(super) without: String,
}

impl Narrow {
    fn new(address: &Address, name: &str, value: &str) -> Self {
        if value.is_empty() || address.value(name) == value {
            return Self::default();
        }
        // Several values are written with commas between them, so one with a comma is not among them.
        let without = match value.contains(',') {
            true => String::new(),
            false => address.and(&format!("not_{name}"), value).to_string(),
        };
        Self {
            only: address.with(name, value).to_string(),
            without,
        }
    }
}

impl ActivityRow {
    pub(super) fn new(it: &Activity, address: &Address) -> Self {
        let device = |name: &str, ip: Option<IpAddr>, host: &Option<HostName>| Cell {
            narrow: ip.map_or_else(Narrow::default, |ip| {
                Narrow::new(address, name, &ip.to_canonical().to_string())
            }),
            link: device(ip, host.as_ref()),
        };
        let outcome = words::outcome_word(it.outcome);
        Self {
            id: it.id,
            when: When::new(it.time),
            title: title(&it.kind),
            detail: it.detail.clone(),
            outcome: words::outcome(it.outcome),
            outcome_class: outcome,
            who: Cell {
                narrow: Narrow::new(address, "account", it.account.as_str()),
                link: words::account(&it.account, &it.domain),
            },
            source: device("source_ip", it.source_ip, &it.source_name),
            target: device("target_ip", it.target_ip, &it.target_name),
            by_kind: Narrow::new(address, "kind", &it.kind),
            by_outcome: Narrow::new(address, "outcome", outcome),
        }
    }
}

fn device(ip: Option<IpAddr>, name: Option<&HostName>) -> Link {
    let Some(ip) = ip else {
        return Link::default();
    };
    Link {
        text: match name {
            Some(name) => format!("{name} ({ip})"),
            None => ip.to_string(),
        },
        href: words::computer_place(ip),
    }
}

#[derive(Template)]
#[template(path = "activities.html")]
struct Activities<'a> {
    frame: &'a Frame,
    address: &'a Address,
    outcomes: Chips,
    others: Vec<Chip>,
    kinds: &'static [(&'static str, &'static str)],
    hidden: Vec<(String, String)>,
    rows: Vec<ActivityRow>,
    newer: Option<String>,
    older: Option<String>,
    exports: [Link; 2],
    watch: Option<Watch>,
    views: Views,
    is_narrowed: bool,
    /// How many rows were looked at, if that ended the page.
    looked_at: Option<String>,
}

async fn list(
    State(state): State<AppState>,
    frame: Frame,
    address: Address,
    asked: Asked,
) -> Result<Response, Refusal> {
    asked.only(&[activities::FILTERS, &["before"]].concat())?;
    let filter = activities::filter(&asked)?;
    let place = asked.page_either_way()?;
    let found = state
        .ask(move |store| store.activities(&filter, &place))
        .await?;
    let is_narrowed = !address.others("limit").is_empty();
    let is_cut = found.items.len() < place.limit && found.next.is_some() && place.before.is_none();
    let watch = match found.items.is_empty() && !is_narrowed {
        true => Some(Watch::new(&state).await?),
        false => None,
    };
    let chip = |value, text| Chip::new(&address, "outcome", value, text);
    let export = |format: &str, text: &str| Link {
        text: text.to_owned(),
        href: address
            .without("limit")
            .at("/api/v1/activities/export")
            .with("format", format)
            .to_string(),
    };
    frame.show(&Activities {
        outcomes: Chips {
            name: "Outcome",
            chips: vec![
                chip("", "Any"),
                chip("success", "Succeeded"),
                chip("failure", "Refused"),
                chip("attempt", "Tried"),
            ],
        },
        others: chip::others(&address, OTHERS, said),
        kinds: titles(),
        hidden: FORM_KEEPS
            .iter()
            .map(|it| ((*it).to_owned(), address.value(it).to_owned()))
            .filter(|it| !it.1.is_empty())
            .collect(),
        rows: found
            .items
            .iter()
            .map(|it| ActivityRow::new(it, &address))
            .collect(),
        newer: found
            .previous
            .map(|it| address.without("").with("before", it).to_string()),
        older: found
            .next
            .map(|it| address.without("").with("after", it).to_string()),
        exports: [export("csv", "CSV"), export("jsonl", "JSON lines")],
        frame: &frame,
        address: &address,
        looked_at: is_cut.then(|| number(Store::LOOKED_AT.into())),
        views: Views::of(&state, &frame.person, &address).await?,
        is_narrowed,
        watch,
    })
}

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage<'a> {
    frame: &'a Frame,
    row: ActivityRow,
    fact: String,
}

async fn page(
    State(state): State<AppState>,
    frame: Frame,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    let found = state.ask(move |store| store.activity(id)).await?;
    let found = found.ok_or(Refusal::Missing)?;
    frame.show(&ActivityPage {
        row: ActivityRow::new(&found, &Address::of("/activities")),
        fact: serde_json::to_string_pretty(&found.event).unwrap_or_default(),
        frame: &frame,
    })
}

/// Kinds and outcomes as the rows call them.
fn said(name: &str, value: &str) -> String {
    match name {
        "not_kind" => title(value).to_owned(),
        "not_outcome" => {
            let outcome = serde_json::from_value(value.into()).unwrap_or_default();
            words::outcome(outcome).to_owned()
        }
        _ => chip::plain(name, value),
    }
}

/// Filters that the form shows in fields of its own are not among them.
const OTHERS: &[(&str, &str)] = &[
    ("domain", "Domain"),
    ("source_ip", "From"),
    ("target_ip", "To"),
    ("ip", "From or to"),
    ("not_account", "Not by"),
    ("not_kind", "Without"),
    ("not_source_ip", "Not from"),
    ("not_target_ip", "Not to"),
    ("not_outcome", "Outcome is not"),
];

const FORM_KEEPS: &[&str] = &[
    "outcome",
    "domain",
    "source_ip",
    "target_ip",
    "ip",
    "not_account",
    "not_kind",
    "not_source_ip",
    "not_target_ip",
    "not_outcome",
    "limit",
];
