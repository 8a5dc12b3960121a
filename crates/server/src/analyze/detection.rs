//! The pipeline behind the sensor, on as many threads as there are shards.
//!
//! The front needs every event in order and runs on the caller's thread. Each shard gets every
//! batch of the front; one more thread gathers what all shards found in a batch. With one shard all
//! of it runs on the caller's thread. Verdicts are the same either way.

use crossbeam_channel::{Receiver, Sender, bounded};
use realmward_pipeline::{Back, Found, Input, PipelineSettings, Shard};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{Scope, ScopedJoinHandle};

/// Where batches of the front go.
pub(super) enum Detection<'scope> {
    /// One shard, here.
    Here(Box<Shard>, Box<Back>),
    /// Several shards, each with its queue, and the one that gathers.
    Threads(Vec<Sender<Batch>>, ScopedJoinHandle<'scope, Back>),
}

type Batch = Arc<Vec<Input>>;

impl<'scope> Detection<'scope> {
    /// Starts the threads; `alerts` is kept at the number of alerts so far.
    pub(super) fn start(
        scope: &'scope Scope<'scope, '_>,
        settings: &PipelineSettings,
        shards: usize,
        alerts: &'scope AtomicU64,
    ) -> Self {
        let count = u32::try_from(shards).unwrap_or(1).max(1);
        let back = Back::new(settings.exclusions.clone());
        if count == 1 {
            let shard = Shard::new(&settings.profile, 0, 1);
            return Self::Here(Box::new(shard), Box::new(back));
        }
        let mut lines = Vec::new();
        let mut results = Vec::new();
        for index in 0..count {
            let shard = Shard::new(&settings.profile, index, count);
            let (line, take) = bounded(QUEUE_BATCHES);
            let (tell, told) = bounded(QUEUE_BATCHES);
            scope.spawn(move || detect(shard, &take, &tell));
            lines.push(line);
            results.push(told);
        }
        let gather = scope.spawn(move || gather(back, &results, alerts));
        Self::Threads(lines, gather)
    }

    /// Takes the next batch of the front.
    pub(super) fn take(&mut self, inputs: Vec<Input>, alerts: &AtomicU64) {
        match self {
            Self::Here(shard, back) => {
                back.take(&[], shard.take(&inputs));
                alerts.store(back.book().alerts().len() as u64, Ordering::Relaxed);
            }
            Self::Threads(lines, _) => {
                let batch = Arc::new(inputs);
                for line in lines {
                    // A shard that is gone has panicked; `finish` passes that on.
                    let _ = line.send(Arc::clone(&batch));
                }
            }
        }
    }

    /// No more batches come.
    pub(super) fn finish(self) -> Back {
        match self {
            Self::Here(_, back) => *back,
            Self::Threads(lines, gather) => {
                drop(lines);
                match gather.join() {
                    Ok(back) => back,
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        }
    }
}

fn detect(mut shard: Shard, batches: &Receiver<Batch>, tell: &Sender<Vec<Found>>) {
    for batch in batches {
        if tell.send(shard.take(&batch)).is_err() {
            break;
        }
    }
}

/// Files the findings of one batch after the other.
fn gather(mut back: Back, results: &[Receiver<Vec<Found>>], alerts: &AtomicU64) -> Back {
    loop {
        let mut found = Vec::new();
        for result in results {
            match result.recv() {
                Ok(more) => found.extend(more),
                Err(_) => return back,
            }
        }
        back.take(&[], found);
        alerts.store(back.book().alerts().len() as u64, Ordering::Relaxed);
    }
}

/// Batches that wait for a shard: enough to even out, few enough to bound memory.
const QUEUE_BATCHES: usize = 4;
