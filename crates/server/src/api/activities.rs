//! The log of what happened: in pages, and whole as JSON lines or CSV.
//!
//! An export has no cap. It is read page by page while it is sent, so it costs no memory, and who
//! stops reading stops it.

use super::query::Asked;
use super::view;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ANALYST, Route, VIEWER};
use crate::web::state::AppState;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use realmward_event::Outcome;
use realmward_store::{Activity, ActivityFilter, Page};
use serde::Serialize;
use std::io;
use utoipa::ToSchema;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/activities", VIEWER, list),
        Route::get("/api/v1/activities/export", ANALYST, export),
    ]
}

/// A page of activities.
#[derive(Serialize, ToSchema)]
pub(crate) struct Activities {
    /// The latest first.
    activities: Vec<ActivityView>,
    /// As `after`, asks for the next page; null on the last. A page may have fewer than asked for, or
    /// none, and yet a next: rare combinations are looked for a part of the log at a time.
    next: Option<String>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityView {
    /// Its number.
    id: u64,
    /// When.
    time: String,
    /// What kind of fact.
    kind: String,
    /// Who acted; empty if not known.
    account: String,
    /// Domain of the account; empty if not known.
    domain: String,
    /// From which address.
    source_ip: Option<String>,
    /// From which computer.
    source_name: Option<String>,
    /// At which address.
    target_ip: Option<String>,
    /// At which computer.
    target_name: Option<String>,
    /// `success`, `failure`, `attempt` or `unknown`.
    #[schema(value_type = String)]
    outcome: Outcome,
    /// One plain sentence.
    detail: String,
}

/// List activities, the latest first.
#[utoipa::path(get, path = "/api/v1/activities", tag = "activities",
    params(("account" = Option<String>, Query), ("domain" = Option<String>, Query),
        ("kind" = Option<String>, Query, description = "Any of these, separated by commas."),
        ("source_ip" = Option<String>, Query), ("target_ip" = Option<String>, Query),
        ("ip" = Option<String>, Query), ("outcome" = Option<String>, Query),
        ("not_account" = Option<String>, Query, description = "None of these, separated by commas."),
        ("not_kind" = Option<String>, Query), ("not_source_ip" = Option<String>, Query),
        ("not_target_ip" = Option<String>, Query), ("not_outcome" = Option<String>, Query),
        ("since" = Option<String>, Query), ("until" = Option<String>, Query),
        ("text" = Option<String>, Query),
        ("limit" = Option<usize>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Activities)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    asked: Asked,
) -> Result<Json<Activities>, Refusal> {
    asked.only(FILTERS)?;
    let (filter, page) = (filter(&asked)?, asked.page()?);
    let found = state
        .ask(move |store| store.activities(&filter, &page))
        .await?;
    Ok(Json(Activities {
        activities: found.items.iter().map(ActivityView::new).collect(),
        next: found.next.map(|it| it.to_string()),
    }))
}

/// Export all activities that fit, with the filters of the list.
#[utoipa::path(get, path = "/api/v1/activities/export", tag = "activities",
    params(("format" = Option<String>, Query, description = "`jsonl` or `csv`.")),
    responses((status = 200, content_type = "application/jsonl", body = String)))]
