//! Accounts that can do much harm, and accounts that are bait.

use crate::api::settings::{self, TagChange};
use crate::portal::frame::{Frame, done};
use crate::portal::user::tag_word;
use crate::portal::words::{self, Link, When};
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ANALYST, Route, VIEWER};
use crate::web::state::AppState;
use askama::Template;
use axum::Json;
use axum::extract::{Form, State};
use axum::response::Response;
use realmward_store::{Store, Tag};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/settings/tags", VIEWER, page),
        Route::post("/settings/tags", ANALYST, change),
    ]
}

#[derive(Template)]
#[template(path = "tags.html")]
struct Tags<'a> {
    frame: &'a Frame,
    rows: Vec<Row>,
}

struct Row {
    link: Link,
    account: String,
    tag: &'static str,
    set_by: String,
    set_at: When,
}

async fn page(State(state): State<AppState>, frame: Frame) -> Result<Response, Refusal> {
    let tags = state.ask(Store::tags).await?;
    let rows = tags.iter().map(|it| Row {
        link: words::account(&it.account, &"".into()),
        account: it.account.to_string(),
        tag: tag_word(it.tag),
        set_by: it.set_by.clone(),
        set_at: When::new(it.set_at),
    });
    frame.show(&Tags {
        rows: rows.collect(),
        frame: &frame,
    })
}

#[derive(Deserialize)]
struct Sent {
    account: String,
    tag: Tag,
    is: bool,
    back: Option<String>,
}

async fn change(
    State(state): State<AppState>,
    person: Person,
    Form(sent): Form<Sent>,
) -> Result<Response, Refusal> {
    let code = if sent.is { "tagged" } else { "untagged" };
    let change = TagChange {
        account: sent.account,
        tag: sent.tag,
        is: sent.is,
    };
    settings::tag(State(state), person, Json(change)).await?;
    Ok(done(sent.back.as_deref().unwrap_or("/settings/tags"), code))
}
