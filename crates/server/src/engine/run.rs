//! The engine's thread: journal, pipeline, commit, in a loop.

use super::commit::produced;
use super::trouble::Trouble;
use super::worker::Worker;
use super::{Bell, COMMITTING, Rung, numbering, rebuild};
use anyhow::Result;
use realmward_event::batch::Batch;
use realmward_pipeline::PipelineSettings;
use realmward_store::{Entry, Position, Produced, SensorId, Store, StoreError};
use realmward_vocab::FileId;
use std::collections::BTreeMap;
use std::sync::Arc;
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
    /// Entries up to here were told before the state was lost: they are only learned from.
    told: Position,
    /// What came of the entries up to `position` and could not be stored yet.
    pending: Option<Produced>,
    trouble: Arc<Trouble>,
}

impl Run {
    /// Goes on where the last snapshot was taken, or from the beginning of the journal.
    pub(super) fn open(store: Store, settings: &PipelineSettings) -> Result<Self> {
        let Some((position, snapshot)) = store.snapshot()? else {
            let beginning = rebuild::beginning(&store)?;
            if beginning == Position::default() {
                return Ok(Self::at(store, Worker::new(settings), beginning));
            }
            tracing::warn!("there is no state of the engine");
            return Self::anew(store, settings, beginning);
        };
        match Worker::restore(&snapshot) {
            Ok(worker) => Ok(Self::at(store, worker, position)),
            Err(error) => {
                tracing::warn!(%error, "the state of the engine cannot be read");
                let beginning = rebuild::beginning(&store)?;
                Self::anew(store, settings, beginning)
            }
        }
    }

    fn at(store: Store, worker: Worker, position: Position) -> Self {
        Self {
            store,
            worker,
            position,
            snapshot_at: position,
            snapshot_due: Instant::now() + SNAPSHOT_EVERY,
            files: BTreeMap::new(),
            told: Position::default(),
            pending: None,
            trouble: Arc::default(),
        }
    }

    /// Says here what is in the way.
    pub(super) fn tells(mut self, trouble: &Arc<Trouble>) -> Self {
        self.trouble = Arc::clone(trouble);
        self
    }

    /// Makes the state anew from what the store knows and the journal has.
    fn anew(store: Store, settings: &PipelineSettings, beginning: Position) -> Result<Self> {
        let told = store.committed()?;
        tracing::warn!(
            from = beginning.0 + 1,
            to = told.0,
            "learning again from the journal; alerts stay as they are and none is told twice; what \
             was learned before that entry is lost"
        );
        let worker = rebuild::worker(&store, settings)?;
        let mut run = Self::at(store, worker, beginning);
        run.told = told;
        run.worker.rehearses = beginning < told;
        run.snapshot_at = Position::default();
        run.snapshot_due = Instant::now();
        Ok(run)
    }

    /// Works until the bell says stop and all that came in is committed.
    pub(super) fn until_stopped(mut self, bell: &Bell, tell: &watch::Sender<Position>) {
        let mut stopping = false;
        loop {
            match self.step(stopping) {
                Ok(true) if self.worker.rehearses && bell.is_stop() => return,
                Ok(true) if self.worker.rehearses => {}
                Ok(true) => {
                    tell.send_replace(self.position);
                }
                Ok(false) if stopping => return,
                Ok(false) => stopping = bell.wait(IDLE) == Rung::Stop,
                // What is not stored now comes of the journal again after the next start.
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
    /// On an error of the journal nothing was taken. What cannot be stored is stored before anything
    /// else is taken, since the pipeline cannot go back.
    pub(super) fn step(&mut self, stopping: bool) -> Result<bool, StoreError> {
        if self.pending.is_some() {
            self.commit()?;
            return Ok(true);
        }
        if self.worker.rehearses {
            return self.rehearse();
        }
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
        self.harvest(snapshot);
        self.commit()?;
        Ok(true)
    }

    /// Learns from some entries that were told before; the first that was not is left for later.
    fn rehearse(&mut self) -> Result<bool, StoreError> {
        let mut entries = self.store.entries_after(self.position, ENTRIES_MAX)?;
        entries.retain(|(position, _)| *position <= self.told);
        self.worker.rehearses = !entries.is_empty();
        if entries.is_empty() {
            self.position = self.told;
            tracing::warn!("the engine has learned again and goes on");
        }
        for (position, entry) in entries {
            self.entry(position, entry)?;
        }
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

    fn harvest(&mut self, with_snapshot: bool) {
        let mut produced = produced(&mut self.worker, self.position);
        if with_snapshot {
            match self.worker.snapshot() {
                Ok(snapshot) => produced.snapshot = Some(snapshot),
                Err(error) => tracing::error!(%error, "no snapshot of the engine"),
            }
            self.snapshot_at = self.position;
            self.snapshot_due = Instant::now() + SNAPSHOT_EVERY;
        }
        self.pending = Some(produced);
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if let Some(produced) = &mut self.pending {
            let stored = super::commit::write(&self.store, produced);
            self.trouble.set(COMMITTING, stored.as_ref().err());
            stored?;
            self.pending = None;
        }
        Ok(())
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