pub(crate) async fn export(
    State(state): State<AppState>,
    person: Person,
    asked: Asked,
) -> Result<Response, Refusal> {
    asked.only(&[FILTERS, &["format"]].concat())?;
    let format = match asked.text("format").as_str() {
        "" | "jsonl" => Format::Jsonl,
        "csv" => Format::Csv,
        _ => return Err(Refusal::Bad("`format` is jsonl or csv".into())),
    };
    let filter = filter(&asked)?;
    state
        .audit(&person, "activities exported", &format!("{filter:?}"))
        .await?;
    let (media, name) = match format {
        Format::Jsonl => ("application/jsonl", "activities.jsonl"),
        Format::Csv => ("text/csv; charset=utf-8", "activities.csv"),
    };
    let begin = Some(Place {
        page: Page::first(EXPORT_PAGE),
        is_first: true,
    });
    let lines = stream::try_unfold(begin, move |place| {
        let (state, filter) = (state.clone(), filter.clone());
        async move {
            match place {
                None => Ok(None),
                Some(place) => chunk(&state, filter, format, place).await.map(Some),
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, media.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

#[derive(Clone, Copy)]
enum Format {
    Jsonl,
    Csv,
}

/// How far an export is.
struct Place {
    page: Page,
    is_first: bool,
}

async fn chunk(
    state: &AppState,
    filter: ActivityFilter,
    format: Format,
    place: Place,
) -> io::Result<(Vec<u8>, Option<Place>)> {
    if *state.stopping().borrow() {
        return Err(io::ErrorKind::Interrupted.into());
    }
    let page = place.page;
    let found = state
        .ask(move |store| store.activities(&filter, &page))
        .await
        .map_err(|refusal| io::Error::other(refusal.text()))?;
    let mut out = Vec::new();
    if let (Format::Csv, true) = (format, place.is_first) {
        out.extend(COLUMNS.join(",").as_bytes());
        out.extend(b"\r\n");
    }
    for activity in &found.items {
        let view = ActivityView::new(activity);
        match format {
            Format::Jsonl => {
                serde_json::to_writer(&mut out, &view)?;
                out.push(b'\n');
            }
            Format::Csv => out.extend(view.csv().as_bytes()),
        }
    }
    let next = found.next.map(|after| Place {
        page: Page {
            after: Some(after),
            ..page
        },
        is_first: false,
    });
    Ok((out, next))
}

/// Which activities are asked for; for the portal too.
pub(crate) fn filter(asked: &Asked) -> Result<ActivityFilter, Refusal> {
    Ok(ActivityFilter {
        account: asked.name("account"),
        domain: asked.name("domain"),
        kinds: asked.list("kind").map(str::to_owned).collect(),
        source_ip: asked.parsed("source_ip")?,
        target_ip: asked.parsed("target_ip")?,
        address: asked.parsed("ip")?,
        outcome: asked.word("outcome")?,
        not_accounts: asked.list("not_account").map(Into::into).collect(),
        not_kinds: asked.list("not_kind").map(str::to_owned).collect(),
        not_source_ips: asked.all("not_source_ip")?,
        not_target_ips: asked.all("not_target_ip")?,
        not_outcomes: asked.words("not_outcome")?,
        since: asked.time("since")?,
        until: asked.time("until")?,
        text: asked.text("text"),
    })
}

impl ActivityView {
    fn new(it: &Activity) -> Self {
        let name = |it: &realmward_vocab::HostName| it.as_str().to_owned();
        Self {
            id: it.id,
            time: view::time(it.time),
            kind: it.kind.clone(),
            account: it.account.as_str().to_owned(),
            domain: it.domain.as_str().to_owned(),
            source_ip: it.source_ip.map(|it| it.to_string()),
            source_name: it.source_name.as_ref().map(name),
            target_ip: it.target_ip.map(|it| it.to_string()),
            target_name: it.target_name.as_ref().map(name),
            outcome: it.outcome,
            detail: it.detail.clone(),
        }
    }

    /// As a line of RFC 4180.
    fn csv(&self) -> String {
        let outcome = serde_json::to_value(self.outcome).unwrap_or_default();
        let id = self.id.to_string();
        let text = |it: &'_ Option<String>| it.clone().unwrap_or_default();
        let cells = [
            id,
            self.time.clone(),
            self.kind.clone(),
            self.account.clone(),
            self.domain.clone(),
            text(&self.source_ip),
            text(&self.source_name),
            text(&self.target_ip),
            text(&self.target_name),
            outcome.as_str().unwrap_or_default().to_owned(),
            self.detail.clone(),
        ];
        cells.map(|it| cell(&it)).join(",") + "\r\n"
    }
}

/// A cell that no spreadsheet takes for a formula: names come from attackers.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

const COLUMNS: [&str; 11] = [
    "id",
    "time",
    "kind",
    "account",
    "domain",
    "source_ip",
    "source_name",
    "target_ip",
    "target_name",
    "outcome",
    "detail",
];

/// What a list of activities may be asked.
pub(crate) const FILTERS: &[&str] = &[
    "account",
    "domain",
    "kind",
    "source_ip",
    "target_ip",
    "ip",
    "outcome",
    "not_account",
    "not_kind",
    "not_source_ip",
    "not_target_ip",
    "not_outcome",
    "since",
    "until",
    "text",
];

/// Rows read at once; the most that the store gives.
const EXPORT_PAGE: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_neither_broken_out_of_nor_a_formula() {
        assert_eq!(cell("plain"), "\"plain\"");
        assert_eq!(cell("a\"b,\r\nc"), "\"a\"\"b,\r\nc\"");
        assert_eq!(cell("=cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\"");
        assert_eq!(cell("@SUM(1)"), "\"'@SUM(1)\"");
    }
}
