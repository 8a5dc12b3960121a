//! `/metrics`: how the server is, for Prometheus and what speaks its language (OpenMetrics 1.0 text).
//!
//! Most numbers are read from the store when they are asked for; what the store does not keep is
//! [metered](meters) from the start of the process on, as counters are. Whoever may see the portal may
//! see them; a program shows the [token] that an administrator made for it. Deliberately absent: names
//! of accounts and of watched computers.

pub(crate) mod meters;
mod page;
pub(crate) mod token;

use crate::web::refusal::Refusal;
use crate::web::route::{METRICS, Route};
use crate::web::state::AppState;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/metrics", METRICS, show)]
}

async fn show(State(state): State<AppState>) -> Result<Response, Refusal> {
    let (meters, trouble) = (state.meters().clone(), state.trouble());
    let text = state
        .ask(move |store| page::text(store, &meters, trouble.is_some()))
        .await?
        .map_err(|error| Refusal::fault(&error))?;
    Ok(([(header::CONTENT_TYPE, MEDIA)], text).into_response())
}

const MEDIA: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
