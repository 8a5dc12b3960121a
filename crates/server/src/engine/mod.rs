//! The engine: takes what sensors send and people decide, and turns it into what pages show.
//!
//! What comes in goes to the journal first, and is acknowledged once it is on disk. One thread then
//! takes the journal in order through the pipeline and commits what came of it together with the
//! position. From time to time the commit holds a snapshot of the whole state. After a crash the
//! engine restores the snapshot and takes the journal after it again; since the pipeline is
//! deterministic and the store ignores what it has, nothing is lost and nothing is told twice.
//! A snapshot that another version wrote is no reason to stop: the state is [made anew](rebuild).
//!
//! Deliberately absent: what an alert means, and SQL.

mod activity;
mod commit;
mod numbering;
mod rebuild;
mod run;
#[cfg(test)]
mod tests;
mod trouble;
mod worker;

use anyhow::{Context as _, Result};
use realmward_event::batch::Batch;
use realmward_event::operator::Decided;
use realmward_pipeline::PipelineSettings;
use realmward_store::{Appended, AuditEntry, Position, SensorId, Store, StoreError};
use realmward_vocab::EventTime;
use run::Run;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use trouble::Trouble;
pub(crate) use worker::LeftOut;

/// A handle on the running engine; dropping it does not stop it, [`Engine::stop`] does.
pub(crate) struct Engine {
    store: Store,
    bell: Arc<Bell>,
    committed: watch::Receiver<Position>,
    trouble: Arc<Trouble>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Tells the engine's thread that there is work, or that it is to stop.
#[derive(Default)]
struct Bell {
    rung: Mutex<Rung>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Rung {
    #[default]
    No,
    Work,
    Stop,
}

impl Engine {
    /// Restores the last state and starts the thread. A state that cannot be read is made anew from
    /// the journal, while everything else goes on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn start(store: &Store, settings: &PipelineSettings) -> Result<Self> {
        let run = Run::open(store.clone(), settings)?;
        let bell = Arc::new(Bell::default());
        let (tell, committed) = watch::channel(store.committed()?);
        let ring = Arc::clone(&bell);
        let trouble = Arc::new(Trouble::default());
        let run = run.tells(&trouble);
        let thread = std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || run.until_stopped(&ring, &tell))
            .context("starting the engine")?;
        Ok(Self {
            store: store.clone(),
            bell,
            committed,
            trouble,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Takes a batch; when it returns, the batch is on disk. One that is known is ignored.
    ///
    /// # Errors
    /// When it could not be kept; the sensor is to try again.
    pub(crate) fn take(
        &self,
        sensor: SensorId,
        batch: &Batch,
        now: EventTime,
    ) -> Result<Appended, StoreError> {
        let kept = self.store.append_batch(sensor, batch);
        self.trouble.set(TAKING, kept.as_ref().err());
        let kept = kept?;
        self.bell.ring(Rung::Work);
        self.store.sensor_heard(sensor, now)?;
        Ok(kept)
    }

    /// Takes a decision with its row of the audit log, and waits, for a moment, until pages show it.
    ///
    /// # Errors
    /// When it could not be kept.
    pub(crate) fn decide(
        &self,
        time: EventTime,
        decided: &Decided,
        audit: &AuditEntry,
    ) -> Result<(), StoreError> {
        let position = self.store.together(|store| {
            store.append_audit(audit)?;
            store.append_decision(time, decided)
        })?;
        self.bell.ring(Rung::Work);
        self.wait_for(position, DECISION_WAIT);
        Ok(())
    }

    /// Up to where pages show what came in; changes with each commit.
    pub(crate) fn committed(&self) -> watch::Receiver<Position> {
        self.committed.clone()
    }

    /// Why what came in or what came of it cannot be kept, as long as it cannot.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.now()
    }

    /// Waits until everything up to `position` is shown; `false` if that takes longer.
    pub(crate) fn wait_for(&self, position: Position, longest: Duration) -> bool {
        let end = Instant::now() + longest;
        while *self.committed.borrow() < position {
            if end <= Instant::now() {
                return false;
            }
            std::thread::sleep(POLL);
        }
        true
    }

    /// Stops the thread after it has committed all that came in, with a snapshot.
    pub(crate) fn stop(&self) {
        self.bell.ring(Rung::Stop);
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the engine ended by a fault of its own");
        }
    }
}

impl Bell {
    fn is_stop(&self) -> bool {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) == Rung::Stop
    }

    fn ring(&self, how: Rung) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        if *rung != Rung::Stop {
            *rung = how;
        }
        self.changed.notify_all();
    }

    /// Waits until it rings, or `longest`; takes [`Rung::Work`] away, [`Rung::Stop`] stays.
    fn wait(&self, longest: Duration) -> Rung {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) = self
            .changed
            .wait_timeout_while(rung, longest, |it| *it == Rung::No)
            .unwrap_or_else(PoisonError::into_inner);
        let was = *rung;
        if was == Rung::Work {
            *rung = Rung::No;
        }
        was
    }
}

/// A decision is shown at once, unless much is waiting; longer than this nobody waits for a page.
const DECISION_WAIT: Duration = Duration::from_secs(3);
/// The two places where something may not be kept.
const TAKING: usize = 0;
const COMMITTING: usize = 1;
const POLL: Duration = Duration::from_millis(2);
