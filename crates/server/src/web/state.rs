//! What every handler has at hand.

use super::limit::Attempts;
use super::password::Passwords;
use super::person::Person;
use super::refusal::Refusal;
use crate::engine::Engine;
use crate::metrics::meters::Meters;
use crate::outputs::Place;
use crate::portal::captures::Desk;
use crate::serve::authority::Authority;
use realmward_event::batch::Batch;
use realmward_event::operator::{Decided, Decision};
use realmward_store::{
    Appended, AuditEntry, AuditVerdict, Position, Retention, Sensor, Store, StoreError,
};
use realmward_vocab::EventTime;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// What every handler has at hand; cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState {
    shared: Arc<Shared>,
}

/// How far the audit log was verified since the server started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verified {
    pub(crate) verdict: AuditVerdict,
    /// Rows that were followed in one go from the first, and when.
    pub(crate) whole: Option<(u64, EventTime)>,
}

/// What the server is made of.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) engine: Arc<Engine>,
    pub(crate) authority: Authority,
    pub(crate) place: Arc<Place>,
    /// What is kept for how long.
    pub(crate) retention: Retention,
    pub(crate) stopping: watch::Receiver<bool>,
}

struct Shared {
    parts: Parts,
    passwords: Passwords,
    attempts: Attempts,
    captures: Desk,
    audit: Mutex<Verified>,
    meters: Meters,
}

impl AppState {
    /// # Errors
    /// When the system gives no randomness.
    pub(crate) fn new(parts: Parts) -> anyhow::Result<Self> {
        let data = parts.store.file().parent().unwrap_or(Path::new("."));
        Ok(Self {
            shared: Arc::new(Shared {
                captures: Desk::open(data),
                audit: Mutex::default(),
                parts,
                passwords: Passwords::new()?,
                attempts: Attempts::new(),
                meters: Meters::new(),
            }),
        })
    }

