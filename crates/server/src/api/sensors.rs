//! Sensors: who has joined, and a token for the next.

use super::view;
use crate::sensors;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ADMINISTRATOR, Route, VIEWER};
use crate::web::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use realmward_store::{SensorId, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/sensors", VIEWER, list),
        Route::post("/api/v1/sensors", ADMINISTRATOR, invite),
        Route::patch("/api/v1/sensors/{id}", ADMINISTRATOR, rename),
        Route::delete("/api/v1/sensors/{id}", ADMINISTRATOR, revoke),
    ]
}

/// Sensors that have joined.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sensors {
    /// By number.
    sensors: Vec<SensorView>,
}

/// A sensor.
#[derive(Serialize, ToSchema)]
pub(crate) struct SensorView {
    /// Its number; it never changes and is never given again.
    id: u32,
    /// Its name.
    name: String,
    /// When it joined.
    joined: String,
    /// When its last batch came.
    seen: Option<String>,
    /// When it was revoked.
    revoked: Option<String>,
}

/// What to call a sensor.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Named {
    /// 1 to 64 letters, digits, dots, hyphens and underscores.
    name: String,
}

/// With what a sensor joins.
#[derive(Serialize, ToSchema)]
pub(crate) struct JoinToken {
    /// Works once, for a day: `realmward-sensor join https://SERVER TOKEN`.
    token: String,
}

/// List sensors.
#[utoipa::path(get, path = "/api/v1/sensors", tag = "sensors",
    responses((status = 200, body = Sensors)))]
pub(crate) async fn list(State(state): State<AppState>) -> Result<Json<Sensors>, Refusal> {
    let sensors = state.ask(Store::sensors).await?.into_iter();
    Ok(Json(Sensors {
        sensors: sensors
            .map(|it| SensorView {
                id: it.id.0,
                name: it.name,
                joined: view::time(it.joined),
                seen: it.last_seen.map(view::time),
                revoked: it.revoked.map(view::time),
            })
            .collect(),
    }))
}

/// Make a token with which a new sensor joins.
#[utoipa::path(post, path = "/api/v1/sensors", tag = "sensors", request_body = Named,
    responses((status = 201, body = JoinToken), (status = 409, description = "The name is taken.")))]
pub(crate) async fn invite(
    State(state): State<AppState>,
    person: Person,
    Json(sent): Json<Named>,
) -> Result<(StatusCode, Json<JoinToken>), Refusal> {
    let token = sensors::invite(&state, &person, &sent.name).await?;
    Ok((StatusCode::CREATED, Json(JoinToken { token })))
}

/// Call a sensor by another name.
#[utoipa::path(patch, path = "/api/v1/sensors/{id}", tag = "sensors", request_body = Named,
    params(("id" = u32, Path)),
    responses((status = 204, description = "Done."), (status = 404, description = "None.")))]
pub(crate) async fn rename(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u32>,
    Json(sent): Json<Named>,
) -> Result<StatusCode, Refusal> {
    sensors::rename(&state, &person, SensorId(id), &sent.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revoke a sensor: it is not heard any more.
#[utoipa::path(delete, path = "/api/v1/sensors/{id}", tag = "sensors",
    params(("id" = u32, Path)),
    responses((status = 204, description = "Done."), (status = 404, description = "None.")))]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u32>,
) -> Result<StatusCode, Refusal> {
    sensors::revoke(&state, &person, SensorId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
