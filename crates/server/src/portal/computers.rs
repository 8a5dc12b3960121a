//! Computers, those seen last first; and one computer: who acted from it, what it took part in.

use super::activity::ActivityRow;
use super::address::Address;
use super::alert::controllers;
use super::chip::{Chip, Chips};
use super::frame::Frame;
use super::graph::graph;
use super::row::AlertRow;
use super::words::{self, Link, When};
use crate::api::entities::{COMPUTER_FILTERS, computer_filter};
use crate::api::query::Asked;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use realmward_export::words::number;
use realmward_store::{
    Activity, ActivityFilter, AlertFilter, AlertRecord, ComputerRecord, Page, Store, StoreError,
};
use std::collections::BTreeMap;
use std::net::IpAddr;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/computers", VIEWER, list),
        Route::get("/computers/{ip}", VIEWER, page),
    ]
}

#[derive(Template)]
#[template(path = "computers.html")]
struct Computers<'a> {
    frame: &'a Frame,
    chips: Vec<Chips>,
    text: String,
    hidden: Vec<(String, String)>,
    rows: Vec<ComputerRow>,
    newer: Option<String>,
    older: Option<String>,
    is_narrowed: bool,
}

struct ComputerRow {
    link: Link,
    address: String,
    is_domain_controller: bool,
    account: Link,
    first_seen: When,
    last_seen: When,
}

async fn list(
    State(state): State<AppState>,
    frame: Frame,
    address: Address,
    asked: Asked,
) -> Result<Response, Refusal> {
    asked.only(&[COMPUTER_FILTERS, &["before"]].concat())?;
    let filter = computer_filter(&asked)?;
    let place = asked.page_either_way()?;
    let found = state
        .ask(move |store| store.computers(&filter, &place))
        .await?;
    let chip = |value, text| Chip::new(&address, "is_domain_controller", value, text);
    let part = |name: &str, at| address.without("").with(name, at).to_string();
    frame.show(&Computers {
        chips: vec![Chips {
            name: "Kind",
            chips: vec![
                chip("", "All"),
                chip("true", "Domain controllers"),
                chip("false", "Others"),
            ],
        }],
        text: asked.text("text"),
        hidden: address.others("text"),
        newer: found.previous.map(|it| part("before", it)),
        older: found.next.map(|it| part("after", it)),
        is_narrowed: !address.others("").is_empty(),
        rows: found.items.iter().map(ComputerRow::new).collect(),
        frame: &frame,
    })
}

impl ComputerRow {
    fn new(it: &ComputerRecord) -> Self {
        Self {
            link: Link {
                text: name(it),
                href: words::computer_place(it.address),
            },
            address: it.address.to_string(),
            is_domain_controller: it.is_domain_controller,
            account: words::account(&it.last_account, &"".into()),
            first_seen: When::new(it.first_seen),
            last_seen: When::new(it.last_seen),
        }
    }
}

fn name(it: &ComputerRecord) -> String {
    match &it.name {
        Some(name) => name.to_string(),
        None => it.address.to_string(),
    }
}

#[derive(Template)]
#[template(path = "computer.html")]
struct ComputerPage<'a> {
    frame: &'a Frame,
    name: String,
    row: ComputerRow,
    alerts: Vec<AlertRow>,
    alerts_place: String,
    graph: String,
    accounts: Vec<(Link, String)>,
    others: Vec<Link>,
    rows: Vec<ActivityRow>,
    rows_place: String,
}

async fn page(
    State(state): State<AppState>,
    frame: Frame,
    Path(ip): Path<IpAddr>,
) -> Result<Response, Refusal> {
    let known = state.ask(move |store| Known::ask(store, ip)).await?;
    let known = known.ok_or(Refusal::Missing)?;
    let log = Address::of("/activities").with("ip", ip);
    frame.show(&ComputerPage {
        name: name(&known.computer),
        row: ComputerRow::new(&known.computer),
        alerts: known.alerts.iter().map(AlertRow::new).collect(),
        alerts_place: Address::of("/")
            .with("ip", ip)
            .with("status", "all")
            .to_string(),
        graph: graph(&known.alerts, &known.controllers),
        accounts: accounts(&known.activities, ip),
        others: known
            .of_same_name
            .iter()
            .filter(|it| it.address != ip)
            .map(|it| Link {
                text: it.address.to_string(),
                href: words::computer_place(it.address),
            })
            .collect(),
        rows: (known.activities.iter().take(ROWS))
            .map(|it| ActivityRow::new(it, &log))
            .collect(),
        rows_place: log.to_string(),
        frame: &frame,
    })
}

/// What the store knows of a computer.
struct Known {
    computer: ComputerRecord,
    of_same_name: Vec<ComputerRecord>,
    alerts: Vec<AlertRecord>,
    activities: Vec<Activity>,
    controllers: Vec<ComputerRecord>,
}

impl Known {
    fn ask(store: &Store, ip: IpAddr) -> Result<Option<Self>, StoreError> {
        let Some(computer) = store.computer(ip)? else {
            return Ok(None);
        };
        let alerts = AlertFilter {
            address: Some(ip),
            ..AlertFilter::default()
        };
        let activities = ActivityFilter {
            address: Some(ip),
            ..ActivityFilter::default()
        };
        Ok(Some(Self {
            of_same_name: match &computer.name {
                Some(name) => store.computers_named(name)?,
                None => Vec::new(),
            },
            alerts: store.alerts(&alerts, &Page::first(ROWS))?.items,
            activities: store
                .activities(&activities, &Page::first(ACTIVITIES_READ))?
                .items,
            controllers: controllers(store)?,
            computer,
        }))
    }
}

/// Who acted from the computer lately, the most frequent first, as they were written last.
fn accounts(activities: &[Activity], ip: IpAddr) -> Vec<(Link, String)> {
    let mut seen: BTreeMap<_, (u64, &Activity)> = BTreeMap::new();
    for it in activities {
        if it.source_ip == Some(ip) && !it.account.is_empty() {
            let key = (it.account.folded(), it.domain.folded());
            seen.entry(key).or_insert((0, it)).0 += 1;
        }
    }
    let mut seen: Vec<_> = seen.into_values().collect();
    seen.sort_by_key(|(times, _)| std::cmp::Reverse(*times));
    seen.into_iter()
        .take(ROWS)
        .map(|(times, it)| (words::account(&it.account, &it.domain), number(times)))
        .collect()
}

/// Rows of each list on a computer's page; the lists themselves have all.
const ROWS: usize = 20;

/// From so many of the latest activities the accounts are told.
const ACTIVITIES_READ: usize = 1000;
