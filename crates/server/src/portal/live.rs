//! News while a page is open: how many alerts of its question are new or changed since it was made.
//!
//! An answer without an end. It sleeps until the engine has committed something, counts, and waits a
//! moment before it looks again, so an open page costs nothing while nothing happens. It ends with the
//! server, or when the browser goes away.

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
use realmward_store::{AlertFilter, Position};
use std::io;
use std::time::Duration;
use tokio::sync::watch;

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
    let mut committed = state.news();
    // What was told between the making of the page and now is counted at once.
    committed.mark_changed();
    let begin = Place {
        filter,
        committed,
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
    committed: watch::Receiver<Position>,
    told: u64,
}

/// Waits for the next news.
async fn next(mut place: Place) -> io::Result<Option<(Event, Place)>> {
    let mut stopping = place.state.stopping();
    loop {
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => return Ok(None),
            changed = place.committed.changed() => if changed.is_err() { return Ok(None) },
        }
        let filter = place.filter.clone();
        let counts = place
            .state
            .ask(move |store| store.alert_counts(&filter))
            .await
            .map_err(|refusal| io::Error::other(refusal.text()))?;
        if counts.total != place.told {
            place.told = counts.total;
            let event = Event::default().event("alerts");
            return Ok(Some((event.data(counts.total.to_string()), place)));
        }
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => return Ok(None),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Faster than a person notices, slower than a machine suffers: under load there are many commits a
/// second.
const PAUSE: Duration = Duration::from_secs(1);
