//! What is not shown, who answers for it, and what a new exclusion would hide before it does.

use crate::analyze;
use crate::api::settings::{self, NewExclusion};
use crate::portal::frame::{Frame, done};
use crate::portal::row::AlertRow;
use crate::portal::words::When;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ANALYST, Route, VIEWER};
use crate::web::state::{AppState, now};
use askama::Template;
use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use realmward_alert::Exclusion;
use realmward_export::words::number;
use realmward_store::{AlertFilter, ExclusionRecord, Page, Store, StoreError};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/settings/exclusions", VIEWER, page),
        Route::post("/settings/exclusions", ANALYST, add),
        Route::post("/settings/exclusions/{id}/remove", ANALYST, remove),
    ]
}

#[derive(Template)]
#[template(path = "exclusions.html")]
struct Exclusions<'a> {
    frame: &'a Frame,
    rows: Vec<Row>,
    rule: String,
    /// Why the rule is none; empty if it is one.
    fault: String,
    /// What the rule would have hidden; `None` if there is no rule.
    preview: Option<Vec<AlertRow>>,
    looked_at: String,
}

struct Row {
    id: u64,
    rule: String,
    owner: String,
    reason: String,
    added: When,
    added_by: String,
    expires: Option<When>,
    state: &'static str,
    hits: String,
    hits_number: u64,
}

#[derive(Deserialize)]
struct Asked {
    rule: Option<String>,
}

async fn page(
    State(state): State<AppState>,
    frame: Frame,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let rule = asked.rule.unwrap_or_default().trim().to_owned();
    let parsed = (!rule.is_empty()).then(|| analyze::exclusion(&rule));
    let fault = match &parsed {
        Some(Err(error)) => error.to_string(),
        _ => String::new(),
    };
    let wanted = parsed.and_then(Result::ok);
    let (records, preview, looked_at) = state
        .ask(move |store| {
            let (preview, looked_at) = match &wanted {
                Some(exclusion) => hidden(store, exclusion).map(|(rows, all)| (Some(rows), all))?,
                None => (None, 0),
            };
            Ok::<_, StoreError>((store.exclusions()?, preview, looked_at))
        })
        .await?;
    frame.show(&Exclusions {
        rows: records.iter().map(row).collect(),
        looked_at: number(looked_at),
        frame: &frame,
        preview,
        fault,
        rule,
    })
}

/// The alerts that an exclusion would have hidden, and how many were looked at.
fn hidden(store: &Store, exclusion: &Exclusion) -> Result<(Vec<AlertRow>, u64), StoreError> {
    let latest = store.alerts(&AlertFilter::default(), &Page::first(LOOKED_AT_MAX))?;
    let hidden = latest
        .items
        .iter()
        .filter(|it| exclusion.would_hide(&it.alert));
    Ok((
        hidden.map(AlertRow::new).collect(),
        latest.items.len() as u64,
    ))
}

#[derive(Deserialize)]
struct Sent {
    rule: String,
    owner: String,
    reason: String,
    expires: String,
}

async fn add(
    State(state): State<AppState>,
    person: Person,
    Form(sent): Form<Sent>,
) -> Result<Response, Refusal> {
    let exclusion = NewExclusion {
        rule: sent.rule.trim().to_owned(),
        owner: sent.owner,
        reason: sent.reason,
        expires: (!sent.expires.is_empty()).then(|| format!("{}T00:00:00Z", sent.expires)),
    };
    settings::exclude(State(state), person, Json(exclusion)).await?;
    Ok(done("/settings/exclusions", "excluded"))
}

async fn remove(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    settings::include(State(state), person, Path(id)).await?;
    Ok(done("/settings/exclusions", "included"))
}

fn row(it: &ExclusionRecord) -> Row {
    let is_over = it.expires.is_some_and(|expires| expires <= now());
    Row {
        id: it.id,
        rule: it.rule.clone(),
        owner: it.owner.clone(),
        reason: it.reason.clone(),
        added: When::new(it.added_at),
        added_by: it.added_by.clone(),
        expires: it.expires.map(When::new),
        state: match (&it.removed, is_over) {
            (Some(_), _) => "removed",
            (None, true) => "expired",
            (None, false) => "holds",
        },
        hits: number(it.hits),
        hits_number: it.hits,
    }
}

/// Of older alerts a preview says nothing.
const LOOKED_AT_MAX: usize = 1000;
