//! What every handler has at hand.

use super::limit::Attempts;
use super::password::Passwords;
use super::refusal::Refusal;
use super::shelf::Shelf;
use realmward_vocab::EventTime;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// What every handler has at hand; cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState {
    shared: Arc<Shared>,
}

struct Shared {
    store: Shelf,
    passwords: Passwords,
    attempts: Attempts,
    stopping: watch::Receiver<bool>,
}

impl AppState {
    /// # Errors
    /// When the system gives no randomness.
    pub(crate) fn new(store: Shelf, stopping: watch::Receiver<bool>) -> anyhow::Result<Self> {
        Ok(Self {
            shared: Arc::new(Shared {
                store,
                passwords: Passwords::new()?,
                attempts: Attempts::new(),
                stopping,
            }),
        })
    }

    /// Asks the store, on a thread that may block.
    ///
    /// # Errors
    /// Whatever the store says, as a refusal; details go to the log.
    pub(crate) async fn ask<T, E>(
        &self,
        question: impl FnOnce(&Shelf) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Refusal>
    where
        T: Send + 'static,
        E: std::fmt::Display + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || question(&shared.store))
            .await
            .map_err(|_| Refusal::Stopping)?
            .map_err(|error| Refusal::fault(&error))
    }

    /// Where passwords are checked.
    pub(crate) fn passwords(&self) -> &Passwords {
        &self.shared.passwords
    }

    /// Where attempts to log in are counted.
    pub(crate) fn attempts(&self) -> &Attempts {
        &self.shared.attempts
    }

    /// Becomes `true` when the server is to stop: an answer without an end (live updates) ends then.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.shared.stopping.clone()
    }
}

/// The time by the clock of this machine.
pub(crate) fn now() -> EventTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanoseconds = since.map_or(0, |it| i64::try_from(it.as_nanos()).unwrap_or(i64::MAX));
    EventTime::from_unix_nanoseconds(nanoseconds)
}
