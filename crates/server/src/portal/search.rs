//! Everything that a few letters may mean. The search over each page asks the same of the API.

use super::address::segment;
use super::frame::Frame;
use super::words::Link;
use crate::api::query::Asked;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use realmward_store::{Hit, HitKind};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/search", VIEWER, page)]
}

#[derive(Template)]
#[template(path = "search.html")]
struct Search<'a> {
    frame: &'a Frame,
    text: String,
    groups: Vec<(&'static str, Vec<Link>)>,
}

async fn page(
    State(state): State<AppState>,
    frame: Frame,
    asked: Asked,
) -> Result<Response, Refusal> {
    asked.only(&["text"])?;
    let text = asked.text("text");
    let wanted = text.clone();
    let hits = state.ask(move |store| store.search(&wanted, HITS)).await?;
    let group = |kind, name| {
        let of_kind = hits.iter().filter(|it| it.kind == kind);
        (name, of_kind.map(link).collect::<Vec<_>>())
    };
    let groups = [
        group(HitKind::Account, "Users"),
        group(HitKind::Computer, "Computers"),
        group(HitKind::Alert, "Alerts"),
        group(HitKind::Activity, "Activities"),
    ];
    frame.show(&Search {
        groups: groups.into_iter().filter(|it| !it.1.is_empty()).collect(),
        frame: &frame,
        text,
    })
}

fn link(hit: &Hit) -> Link {
    let place = match hit.kind {
        HitKind::Account => "users",
        HitKind::Computer => "computers",
        HitKind::Alert => "alerts",
        HitKind::Activity => "activities",
    };
    Link {
        text: hit.title.clone(),
        href: format!("/{place}/{}", segment(&hit.key)),
    }
}

/// Of each kind.
const HITS: usize = 50;
