//! The engine's thread: journal, pipeline, commit, in a loop.

use super::commit::produced;
use super::worker::Worker;
use super::{Bell, Rung, numbering};
use anyhow::{Context as _, Result};
use realmward_event::batch::Batch;
use realmward_pipeline::PipelineSettings;
use realmward_store::{Entry, Position, SensorId, Store, StoreError};
use realmward_vocab::FileId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The state of the thread.
pub(super) struct Run {
    store: Store,
    worker: Worker,
    position: Position,
    snapshot_at: Position,
    snapshot_due: Instant,
    files: BTreeMap<(SensorId, FileId), FileId>,
}

impl Run {
    /// Goes on where the last snapshot was taken.
    pub(super) fn open(store: Store, settings: &PipelineSettings) -> Result<Self> {
        let (position, worker) = match store.snapshot()? {
            Some((position, snapshot)) => {
                let worker = Worker::restore(&snapshot).with_context(|| {
                    format!("state of the engine in {}", store.file().display())
                })?;
                (position, worker)
            }
            None => (Position::default(), Worker::new(settings)),
        };
        Ok(Self {
            store,
            worker,
            position,
            snapshot_at: position,
            snapshot_due: Instant::now() + SNAPSHOT_EVERY,
            files: BTreeMap::new(),
        })
    }

    /// Works until the bell says stop and all that came in is committed.
    pub(super) fn until_stopped(mut self, bell: &Bell, tell: &watch::Sender<Position>) {
        let mut stopping = false;
        loop {
            match self.step(stopping) {
                Ok(true) => {
                    tell.send_replace(self.position);
                }
                Ok(false) if stopping => return,
                Ok(false) => stopping = bell.wait(IDLE) == Rung::Stop,
                Err(error) => {
                    tracing::error!(%error, "the engine cannot go on for now");
                    if bell.wait(RETRY) == Rung::Stop {
                        return;
                    }
                }
            }
        }
    }

    /// Takes some entries and commits them; `false` if there was nothing to do.
    ///
    /// On an error of the journal nothing was taken. The commit is tried until it succeeds, since
    /// the pipeline cannot go back.
    pub(super) fn step(&mut self, stopping: bool) -> Result<bool, StoreError> {
        let entries = self.store.entries_after(self.position, ENTRIES_MAX)?;
        let idle = entries.is_empty();
        let due = self.snapshot_due <= Instant::now() || (idle && stopping);
        let snapshot = due && (!idle || self.snapshot_at < self.position);
        if idle && !snapshot {
            return Ok(false);
        }
        for (position, entry) in entries {
            self.entry(position, entry)?;
        }
        self.commit(snapshot);
        Ok(true)
    }

    fn entry(&mut self, position: Position, entry: Entry) -> Result<(), StoreError> {
        match entry {
            Entry::Batch { sensor, batch } => {
                let files = self.file_numbers(sensor, &batch)?;
                self.worker.batch(position, batch, &files);
            }
            Entry::Decided { time, decided } => self.worker.decided(position, time, decided),
            _ => {}
        }
        self.position = position;
        Ok(())
    }

    fn file_numbers(
        &mut self,
        sensor: SensorId,
        batch: &Batch,
    ) -> Result<BTreeMap<FileId, FileId>, StoreError> {
        let files = numbering::files(batch);
        let known = |it: &FileId| self.files.contains_key(&(sensor, *it));
        if !files.iter().all(known) {
            let numbers = self.store.file_numbers(sensor, &files)?;
            if FILES_MAX < self.files.len() {
                self.files.clear();
            }
            let numbered = numbers
                .into_iter()
                .map(|(it, number)| ((sensor, it), number));
            self.files.extend(numbered);
        }
        let number = |it: FileId| Some((it, *self.files.get(&(sensor, it))?));
        Ok(files.into_iter().filter_map(number).collect())
    }

    fn commit(&mut self, with_snapshot: bool) {
        let mut produced = produced(&mut self.worker, self.position);
        if with_snapshot {
            match self.worker.snapshot() {
                Ok(snapshot) => produced.snapshot = Some(snapshot),
                Err(error) => tracing::error!(%error, "no snapshot of the engine"),
            }
        }
        while let Err(error) = super::commit::write(&self.store, &mut produced) {
            tracing::error!(%error, "what the engine produced cannot be stored; trying again");
            std::thread::sleep(RETRY);
        }
        if with_snapshot {
            self.snapshot_at = self.position;
            self.snapshot_due = Instant::now() + SNAPSHOT_EVERY;
        }
    }
}

/// So much of the journal is taken again after a crash.
const SNAPSHOT_EVERY: Duration = Duration::from_secs(60);

/// A commit of this many batches takes well under a second.
const ENTRIES_MAX: usize = 8;

/// Files whose numbers are remembered. What is lost: they are asked for again.
const FILES_MAX: usize = 10_000;

const IDLE: Duration = Duration::from_secs(1);
const RETRY: Duration = Duration::from_secs(1);
