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
use realmward_store::{Output, OutputId, OutputState, Store};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/settings/outputs", ADMINISTRATOR, page),
        Route::post("/settings/outputs", ADMINISTRATOR, add),
        Route::get("/settings/outputs/{id}", ADMINISTRATOR, one),
        Route::post("/settings/outputs/{id}", ADMINISTRATOR, change),
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
    is_taken: bool,
    fields: Fields,
}

/// An output that is changed.
#[derive(Template)]
#[template(path = "output.html")]
struct One<'a> {
    frame: &'a Frame,
    fields: Fields,
    title: String,
}

/// What the form of an output shows.
#[derive(Default)]
struct Fields {
    place: String,
    is_new: bool,
    name: String,
    kind: String,
    target: String,
    is_microsoft: bool,
    is_older: bool,
    has_secret: bool,
    authority: String,
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
    show(&state, &frame, None).await
}

async fn one(
    State(state): State<AppState>,
    frame: Frame,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    let output = manage::one(&state, OutputId(id)).await?;
    frame.show(&One {
        title: output.name.clone(),
        fields: Fields::of(output),
        frame: &frame,
    })
}

#[derive(Deserialize)]
struct Sent {
    name: String,
    kind: String,
    target: String,
    format: Format,
    envelope: Envelope,
    secret: String,
    /// Ticked: no secret from now on.
    unsigned: Option<String>,
    authority: String,
}

impl Sent {
    fn wanted(self, before: Option<&Output>) -> Wanted {
        Wanted {
            id: before.map(|it| it.id),
            name: self.name,
            kind: self.kind,
            target: self.target,
            options: Options {
                format: self.format,
                envelope: self.envelope,
                secret: self.secret,
                authority: self.authority,
            },
            keeps_secret: before.is_some() && self.unsigned.is_none(),
            disabled: before.is_some_and(|it| it.disabled),
        }
    }
}

async fn change(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
    Form(sent): Form<Sent>,
) -> Result<Response, Refusal> {
    let before = manage::one(&state, OutputId(id)).await?;
    manage::put(&state, &person, sent.wanted(Some(&before))).await?;
    Ok(done("/settings/outputs", "output"))
}

async fn add(
    State(state): State<AppState>,
    person: Person,
    Form(sent): Form<Sent>,
) -> Result<Response, Refusal> {
    manage::put(&state, &person, sent.wanted(None)).await?;
    Ok(done("/settings/outputs", "output"))
}

/// Sends a message that says that it is a test, and tells what came of it.
async fn test(
    State(state): State<AppState>,
    frame: Frame,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    let name = manage::one(&state, OutputId(id)).await?.name;
    let tested = match manage::test(&state, &frame.person, OutputId(id)).await? {
        Ok(()) => (true, format!("{name} took the test message.")),
        Err(why) => (
            false,
            format!("{name} did not take the test message: {why}."),
        ),
    };
    show(&state, &frame, Some(tested)).await
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

async fn show(
    state: &AppState,
    frame: &Frame,
    tested: Option<(bool, String)>,
) -> Result<Response, Refusal> {
    let outputs = state.ask(Store::outputs).await?;
    let (is_taken, tested) = tested.unwrap_or_default();
    frame.show(&Outputs {
        rows: outputs.into_iter().map(row).collect(),
        fields: Fields {
            place: "/settings/outputs".to_owned(),
            is_new: true,
            ..Fields::default()
        },
        frame,
        tested,
        is_taken,
    })
}

impl Fields {
    fn of(it: Output) -> Self {
        let options = manage::options_of(&it);
        Self {
            place: format!("/settings/outputs/{}", it.id.0),
            is_new: false,
            name: it.name,
            kind: it.kind,
            target: it.target,
            is_microsoft: options.format == Format::CefMicrosoft,
            is_older: options.envelope == Envelope::Rfc3164,
            has_secret: !options.secret.is_empty(),
            authority: options.authority,
        }
    }
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
