//! Captures that are being read, one after the other.

use super::kept::{Ending, Kept, Shelf};
use super::run;
use crate::analyze::dropped::Far;
use crate::web::state::now;
use realmward_vocab::EventTime;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Captures that are being read.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) id: String,
    /// Who sent them.
    pub(super) by: String,
    pub(super) sent: EventTime,
    /// Names of the files.
    pub(super) names: Vec<String>,
    pub(super) stage: Stage,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// Others are before it.
    Waiting,
    Reading(Far),
}

/// What people sent, and what came of it; cheap to clone.
#[derive(Clone)]
pub(crate) struct Desk {
    jobs: Arc<Mutex<Vec<Job>>>,
    places: Arc<Semaphore>,
    turn: Arc<Semaphore>,
    pub(super) shelf: Shelf,
}

impl Desk {
    /// In this data folder.
    pub(crate) fn open(data: &Path) -> Self {
        Self {
            jobs: Arc::default(),
            places: Arc::new(Semaphore::new(PLACES)),
            turn: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            shelf: Shelf::open(data),
        }
    }

    /// The right to send captures and have them read; `None` while there are too many.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Those that are not read yet, the latest first.
    pub(super) fn jobs(&self) -> Vec<Job> {
        self.held().iter().rev().cloned().collect()
    }

    pub(super) fn job(&self, id: &str) -> Option<Job> {
        self.held().iter().find(|it| it.id == id).cloned()
    }

    /// Has captures read that lie in the folder of this job, when it is their turn.
    pub(super) fn begin(
        &self,
        job: Job,
        place: OwnedSemaphorePermit,
        stopping: watch::Receiver<bool>,
    ) {
        self.held().push(job.clone());
        let desk = self.clone();
        tokio::spawn(async move {
            if let Ok(turn) = Arc::clone(&desk.turn).acquire_owned().await {
                let work = desk.clone();
                let reading = tokio::task::spawn_blocking(move || work.read(&job, &stopping));
                if reading.await.is_err() {
                    tracing::error!("the reading of a capture ended in a fault");
                }
                drop(turn);
            }
            drop(place);
        });
    }

    fn read(&self, job: &Job, stopping: &watch::Receiver<bool>) {
        let tell = |far| self.stage(&job.id, Stage::Reading(far));
        tell(Far::default());
        let ending = match self.shelf.folder(&job.id) {
            Some(folder) => run::read(&folder, stopping, tell),
            None => Err("its folder is gone".to_owned()),
        };
        let kept = Kept {
            id: job.id.clone(),
            by: job.by.clone(),
            sent: job.sent,
            names: job.names.clone(),
            ending: ending.map_or_else(Ending::Failed, Ending::Read),
        };
        if let Err(error) = self.shelf.put(&kept) {
            tracing::error!(%error, "what came of a capture could not be kept");
            self.shelf.remove(&job.id);
        }
        self.shelf.prune(now());
        self.held().retain(|it| it.id != job.id);
    }

    fn stage(&self, id: &str, stage: Stage) {
        if let Some(job) = self.held().iter_mut().find(|it| it.id == id) {
            job.stage = stage;
        }
    }

    fn held(&self) -> MutexGuard<'_, Vec<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reading takes half the processor; the watch goes on beside it.
const AT_ONCE_MAX: usize = 1;

/// Being sent, waiting and being read: each may lie on the disk with all that is taken at once.
const PLACES: usize = 4;
