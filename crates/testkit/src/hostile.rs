//! Hostile captures: every fixture cut everywhere and edited at random, through the whole chain.
//!
//! What is promised of a capture of a stranger: no panic, no hang, bounded memory, and a fault that
//! says where. This module breaks the fixtures in ways that can be repeated, runs each as the
//! server would, and stops at the first promise that is broken, naming the fixture and how to break
//! it again. `cargo test` runs the plan [`Plan::test`], `cargo xtask hostile` any other.
//!
//! Absent: hostile content that no edit of a fixture reaches; that is for the fuzz targets.

mod chain;
mod cut;
mod edit;
pub mod flood;
pub mod random;
mod subject;
mod watch;

pub use watch::Watch;

use anyhow::{Result, bail};
use std::collections::VecDeque;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use subject::Subject;

/// How much to do.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Cut the uncompressed capture at every octet before this one.
    pub cut_octets: usize,
    /// The capture reader reads every cut. The whole chain reads those at the edges of records, and
    /// of those within records every one of so many.
    pub chain_stride: usize,
    /// The capture reader reads every cut of the file as it is, compressed; the whole chain every
    /// one of so many.
    pub packed_stride: usize,
    /// The whole chain reads the capture with all packets cut at every one of so many lengths.
    pub snap_stride: usize,
    /// Random edits, each through the whole chain.
    pub edits: u64,
    /// Decides the edits.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
}

impl Plan {
    /// What `cargo test` does: every cut and all edits through the whole chain; of the cuts of
    /// compressed files, which give the same packets once more, and of snap lengths, a sample.
    #[must_use]
    pub const fn test() -> Self {
        Self {
            cut_octets: 64 * 1024,
            chain_stride: 1,
            packed_stride: 251,
            snap_stride: 61,
            edits: 1000,
            seed: 1,
            threads: 2,
        }
    }

    /// Everything through the whole chain.
    #[must_use]
    pub const fn complete() -> Self {
        Self {
            packed_stride: 1,
            snap_stride: 1,
            ..Self::test()
        }
    }
}

/// What was done, and what it cost.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Fixtures.
    pub fixtures: u64,
    /// Cuts read by the capture reader.
    pub cuts: u64,
    /// Of them, read by the whole chain.
    pub chain_cuts: u64,
    /// Cuts of compressed files.
    pub packed_cuts: u64,
    /// Of them, read by the whole chain.
    pub packed_chain_cuts: u64,
    /// Snap lengths, read by the whole chain.
    pub snaps: u64,
    /// Edited captures, read by the whole chain.
    pub edits: u64,
    /// Events of all edited captures.
    pub events: u64,
    /// Alerts of all edited captures.
    pub alerts: u64,
    /// The slowest run: milliseconds, and what it was.
    pub slowest: (u128, String),
    /// The most memory the process ever had, in MiB.
    pub peak_mib: u64,
}

impl Tally {
    fn took(&mut self, outcome: &chain::Outcome, what: &str) {
        let milliseconds = outcome.took.as_millis();
        if self.slowest.0 < milliseconds {
            self.slowest = (milliseconds, what.to_owned());
        }
    }

    fn merge(&mut self, other: Self) {
        self.fixtures += other.fixtures;
        self.cuts += other.cuts;
        self.chain_cuts += other.chain_cuts;
        self.packed_cuts += other.packed_cuts;
        self.packed_chain_cuts += other.packed_chain_cuts;
        self.snaps += other.snaps;
        self.edits += other.edits;
        self.events += other.events;
        self.alerts += other.alerts;
        self.slowest = self.slowest.clone().max(other.slowest);
        self.peak_mib = self.peak_mib.max(other.peak_mib);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "fixtures                  {:>9}", self.fixtures)?;
        writeln!(f, "cuts, capture reader      {:>9}", self.cuts)?;
        writeln!(f, "cuts, whole chain         {:>9}", self.chain_cuts)?;
        writeln!(f, "compressed cuts           {:>9}", self.packed_cuts)?;
        writeln!(f, "of them, whole chain      {:>9}", self.packed_chain_cuts)?;
        writeln!(f, "snap lengths              {:>9}", self.snaps)?;
        writeln!(f, "edits                     {:>9}", self.edits)?;
        writeln!(f, "events of edited captures {:>9}", self.events)?;
        writeln!(f, "alerts of edited captures {:>9}", self.alerts)?;
        let (milliseconds, what) = &self.slowest;
        writeln!(f, "slowest run               {milliseconds:>6} ms  {what}")?;
        write!(f, "peak memory               {:>5} MiB", self.peak_mib)
    }
}

/// All captures among the fixtures.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn captures() -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(crate::run::fixtures().join("captures"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "zst") {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

/// Carries out the plan; stops at the first broken promise.
///
/// # Errors
///
/// What was broken, and how to break it again. A run that hangs ends the process.
pub fn run(captures: &[PathBuf], plan: &Plan, watch: &Watch) -> Result<Tally> {
    // The longest first, so that no thread is left with it at the end.
    let mut queue = captures.to_vec();
    queue.sort_by_key(|path| std::cmp::Reverse(path.metadata().map_or(0, |it| it.len())));
    let queue = Mutex::new(VecDeque::from(queue));
    let next = || {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.pop_front()
    };
    let mut tally = Tally::default();
    let outcomes: Vec<Result<Tally>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..plan.threads.max(1))
            .map(|_| {
                scope.spawn(|| {
                    let mut tally = Tally::default();
                    while let Some(path) = next() {
                        tally.merge(capture(&path, plan, watch)?);
                    }
                    Ok(tally)
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|it| it.join().unwrap_or_else(|_| bail!("a thread panicked")))
            .collect()
    });
    for outcome in outcomes {
        tally.merge(outcome?);
    }
    Ok(tally)
}

fn capture(path: &Path, plan: &Plan, watch: &Watch) -> Result<Tally> {
    let subject = Subject::open(path)?;
    let mut tally = Tally {
        fixtures: 1,
        ..Tally::default()
    };
    cut::reader(&subject, plan, &mut tally)?;
    cut::chain(&subject, plan, watch, &mut tally)?;
    cut::packed(&subject, plan, watch, &mut tally)?;
    cut::snaps(&subject, plan, watch, &mut tally)?;
    edit::all(&subject, plan, watch, &mut tally)?;
    Ok(tally)
}
