//! Outputs: who is told of alerts. See `docs/outputs.md`.

use super::view;
use crate::outputs::manage::{self, Wanted};
use crate::outputs::settings::{Envelope, Format, Options};
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ADMINISTRATOR, Route};
use crate::web::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use realmward_store::{OutputId, OutputState, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/outputs", ADMINISTRATOR, list),
        Route::post("/api/v1/outputs", ADMINISTRATOR, add),
        Route::put("/api/v1/outputs/{id}", ADMINISTRATOR, change),
        Route::patch("/api/v1/outputs/{id}", ADMINISTRATOR, enable),
        Route::delete("/api/v1/outputs/{id}", ADMINISTRATOR, remove),
        Route::post("/api/v1/outputs/{id}/test", ADMINISTRATOR, test),
    ]
}

/// Outputs.
#[derive(Serialize, ToSchema)]
pub(crate) struct Outputs {
    /// By number.
    outputs: Vec<OutputView>,
}

/// An output.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutputView {
    /// Its number.
    id: u64,
    /// Its name.
    name: String,
    /// `syslog`, `webhook` or `jsonl`.
    kind: String,
    /// Where to.
    target: String,
    /// Syslog: whose words.
    format: Format,
    /// Syslog: which envelope.
    envelope: Envelope,
    /// Whether messages are signed. The secret itself is never given out.
    has_secret: bool,
    /// Certificates of the authorities that are believed, in PEM; those of the system if empty.
    authority: String,
    /// Whether it is told anything.
    enabled: bool,
    /// Notices that wait.
    waiting: u64,
    /// When it last took one.
    last_sent: Option<String>,
    /// Why it did not take the oldest that waits; empty if it was not tried.
    last_error: String,
}

/// An output as it is to be.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewOutput {
    /// Its name.
    name: String,
    /// `syslog`, `webhook` or `jsonl`.
    kind: String,
    /// `udp://HOST:PORT`, `tcp://HOST:PORT`, `tls://HOST:PORT`; `https://HOST/PATH`; `NAME.jsonl`.
    target: String,
    /// How. When an output is changed, a secret that is left out stays.
    #[serde(default)]
    options: Options,
    /// Whether it is told anything.
    #[serde(default = "yes")]
    enabled: bool,
}

/// The number of an output.
#[derive(Serialize, ToSchema)]
pub(crate) struct Added {
    /// Its number.
    id: u64,
}

/// Whether an output is told anything.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Enabled {
    /// Whether.
    enabled: bool,
}

/// What came of a test.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tested {
    /// Whether the message was taken. Over UDP nobody can know; only a refusal is seen.
    taken: bool,
    /// Why not; empty if it was.
    why: String,
}

/// List outputs and how they fare.
#[utoipa::path(get, path = "/api/v1/outputs", tag = "outputs",
    responses((status = 200, body = Outputs)))]
pub(crate) async fn list(State(state): State<AppState>) -> Result<Json<Outputs>, Refusal> {
    let found = state.ask(Store::outputs).await?;
    let outputs = found.into_iter().map(OutputView::new).collect();
    Ok(Json(Outputs { outputs }))
}

/// Add an output. It is told of what comes from now on.
#[utoipa::path(post, path = "/api/v1/outputs", tag = "outputs", request_body = NewOutput,
    responses((status = 201, body = Added), (status = 400, description = "It cannot be served.")))]
pub(crate) async fn add(
    State(state): State<AppState>,
    person: Person,
    Json(sent): Json<NewOutput>,
) -> Result<(StatusCode, Json<Added>), Refusal> {
    let id = manage::put(&state, &person, sent.wanted(None)).await?;
    Ok((StatusCode::CREATED, Json(Added { id: id.0 })))
}

/// Change an output.
#[utoipa::path(put, path = "/api/v1/outputs/{id}", tag = "outputs", params(("id" = u64, Path)),
    request_body = NewOutput, responses((status = 204, description = "Done."),
        (status = 400, description = "It cannot be served."), (status = 404, description = "None.")))]
pub(crate) async fn change(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
    Json(sent): Json<NewOutput>,
) -> Result<StatusCode, Refusal> {
    manage::put(&state, &person, sent.wanted(Some(OutputId(id)))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tell an output nothing for now, or let it be told again.
#[utoipa::path(patch, path = "/api/v1/outputs/{id}", tag = "outputs", params(("id" = u64, Path)),
    request_body = Enabled,
    responses((status = 204, description = "Done."), (status = 404, description = "None.")))]
pub(crate) async fn enable(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
    Json(sent): Json<Enabled>,
) -> Result<StatusCode, Refusal> {
    manage::enable(&state, &person, OutputId(id), sent.enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove an output and what it was still to be told.
#[utoipa::path(delete, path = "/api/v1/outputs/{id}", tag = "outputs", params(("id" = u64, Path)),
    responses((status = 204, description = "Done."), (status = 404, description = "None.")))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
) -> Result<StatusCode, Refusal> {
    manage::remove(&state, &person, OutputId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a message that says that it is a test.
#[utoipa::path(post, path = "/api/v1/outputs/{id}/test", tag = "outputs",
    params(("id" = u64, Path)),
    responses((status = 200, body = Tested), (status = 404, description = "None.")))]
pub(crate) async fn test(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
) -> Result<Json<Tested>, Refusal> {
    let sent = manage::test(&state, &person, OutputId(id)).await?;
    Ok(Json(Tested {
        taken: sent.is_ok(),
        why: sent.err().unwrap_or_default(),
    }))
}

impl NewOutput {
    fn wanted(self, id: Option<OutputId>) -> Wanted {
        Wanted {
            id,
            name: self.name,
            kind: self.kind,
            target: self.target,
            options: self.options,
            keeps_secret: true,
            disabled: !self.enabled,
        }
    }
}

impl OutputView {
    fn new(state: OutputState) -> Self {
        let options = manage::options_of(&state.output);
        Self {
            id: state.output.id.0,
            name: state.output.name,
            kind: state.output.kind,
            target: state.output.target,
            format: options.format,
            envelope: options.envelope,
            has_secret: !options.secret.is_empty(),
            authority: options.authority,
            enabled: !state.output.disabled,
            waiting: state.waiting,
            last_sent: state.last_sent.map(view::time),
            last_error: state.last_error,
        }
    }
}

const fn yes() -> bool {
    true
}
