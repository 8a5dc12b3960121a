//! Sensors: who has joined, the command with which the next one does, revocation.

use crate::portal::address::Origin;
use crate::portal::frame::{Frame, done};
use crate::portal::words::When;
use crate::sensors;
use crate::serve::authority::SENSOR_VALID_FOR;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ADMINISTRATOR, Route, VIEWER};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use realmward_export::words::number;
use realmward_store::{Sensor, SensorId, Store};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/settings/sensors", VIEWER, page),
        Route::post("/settings/sensors", ADMINISTRATOR, add),
        Route::post("/settings/sensors/{id}/revoke", ADMINISTRATOR, revoke),
        Route::post("/settings/sensors/{id}/name", ADMINISTRATOR, rename),
    ]
}

#[derive(Template)]
#[template(path = "sensors.html")]
struct Sensors<'a> {
    frame: &'a Frame,
    rows: Vec<Row>,
    /// Name of the sensor that was just invited, and its command; empty otherwise.
    invited: String,
    command: String,
}

struct Row {
    id: u32,
    name: String,
    joined: When,
    seen: Option<When>,
    expires: When,
    revoked: Option<When>,
    events: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

async fn page(State(state): State<AppState>, frame: Frame) -> Result<Response, Refusal> {
    show(&state, &frame, String::new(), String::new()).await
}

/// The token is in this answer and nowhere else.
async fn add(
    State(state): State<AppState>,
    frame: Frame,
    Origin(origin): Origin,
    Form(sent): Form<Named>,
) -> Result<Response, Refusal> {
    let name = sent.name.trim().to_owned();
    let token = sensors::invite(&state, &frame.person, &name).await?;
    let command = format!("realmward-sensor join {origin} {token}");
    show(&state, &frame, name, command).await
}

async fn revoke(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u32>,
) -> Result<Response, Refusal> {
    sensors::revoke(&state, &person, SensorId(id)).await?;
    Ok(done("/settings/sensors", "revoked"))
}

async fn rename(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u32>,
    Form(sent): Form<Named>,
) -> Result<Response, Refusal> {
    sensors::rename(&state, &person, SensorId(id), sent.name.trim()).await?;
    Ok(done("/settings/sensors", "renamed"))
}

async fn show(
    state: &AppState,
    frame: &Frame,
    invited: String,
    command: String,
) -> Result<Response, Refusal> {
    let sensors = state.ask(Store::sensors).await?;
    frame.show(&Sensors {
        rows: sensors.iter().map(row).collect(),
        frame,
        invited,
        command,
    })
}

fn row(it: &Sensor) -> Row {
    Row {
        id: it.id.0,
        name: it.name.clone(),
        joined: When::new(it.joined),
        seen: it.last_seen.map(When::new),
        expires: When::new(it.certified.saturating_add(SENSOR_VALID_FOR)),
        revoked: it.revoked.map(When::new),
        events: number(it.events),
    }
}
