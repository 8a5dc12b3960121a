//! What is done every hour: sessions that are over, tokens that expired and whatever is older than it
//! is to be kept are forgotten.

use crate::portal::captures;
use crate::web::session::{AGE_MAX, IDLE_MAX};
use crate::web::state::now;
use realmward_store::{Retention, Store, StoreError};
use realmward_vocab::EventTime;
use std::time::Duration;
use tokio::sync::watch;

/// Keeps house every hour until `stopping`.
pub(super) async fn run(store: Store, retention: Retention, mut stopping: watch::Receiver<bool>) {
    loop {
        let store = store.clone();
        let work = tokio::task::spawn_blocking(move || once(&store, &retention, now()));
        match work.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "housekeeping"),
            Err(error) => tracing::error!(%error, "housekeeping"),
        }
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

fn once(store: &Store, retention: &Retention, now: EventTime) -> Result<(), StoreError> {
    let ago = |age: Duration| {
        let age = i64::try_from(age.as_nanos()).unwrap_or(i64::MAX);
        EventTime::from_unix_nanoseconds(now.unix_nanoseconds().saturating_sub(age))
    };
    store.end_stale_sessions(ago(IDLE_MAX), ago(AGE_MAX))?;
    store.forget_tokens(now)?;
    if let Some(data) = store.file().parent() {
        captures::prune(data, now);
    }
    let forgotten = store.retain(retention, now)?;
    store.note_size(now)?;
    if !forgotten.rows.is_empty() {
        tracing::info!(rows = ?forgotten.rows, "forgotten");
    }
    Ok(())
}

const EVERY: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_store::{Session, Token};

    #[test]
    fn what_is_over_is_forgotten_and_what_is_not_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let hour = Duration::from_secs(3600);
        let start = now();
        for (hash, seen) in [([1; 32], start), ([2; 32], start.saturating_add(12 * hour))] {
            let session = Session {
                account: "ann".into(),
                begun: seen,
                seen,
                address: String::new(),
            };
            store.put_session(hash, &session).unwrap();
            let token = Token {
                purpose: "sensor".into(),
                subject: "tap".into(),
                expires: seen,
            };
            store.put_token(hash, &token).unwrap();
        }
        let later = start.saturating_add(12 * hour + Duration::from_secs(1));
        once(&store, &Retention::default(), later).unwrap();
        assert!(store.session([1; 32]).unwrap().is_none());
        assert!(store.session([2; 32]).unwrap().is_some());
        assert!(store.token([1; 32]).unwrap().is_none());
    }
}
