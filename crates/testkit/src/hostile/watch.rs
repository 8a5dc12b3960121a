//! Looks after time and memory: says which run hangs, and after which one the process grew too big.

use anyhow::{Result, ensure};
use std::collections::BTreeMap;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Watches runs. A run that does not end in time ends the process, for nothing else ends it.
#[derive(Clone, Debug)]
pub struct Watch {
    running: Arc<Mutex<BTreeMap<u64, (Instant, String)>>>,
    begun: Arc<AtomicU64>,
    peak_mib_max: u64,
}

/// A run under watch.
pub(super) struct Guard<'a> {
    watch: &'a Watch,
    number: u64,
    begun: Instant,
    what: &'a str,
}

impl Watch {
    /// Watches from now on. The process, all its threads together, may take this much memory.
    #[must_use]
    pub fn start(peak_mib_max: u64) -> Self {
        let watch = Self {
            running: Arc::default(),
            begun: Arc::default(),
            peak_mib_max,
        };
        let running = Arc::downgrade(&watch.running);
        thread::spawn(move || {
            while let Some(running) = running.upgrade() {
                let runs = running.lock().unwrap_or_else(PoisonError::into_inner);
                for (begun, what) in runs.values() {
                    if HANG < begun.elapsed() {
                        eprintln!("{what}: does not end");
                        process::exit(1);
                    }
                }
                drop(runs);
                drop(running);
                thread::sleep(Duration::from_millis(500));
            }
        });
        watch
    }

    pub(super) fn begin<'a>(&'a self, what: &'a str) -> Guard<'a> {
        let begun = Instant::now();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        running.insert(number, (begun, what.to_owned()));
        Guard {
            watch: self,
            number,
            begun,
            what,
        }
    }
}

impl Guard<'_> {
    /// The run is over: how long it took, if within bounds.
    pub(super) fn end(self) -> Result<Duration> {
        let took = self.begun.elapsed();
        let mut running = (self.watch.running.lock()).unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.number);
        drop(running);
        // Asking costs as much as a short run.
        if !self.number.is_multiple_of(ASK_EVERY) && took < SUSPICIOUS {
            return Ok(took);
        }
        let peak = crate::run::peak_mib()?;
        ensure!(
            peak <= self.watch.peak_mib_max,
            "{}, or a quick run just before: {peak} MiB, over {}",
            self.what,
            self.watch.peak_mib_max
        );
        Ok(took)
    }
}

/// The memory is asked for after every one of so many runs.
const ASK_EVERY: u64 = 32;

/// And after every run this long: what takes memory takes time.
const SUSPICIOUS: Duration = Duration::from_millis(5);

/// No fixture takes a tenth of a second; this leaves room for a busy machine.
const HANG: Duration = Duration::from_secs(20);
