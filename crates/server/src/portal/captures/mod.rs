//! Captures that a person drops on the page: read as `analyze` reads them, and the report shown.
//!
//! The analysis runs in a process of its own ([`crate::analyze::dropped`]) and nothing of it goes into
//! the store: a capture from elsewhere must not change what is known of this domain. The captures are
//! removed as soon as they were read; report and packets of evidence are kept for a while, for all
//! analysts. The page works without a script; with one it shows how far the sending is.

mod desk;
mod kept;
mod page;
mod receive;
mod run;

pub(crate) use desk::Desk;
pub(crate) use kept::prune;

use super::frame::done;
use crate::analyze::dropped::{PACKETS, REPORT};
use crate::web::answer::Policy;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ANALYST, Route};
use crate::web::state::{AppState, now};
use crate::web::upload::Upload;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use desk::{Job, Stage};
use kept::Ending;
use realmward_export::html;
use receive::{FILES_MAX, OCTETS_MAX, Passing};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/captures", ANALYST, page::list),
        Route::files("/captures", ANALYST, receive).body_max(BODY_OCTETS_MAX),
        Route::get("/captures/{id}", ANALYST, page::one),
        Route::get("/captures/{id}/report", ANALYST, report),
        Route::get("/captures/{id}/packets/{number}", ANALYST, packets),
        Route::post("/captures/{id}/remove", ANALYST, remove),
    ]
}

async fn receive(
    State(state): State<AppState>,
    person: Person,
    headers: HeaderMap,
    upload: Upload,
) -> Result<Response, Refusal> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length: Option<usize> = length.and_then(|it| it.to_str().ok()?.parse().ok());
    if length.is_some_and(|it| BODY_OCTETS_MAX < it) {
        return Err(receive::too_much());
    }
    let desk = state.captures();
    let place = desk.place().ok_or_else(|| {
        Refusal::Unavailable("others are sending captures too; try again in a minute".into())
    })?;
    let id = fresh_id()?;
    let folder = desk.shelf.folder(&id).ok_or(Refusal::Fault)?;
    let passing = Passing(Some(folder.clone()));
    let names = receive::receive(&folder, upload).await?;
    state
        .audit(&person, "capture analysed", &names.join(", "))
        .await?;
    passing.stays();
    let job = Job {
        id: id.clone(),
        by: person.name,
        sent: now(),
        names,
        stage: Stage::Waiting,
    };
    desk.begin(job, place, state.stopping());
    Ok(Redirect::to(&format!("/captures/{id}")).into_response())
}

/// 64 random bits: nobody guesses it, though the role is asked for anyway.
fn fresh_id() -> Result<String, Refusal> {
    let mut octets = [0; 8];
    getrandom::fill(&mut octets)?;
    Ok(octets.iter().map(|it| format!("{it:02x}")).collect())
}

/// The report, which may do nothing but show itself.
async fn report(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let text = file(&state, id, REPORT.to_owned()).await?;
    let mut response = Html(text).into_response();
    let policy = Policy(format!(
        "{}; frame-ancestors 'none'; sandbox allow-scripts",
        html::policy()
    ));
    response.extensions_mut().insert(policy);
    Ok(response)
}

/// The packets that prove an alert.
async fn packets(
    State(state): State<AppState>,
    person: Person,
    Path((id, number)): Path<(String, u64)>,
) -> Result<Response, Refusal> {
    let desk = state.captures().clone();
    let wanted = id.clone();
    let kept = blocking(move || desk.shelf.one(&wanted)).await?;
    let Some(Ending::Read(outcome)) = kept.map(|it| it.ending) else {
        return Err(Refusal::Missing);
    };
    let alert = outcome.alerts.into_iter().find(|it| it.number == number);
    let name = alert.and_then(|it| it.file).ok_or(Refusal::Missing)?;
    let octets = file(&state, id.clone(), format!("{PACKETS}/{name}")).await?;
    let subject = format!("alert {number} of capture {id}");
    state
        .audit(&person, "evidence downloaded", &subject)
        .await?;
    let headers = [
        (
            header::CONTENT_TYPE,
            "application/vnd.tcpdump.pcap".to_owned(),
        ),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, octets).into_response())
}

async fn remove(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let desk = state.captures().clone();
    let names = blocking(move || {
        let kept = desk.shelf.one(&id)?;
        desk.shelf.remove(&kept.id);
        Some(kept.names.join(", "))
    });
    let names = names.await?.ok_or(Refusal::Missing)?;
    state
        .audit(&person, "report of a capture removed", &names)
        .await?;
    Ok(done("/captures", "report-removed"))
}

/// A file of captures that were read; `path` is ours.
async fn file(state: &AppState, id: String, path: String) -> Result<Vec<u8>, Refusal> {
    let desk = state.captures().clone();
    blocking(move || desk.shelf.read(&id, path.as_ref()))
        .await?
        .ok_or(Refusal::Missing)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Refusal::Stopping)
}

/// The files, and what a form puts around each.
#[expect(clippy::cast_possible_truncation, reason = "a gigabyte fits")]
const BODY_OCTETS_MAX: usize = OCTETS_MAX as usize + FILES_MAX * 1024 + 1024;
