//! Where alerts go besides these pages, and how each place fares.

use crate::portal::frame::{Frame, done};
use crate::portal::words::When;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ADMINISTRATOR, Route};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use realmward_export::words::number;
use realmward_store::{OutputId, OutputState, Store};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/settings/outputs", ADMINISTRATOR, page),
        Route::post("/settings/outputs/{id}/pause", ADMINISTRATOR, pause),
        Route::post("/settings/outputs/{id}/remove", ADMINISTRATOR, remove),
    ]
}

#[derive(Template)]
#[template(path = "outputs.html")]
struct Outputs<'a> {
    frame: &'a Frame,
    rows: Vec<Row>,
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
    let outputs = state.ask(Store::outputs).await?;
    frame.show(&Outputs {
        rows: outputs.into_iter().map(row).collect(),
        frame: &frame,
    })
}

/// Pauses an output, or lets it go on.
async fn pause(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    let mut output = known(&state, id).await?.output;
    output.disabled = !output.disabled;
    let word = if output.disabled {
        "output paused"
    } else {
        "output resumed"
    };
    let name = output.name.clone();
    state.ask(move |store| store.put_output(&output)).await?;
    state.audit(&person, word, &name).await?;
    Ok(done("/settings/outputs", "output"))
}

async fn remove(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    let name = known(&state, id).await?.output.name;
    state
        .ask(move |store| store.remove_output(OutputId(id)))
        .await?;
    state.audit(&person, "output removed", &name).await?;
    Ok(done("/settings/outputs", "output-removed"))
}

async fn known(state: &AppState, id: u64) -> Result<OutputState, Refusal> {
    let outputs = state.ask(Store::outputs).await?;
    let mut outputs = outputs.into_iter();
    outputs
        .find(|it| it.output.id == OutputId(id))
        .ok_or(Refusal::Missing)
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
