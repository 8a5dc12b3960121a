//! A person's own password and sessions.

use crate::portal::frame::{Frame, done};
use crate::portal::words::When;
use crate::web::people;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/account", VIEWER, page),
        Route::post("/account/password", VIEWER, password),
        Route::post("/account/sessions/{id}/end", VIEWER, end),
    ]
}

#[derive(Template)]
#[template(path = "own.html")]
struct Own<'a> {
    frame: &'a Frame,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    address: String,
    begun: When,
    seen: When,
    is_this: bool,
}

async fn page(State(state): State<AppState>, frame: Frame) -> Result<Response, Refusal> {
    let this = people::id(&frame.person.session);
    let sessions = people::sessions(&state, &frame.person).await?;
    let rows = sessions.into_iter().map(|(id, it)| Row {
        is_this: id == this,
        address: it.address,
        begun: When::new(it.begun),
        seen: When::new(it.seen),
        id,
    });
    frame.show(&Own {
        rows: rows.collect(),
        frame: &frame,
    })
}

#[derive(Deserialize)]
struct Passwords {
    old: String,
    new: String,
    again: String,
}

async fn password(
    State(state): State<AppState>,
    person: Person,
    Form(sent): Form<Passwords>,
) -> Result<Response, Refusal> {
    if sent.new != sent.again {
        return Err(Refusal::Bad(
            "the two new passwords are not the same".into(),
        ));
    }
    people::change_password(&state, &person, sent.old, sent.new).await?;
    Ok(done("/account", "password"))
}

async fn end(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    people::end_session(&state, &person, &id).await?;
    Ok(done("/account", "ended"))
}
