//! Logging in and out by program.

use crate::web::login::{self, admit};
use crate::web::peer::Peer;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::role::Role;
use crate::web::route::{PUBLIC, Route, VIEWER};
use crate::web::session;
use crate::web::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/session", PUBLIC, log_in),
        Route::get("/api/v1/session", VIEWER, show),
        Route::delete("/api/v1/session", VIEWER, log_out),
    ]
}

/// Name and password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Credentials {
    /// Name of the account.
    name: String,
    /// Its password.
    password: String,
}

/// Who is logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoggedIn {
    /// Name of the account.
    name: String,
    /// What it may: `viewer`, `analyst` or `administrator`.
    #[schema(value_type = String)]
    role: Role,
    /// Goes as `X-CSRF-Token` with every call that changes something.
    csrf: String,
}

/// Log in: sets the cookie `__Host-session`.
#[utoipa::path(
    post, path = "/api/v1/session", tag = "session", security(()),
    request_body = Credentials,
    responses((status = 200, body = LoggedIn), (status = 401, description = "Wrong.")),
)]
pub(crate) async fn log_in(
    State(state): State<AppState>,
    peer: Peer,
    Json(sent): Json<Credentials>,
) -> Result<Response, Refusal> {
    let account = admit(&state, &peer, &sent.name, sent.password)
        .await?
        .ok_or(Refusal::Unknown)?;
    let mut response = StatusCode::OK.into_response();
    let secret = session::begin(&state, &account.name, &peer, response.headers_mut()).await?;
    let body = LoggedIn {
        name: account.name,
        role: account.role,
        csrf: session::csrf(&secret),
    };
    Ok((response.headers().clone(), Json(body)).into_response())
}

/// Who is logged in.
#[utoipa::path(
    get, path = "/api/v1/session", tag = "session",
    responses((status = 200, body = LoggedIn)),
)]
pub(crate) async fn show(person: Person) -> Json<LoggedIn> {
    Json(LoggedIn {
        name: person.name,
        role: person.role,
        csrf: person.csrf,
    })
}

/// Log out.
#[utoipa::path(
    delete, path = "/api/v1/session", tag = "session",
    responses((status = 204, description = "The session is over.")),
)]
pub(crate) async fn log_out(
    State(state): State<AppState>,
    person: Person,
) -> Result<Response, Refusal> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    login::leave(&state, &person, response.headers_mut()).await?;
    Ok(response)
}
