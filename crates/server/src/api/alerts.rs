//! Alerts: listed, looked at, judged, and the packets that prove them.

use super::query::Asked;
use super::view::AlertView;
use crate::pcapng;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ANALYST, Route, VIEWER};
use crate::web::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use realmward_event::operator::{AlertStatus, Decision};
use realmward_store::{AlertFilter, AlertRecord};
use realmward_vocab::DetectorId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/alerts", VIEWER, list),
        Route::get("/api/v1/alerts/{id}", VIEWER, one),
        Route::post("/api/v1/alerts/{id}/judgement", ANALYST, judge),
        Route::get("/api/v1/alerts/{id}/evidence", ANALYST, evidence),
    ]
}

/// A page of alerts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Alerts {
    /// Those seen last first.
    alerts: Vec<AlertView>,
    /// As `after`, asks for the next page; null on the last.
    next: Option<String>,
}

/// A verdict.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Verdict {
    /// `open`, `in_progress`, `true_positive`, `benign_positive` or `false_positive`.
    #[schema(value_type = String)]
    status: AlertStatus,
    /// Why.
    #[serde(default)]
    comment: String,
}

/// List alerts, those seen last first.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts",
    params(
        ("status" = Option<String>, Query, description = "Any of these, separated by commas."),
        ("severity" = Option<String>, Query, description = "At least: `low`, `medium`, `high`."),
        ("detector" = Option<String>, Query, description = "Any of these, separated by commas."),
        ("account" = Option<String>, Query), ("domain" = Option<String>, Query),
        ("ip" = Option<String>, Query), ("host" = Option<String>, Query),
        ("incident" = Option<u64>, Query, description = "Of one story."),
        ("since" = Option<String>, Query, description = "Seen at or after, in RFC 3339."),
        ("until" = Option<String>, Query, description = "Begun before, in RFC 3339."),
        ("changed_after" = Option<String>, Query), ("text" = Option<String>, Query),
        ("limit" = Option<usize>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Alerts)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    asked: Asked,
) -> Result<Json<Alerts>, Refusal> {
    let (filter, page) = (filter(&asked)?, asked.page()?);
    let found = state.ask(move |store| store.alerts(&filter, &page)).await?;
    Ok(Json(Alerts {
        alerts: found.items.iter().map(AlertView::new).collect(),
        next: found.next.map(|it| it.to_string()),
    }))
}

/// Look at one alert.
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = u64, Path)),
    responses((status = 200, body = AlertView), (status = 404, description = "None.")))]
pub(crate) async fn one(
    State(state): State<AppState>,
    Path(id): Path<u64>,
) -> Result<Json<AlertView>, Refusal> {
    Ok(Json(AlertView::new(&alert(&state, id).await?)))
}

/// Judge an alert, with a comment.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/judgement", tag = "alerts",
    params(("id" = u64, Path)), request_body = Verdict,
    responses((status = 202, description = "It is on record; the alert shows it in a moment."),
        (status = 404, description = "None.")))]
pub(crate) async fn judge(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
    Json(sent): Json<Verdict>,
) -> Result<StatusCode, Refusal> {
    judged(&state, &person, id, sent.status, &sent.comment).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Download the packets that prove an alert, as pcapng; what is no longer kept is left out.
#[utoipa::path(get, path = "/api/v1/alerts/{id}/evidence", tag = "alerts",
    params(("id" = u64, Path)),
    responses((status = 200, content_type = "application/x-pcapng", body = Vec<u8>),
        (status = 404, description = "No such alert, or none of its packets is kept.")))]
pub(crate) async fn evidence(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    let record = alert(&state, id).await?;
    let wanted = record.alert.evidence.clone();
    let packets = state.ask(move |store| store.evidence(&wanted)).await?;
    if packets.is_empty() {
        return Err(Refusal::Missing);
    }
    state
        .audit(&person, "evidence downloaded", &format!("alert {id}"))
        .await?;
    let comment = format!(
        "Realmward, alert {id} ({}): {} of {} packets",
        record.alert.detector,
        packets.len(),
        record.alert.evidence.len()
    );
    let headers = [
        (header::CONTENT_TYPE, "application/x-pcapng".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"alert-{id}.pcapng\""),
        ),
    ];
    Ok((headers, pcapng::write(&packets, &comment)).into_response())
}

/// Puts a verdict on record; for the portal too.
pub(crate) async fn judged(
    state: &AppState,
    person: &Person,
    id: u64,
    status: AlertStatus,
    comment: &str,
) -> Result<(), Refusal> {
    if COMMENT_OCTETS_MAX < comment.len() {
        return Err(Refusal::Bad("the comment is too long".into()));
    }
    alert(state, id).await?;
    let decision = Decision::AlertJudged {
        alert: id,
        status,
        comment: comment.trim().to_owned(),
    };
    let word = serde_json::to_value(status).unwrap_or_default();
    let subject = format!("alert {id}: {}", word.as_str().unwrap_or_default());
    state
        .decide(person, decision, "alert judged", &subject)
        .await
}

/// One alert, if there is one; for the portal too.
pub(crate) async fn alert(state: &AppState, id: u64) -> Result<AlertRecord, Refusal> {
    state
        .ask(move |store| store.alert(id))
        .await?
        .ok_or(Refusal::Missing)
}

/// Which alerts are asked for.
fn filter(asked: &Asked) -> Result<AlertFilter, Refusal> {
    asked.only(FILTERS)?;
    Ok(AlertFilter {
        changed_after: asked.time("changed_after")?,
        ..filter_of(asked, asked.words("status")?)?
    })
}

/// The alerts of these statuses that are asked for; for the portal too.
pub(crate) fn filter_of(asked: &Asked, statuses: Vec<AlertStatus>) -> Result<AlertFilter, Refusal> {
    Ok(AlertFilter {
        statuses,
        severity: asked.word("severity")?,
        detectors: asked.list("detector").map(DetectorId::from).collect(),
        account: asked.name("account"),
        domain: asked.name("domain"),
        address: asked.parsed("ip")?,
        host: asked.name("host"),
        incident: asked.parsed("incident")?,
        since: asked.time("since")?,
        until: asked.time("until")?,
        changed_after: None,
        text: asked.text("text"),
    })
}

/// What a list of alerts may be asked.
pub(crate) const FILTERS: &[&str] = &[
    "status",
    "severity",
    "detector",
    "account",
    "domain",
    "ip",
    "host",
    "incident",
    "since",
    "until",
    "changed_after",
    "text",
];

/// A page of prose.
const COMMENT_OCTETS_MAX: usize = 4096;
