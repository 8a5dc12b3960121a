//! News while a page is open: how many alerts of its question are new or changed since it was made.
//!
//! An answer without an end that asks the store once a second how far the engine is, and counts only
//! when it went on. It ends with the server, or when the browser goes away.

use super::address::Address;
use super::timeline;
use crate::api::query::Asked;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use realmward_store::{AlertFilter, Position, Store, StoreError};
use std::io;
use std::time::Duration;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/live", VIEWER, live)]
}

async fn live(
    State(state): State<AppState>,
    address: Address,
    asked: Asked,
) -> Result<Response, Refusal> {
    let mut filter = timeline::filter(&address, &asked)?;
    filter.changed_after = asked.time("changed_after")?;
    let begin = Place {
        filter,
        position: state.ask(Store::committed).await?,
        told: 0,
        state,
    };
    let news = stream::try_unfold(begin, next);
    Ok(Sse::new(news)
        .keep_alive(KeepAlive::default())
        .into_response())
}

struct Place {
    state: AppState,
    filter: AlertFilter,
    position: Position,
    told: u64,
}

/// Waits for the next news.
async fn next(mut place: Place) -> io::Result<Option<(Event, Place)>> {
    let mut stopping = place.state.stopping();
    loop {
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => return Ok(None),
            () = tokio::time::sleep(PAUSE) => {}
        }
        let (position, filter) = (place.position, place.filter.clone());
        let (now, count) = place
            .state
            .ask(move |store| count(store, position, &filter))
            .await
            .map_err(|refusal| io::Error::other(refusal.text()))?;
        place.position = now;
        if let Some(count) = count.filter(|it| *it != place.told) {
            place.told = count;
            let event = Event::default().event("alerts").data(count.to_string());
            return Ok(Some((event, place)));
        }
    }
}

fn count(
    store: &Store,
    before: Position,
    filter: &AlertFilter,
) -> Result<(Position, Option<u64>), StoreError> {
    let now = store.committed()?;
    let count = if now == before {
        None
    } else {
        Some(store.alert_counts(filter)?.total)
    };
    Ok((now, count))
}

/// Faster than a person notices, slower than a machine suffers.
const PAUSE: Duration = Duration::from_secs(1);
