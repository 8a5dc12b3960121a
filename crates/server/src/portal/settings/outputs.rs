//! Where alerts go besides these pages, and how each place fares.

use crate::outputs::manage::{self, Wanted};
use crate::outputs::settings::{Envelope, Format, Options};
use crate::portal::frame::{Frame, done};
use crate::portal::words::When;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ADMINISTRATOR, Route};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use realmward_export::words::number;
use realmward_store::{OutputId, OutputState, Store};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/settings/outputs", ADMINISTRATOR, page),
        Route::post("/settings/outputs", ADMINISTRATOR, add),
        Route::post("/settings/outputs/{id}/test", ADMINISTRATOR, test),
        Route::post("/settings/outputs/{id}/pause", ADMINISTRATOR, pause),
        Route::post("/settings/outputs/{id}/remove", ADMINISTRATOR, remove),
    ]
}

#[derive(Template)]
#[template(path = "outputs.html")]
struct Outputs<'a> {
    frame: &'a Frame,
    rows: Vec<Row>,
    /// What came of a test; empty if there was none.
    tested: String,
}

struct Row {
    id: u64,
    name: String,
    kind: String,
    target: String,
    is_paused: bool,
    waiting: String,
    sent: Option<When>,
    fault: String,
}

async fn page(State(state): State<AppState>, frame: Frame) -> Result<Response, Refusal> {
    show(&state, &frame, String::new()).await
}

#[derive(Deserialize)]
struct Sent {
    name: String,
    kind: String,
    target: String,
    format: Format,
    envelope: Envelope,
    secret: String,
    authority: String,
}

async fn add(
    State(state): State<AppState>,
    person: Person,
    Form(sent): Form<Sent>,
) -> Result<Response, Refusal> {
    let wanted = Wanted {
        id: None,
        name: sent.name,
        kind: sent.kind,
        target: sent.target,
        options: Options {
            format: sent.format,
            envelope: sent.envelope,
            secret: sent.secret,
            authority: sent.authority,
        },
        keeps_secret: false,
        disabled: false,
    };
    manage::put(&state, &person, wanted).await?;
    Ok(done("/settings/outputs", "output"))
}

/// Sends a message that says that it is a test, and tells what came of it.
async fn test(
    State(state): State<AppState>,
    frame: Frame,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    let tested = match manage::test(&state, &frame.person, OutputId(id)).await? {
        Ok(()) => "The test was taken.".to_owned(),
        Err(why) => format!("The test was not taken: {why}."),
    };
    show(&state, &frame, tested).await
}

/// Pauses an output, or lets it go on.
async fn pause(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    let outputs = state.ask(Store::outputs).await?;
    let output = outputs.iter().find(|it| it.output.id == OutputId(id));
    let is_enabled = output.ok_or(Refusal::Missing)?.output.disabled;
    manage::enable(&state, &person, OutputId(id), is_enabled).await?;
    Ok(done("/settings/outputs", "output"))
}

async fn remove(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    manage::remove(&state, &person, OutputId(id)).await?;
    Ok(done("/settings/outputs", "output-removed"))
}

async fn show(state: &AppState, frame: &Frame, tested: String) -> Result<Response, Refusal> {
    let outputs = state.ask(Store::outputs).await?;
    frame.show(&Outputs {
        rows: outputs.into_iter().map(row).collect(),
        frame,
        tested,
    })
}

fn row(it: OutputState) -> Row {
    Row {
        id: it.output.id.0,
        name: it.output.name,
        kind: it.output.kind,
        target: it.output.target,
        is_paused: it.output.disabled,
        waiting: number(it.waiting),
        sent: it.last_sent.map(When::new),
        fault: it.last_error,
    }
}
