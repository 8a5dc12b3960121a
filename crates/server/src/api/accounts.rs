//! Accounts, and the sessions and password of whoever is logged in.

use super::view;
use crate::web::people;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::role::{Role, Word as _};
use crate::web::route::{ADMINISTRATOR, Route, VIEWER};
use crate::web::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/accounts", ADMINISTRATOR, list),
        Route::post("/api/v1/accounts", ADMINISTRATOR, invite),
        Route::patch("/api/v1/accounts/{name}", ADMINISTRATOR, change),
        Route::post("/api/v1/accounts/{name}/renew", ADMINISTRATOR, renew),
        Route::get("/api/v1/sessions", VIEWER, sessions),
        Route::delete("/api/v1/sessions/{id}", VIEWER, end_session),
        Route::post("/api/v1/password", VIEWER, change_password),
    ]
}

/// Accounts of people.
#[derive(Serialize, ToSchema)]
pub(crate) struct Accounts {
    /// By name.
    accounts: Vec<AccountView>,
}

/// An account of a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// Its name.
    name: String,
    /// `viewer`, `analyst` or `administrator`.
    role: &'static str,
    /// Whether it is closed.
    disabled: bool,
}

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Invitation {
    /// Name of the account.
    name: String,
    /// `viewer`, `analyst` or `administrator`.
    #[schema(value_type = String)]
    role: Role,
}

/// A link that works once, for an hour.
#[derive(Serialize, ToSchema)]
pub(crate) struct Link {
    /// Its path at this server.
    path: String,
}

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Change {
    /// Another role.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    /// Whether the account is closed.
    disabled: Option<bool>,
}

/// Sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sessions {
    /// The ones that hold.
    sessions: Vec<SessionView>,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// By which it can be ended.
    id: String,
    /// When it was begun.
    begun: String,
    /// When it was last used, to a minute.
    seen: String,
    /// From where it was begun.
    address: String,
    /// Whether it is the one that asks.
    is_this: bool,
}

/// Old and new password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Passwords {
    /// The one that holds.
    old: String,
    /// The one that shall hold, at least 12 characters.
    new: String,
}

/// List accounts.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts",
    responses((status = 200, body = Accounts)))]
pub(crate) async fn list(State(state): State<AppState>) -> Result<Json<Accounts>, Refusal> {
    let accounts = people::accounts(&state).await?.into_iter();
    Ok(Json(Accounts {
        accounts: accounts
            .map(|it| AccountView {
                name: it.name,
                role: it.role.word(),
                disabled: it.disabled,
            })
            .collect(),
    }))
}

/// Invite somebody: answers with a link on which to choose a password.
#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", request_body = Invitation,
    responses((status = 201, body = Link), (status = 409, description = "The name is taken.")))]
pub(crate) async fn invite(
    State(state): State<AppState>,
    person: Person,
    Json(sent): Json<Invitation>,
) -> Result<(StatusCode, Json<Link>), Refusal> {
    let path = people::invite(&state, &person, &sent.name, sent.role).await?;
    Ok((StatusCode::CREATED, Json(Link { path })))
}

/// Give an account another role, close it or open it again.
#[utoipa::path(patch, path = "/api/v1/accounts/{name}", tag = "accounts", request_body = Change,
    params(("name" = String, Path)),
    responses((status = 204, description = "Done; the account is logged out everywhere."),
        (status = 409, description = "It is the last administrator.")))]
pub(crate) async fn change(
    State(state): State<AppState>,
    person: Person,
    Path(name): Path<String>,
    Json(sent): Json<Change>,
) -> Result<StatusCode, Refusal> {
    people::change(&state, &person, &name, sent.role, sent.disabled).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a link on which the owner of an account chooses another password.
#[utoipa::path(post, path = "/api/v1/accounts/{name}/renew", tag = "accounts",
    params(("name" = String, Path)), responses((status = 201, body = Link)))]
pub(crate) async fn renew(
    State(state): State<AppState>,
    person: Person,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Link>), Refusal> {
    let path = people::renew(&state, &person, &name).await?;
    Ok((StatusCode::CREATED, Json(Link { path })))
}

/// List your sessions.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "session",
    responses((status = 200, body = Sessions)))]
pub(crate) async fn sessions(
    State(state): State<AppState>,
    person: Person,
) -> Result<Json<Sessions>, Refusal> {
    let this = people::id(&person.session);
    let sessions = people::sessions(&state, &person).await?.into_iter();
    Ok(Json(Sessions {
        sessions: sessions
            .map(|(id, it)| SessionView {
                is_this: id == this,
                id,
                begun: view::time(it.begun),
                seen: view::time(it.seen),
                address: it.address,
            })
            .collect(),
    }))
}

/// End one of your sessions.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "session",
    params(("id" = String, Path)),
    responses((status = 204, description = "It is over."), (status = 404, description = "None.")))]
pub(crate) async fn end_session(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    people::end_session(&state, &person, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change your password; your other sessions end.
#[utoipa::path(post, path = "/api/v1/password", tag = "session", request_body = Passwords,
    responses((status = 204, description = "Changed."), (status = 400, description = "Refused.")))]
pub(crate) async fn change_password(
    State(state): State<AppState>,
    person: Person,
    Json(sent): Json<Passwords>,
) -> Result<StatusCode, Refusal> {
    people::change_password(&state, &person, sent.old, sent.new).await?;
    Ok(StatusCode::NO_CONTENT)
}
