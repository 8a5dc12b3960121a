//! Whether the server answers at all, for whoever watches it. Says nothing else, because everybody
//! may ask; how the server is, is at `/api/v1/health`.

use super::refusal::Refusal;
use super::route::{PUBLIC, Route};
use super::state::AppState;
use axum::extract::State;
use realmward_store::Store;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/healthz", PUBLIC, healthz)]
}

async fn healthz(State(state): State<AppState>) -> Result<&'static str, Refusal> {
    state.ask(Store::accounts).await?;
    Ok("ok\n")
}