    /// Asks the store, on a thread that may block.
    ///
    /// # Errors
    /// Whatever the store says, as a refusal; details go to the log.
    pub(crate) async fn ask<T>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal>
    where
        T: Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || question(&shared.parts.store))
            .await
            .map_err(|_| Refusal::Stopping)?
            .map_err(Refusal::from)
    }

    /// Does what a person wants, and puts it on record: both, or neither.
    ///
    /// # Errors
    /// Why it was not done.
    pub(crate) async fn act<T>(
        &self,
        by: &Person,
        action: &str,
        subject: &str,
        work: impl FnOnce(&Store) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal>
    where
        T: Send + 'static,
    {
        let entry = entry(&by.name, by.address, action, subject);
        self.act_as(entry, work).await
    }

    /// Likewise, of somebody without a session.
    pub(crate) async fn act_as<T>(
        &self,
        entry: AuditEntry,
        work: impl FnOnce(&Store) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal>
    where
        T: Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || {
            shared.parts.store.together(|store| {
                let done = work(store)?;
                store.append_audit(&entry)?;
                Ok(done)
            })
        });
        done.await.map_err(|_| Refusal::Stopping)?
    }

    /// Hands on a batch of a sensor and waits until it is on disk.
    ///
    /// # Errors
    /// When it could not be kept: the sensor shall try again.
    pub(crate) async fn take(&self, sensor: &Sensor, batch: Batch) -> Result<(), Refusal> {
        let shared = Arc::clone(&self.shared);
        let (sensor, name) = (sensor.id, sensor.name.clone());
        let kept = tokio::task::spawn_blocking(move || {
            let kept = shared.parts.engine.take(sensor, &batch, now())?;
            if let Some(report) = batch.health.as_ref().filter(|_| kept != Appended::Known) {
                shared.meters.reported(&name, report);
            }
            Ok(())
        });
        kept.await.map_err(|_| Refusal::Stopping)?.map_err(|error| {
            tracing::error!(%error, sensor = sensor.0, "a batch could not be kept");
            match error {
                StoreError::Full { .. } => Refusal::from(error),
                _ => {
                    Refusal::Unavailable("the server cannot keep this now; try again later".into())
                }
            }
        })
    }

    /// Writes into the audit log what a person did.
    ///
    /// # Errors
    /// When it could not be written: what is not on record shall not look done.
    pub(crate) async fn audit(
        &self,
        by: &Person,
        action: &str,
        subject: &str,
    ) -> Result<(), Refusal> {
        self.audit_as(&by.name, by.address, action, subject).await
    }

    /// Likewise, of somebody without a session.
    pub(crate) async fn audit_as(
        &self,
        who: &str,
        from: IpAddr,
        action: &str,
        subject: &str,
    ) -> Result<(), Refusal> {
        let entry = entry(who, from, action, subject);
        self.ask(move |store| store.append_audit(&entry).map(drop))
            .await
    }

    /// Charges an attempt to log in.
    ///
    /// # Errors
    /// [`Refusal::TooOften`] when there were too many.
    pub(crate) fn charge(&self, from: IpAddr, account: &str) -> Result<(), Refusal> {
        self.attempts()
            .charge(from, account, Instant::now())
            .map_err(|wait| Refusal::TooOften(wait.as_secs().saturating_add(1)))
    }

    /// Hands on what a person decided, puts it on record and waits until it is on disk.
    ///
    /// # Errors
    /// When it could not be kept.
    pub(crate) async fn decide(
        &self,
        by: &Person,
        decision: Decision,
        action: &str,
        subject: &str,
    ) -> Result<(), Refusal> {
        let entry = entry(&by.name, by.address, action, subject);
        let by = by.name.clone();
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || {
            let decided = Decided { by, decision };
            shared.parts.engine.decide(now(), &decided, &entry)
        })
        .await
        .map_err(|_| Refusal::Stopping)?
        .map_err(Refusal::from)
    }

    /// Why the engine cannot keep what it should, if it cannot.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.shared.parts.engine.trouble()
    }

    /// What is counted from the start on.
    pub(crate) fn meters(&self) -> &Meters {
        &self.shared.meters
    }

    /// Who vouches for sensors.
    pub(crate) fn authority(&self) -> &Authority {
        &self.shared.parts.authority
    }

    /// What outputs know of this server.
    pub(crate) fn place(&self) -> &Arc<Place> {
        &self.shared.parts.place
    }

    /// What is kept for how long.
    pub(crate) fn retention(&self) -> &Retention {
        &self.shared.parts.retention
    }

    /// What is known of the audit log.
    pub(crate) fn verified(&self) -> MutexGuard<'_, Verified> {
        self.shared
            .audit
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Where passwords are checked.
    pub(crate) fn passwords(&self) -> &Passwords {
        &self.shared.passwords
    }

    /// Where attempts to log in are counted.
    pub(crate) fn attempts(&self) -> &Attempts {
        &self.shared.attempts
    }

    /// Captures that people sent to be read.
    pub(crate) fn captures(&self) -> &Desk {
        &self.shared.captures
    }

    /// Changes whenever the engine has told the store something.
    pub(crate) fn news(&self) -> watch::Receiver<Position> {
        self.shared.parts.engine.committed()
    }

    /// Becomes `true` when the server is to stop: an answer without an end (live updates) ends then.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.shared.parts.stopping.clone()
    }
}

/// A row of the audit log.
pub(crate) fn entry(who: &str, from: IpAddr, action: &str, subject: &str) -> AuditEntry {
    AuditEntry {
        time: now(),
        who: who.chars().take(AUDIT_CHARACTERS_MAX).collect(),
        action: action.to_owned(),
        subject: subject.chars().take(AUDIT_CHARACTERS_MAX).collect(),
        detail: String::new(),
        address: from.to_string(),
    }
}

/// The time by the clock of this machine.
pub(crate) fn now() -> EventTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanoseconds = since.map_or(0, |it| i64::try_from(it.as_nanos()).unwrap_or(i64::MAX));
    EventTime::from_unix_nanoseconds(nanoseconds)
}

/// What a stranger sends as a name must not fill the log.
const AUDIT_CHARACTERS_MAX: usize = 1024;
