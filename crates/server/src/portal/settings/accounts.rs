//! Accounts of people: invited, changed, closed.

use crate::portal::address::Origin;
use crate::portal::frame::{Frame, done};
use crate::web::people;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::role::{Role, Word as _};
use crate::web::route::{ADMINISTRATOR, Route};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/settings/accounts", ADMINISTRATOR, page),
        Route::post("/settings/accounts", ADMINISTRATOR, invite),
        Route::post("/settings/accounts/{name}/change", ADMINISTRATOR, change),
        Route::post("/settings/accounts/{name}/renew", ADMINISTRATOR, renew),
    ]
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts<'a> {
    frame: &'a Frame,
    rows: Vec<Row>,
    /// Whom a link is for, and the link; empty otherwise.
    invited: String,
    link: String,
}

struct Row {
    name: String,
    place: String,
    role: &'static str,
    is_closed: bool,
    is_me: bool,
}

#[derive(Deserialize)]
struct Invitation {
    name: String,
    role: Role,
}

#[derive(Deserialize)]
struct Change {
    role: Option<Role>,
    disabled: Option<bool>,
}

async fn page(State(state): State<AppState>, frame: Frame) -> Result<Response, Refusal> {
    show(&state, &frame, String::new(), String::new()).await
}

/// The link is in this answer and nowhere else.
async fn invite(
    State(state): State<AppState>,
    frame: Frame,
    Origin(origin): Origin,
    Form(sent): Form<Invitation>,
) -> Result<Response, Refusal> {
    let name = sent.name.trim().to_owned();
    let path = people::invite(&state, &frame.person, &name, sent.role).await?;
    show(&state, &frame, name, format!("{origin}{path}")).await
}

async fn renew(
    State(state): State<AppState>,
    frame: Frame,
    Origin(origin): Origin,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let path = people::renew(&state, &frame.person, &name).await?;
    show(&state, &frame, name, format!("{origin}{path}")).await
}

async fn change(
    State(state): State<AppState>,
    person: Person,
    Path(name): Path<String>,
    Form(sent): Form<Change>,
) -> Result<Response, Refusal> {
    people::change(&state, &person, &name, sent.role, sent.disabled).await?;
    Ok(done("/settings/accounts", "changed"))
}

async fn show(
    state: &AppState,
    frame: &Frame,
    invited: String,
    link: String,
) -> Result<Response, Refusal> {
    let accounts = people::accounts(state).await?;
    let rows = accounts.into_iter().map(|it| Row {
        place: format!(
            "/settings/accounts/{}",
            crate::portal::address::segment(&it.name)
        ),
        role: it.role.word(),
        is_closed: it.disabled,
        is_me: it.name == frame.person.name,
        name: it.name,
    });
    frame.show(&Accounts {
        rows: rows.collect(),
        frame,
        invited,
        link,
    })
}
