//! How well an intruder is found among thousands: the real pipeline over simulated organisations.

mod honest;
mod lanl;
mod larger;
mod measure;
mod outcome;
mod page;
mod scores;
mod trial;

use crate::tree;
use anyhow::{Context as _, Result};
use clap::Args;
use outcome::Trial;
use realmward_testkit::organisation::{Kind, Plan};
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;
use trial::Ground;

/// How many organisations, and how large.
#[derive(Args, Clone, Debug, Default)]
#[group(id = "simulation")]
pub(crate) struct Options {
    /// Organisations; each is broken into three times, once in each way.
    #[arg(long, requires = "simulated", default_value_t = 30)]
    pub(crate) seeds: u64,
    /// The first seed; those after it follow.
    #[arg(long, requires = "simulated", default_value_t = 1)]
    pub(crate) first_seed: u64,
    /// Also print what honest people cause of this detection, or of `high` severity: why it was told.
    #[arg(long, requires = "simulated", value_name = "DETECTION")]
    pub(crate) honest: Option<String>,
    /// People in each.
    #[arg(long, requires = "simulated", default_value_t = 2_000)]
    pub(crate) users: usize,
    /// Days at most; the intruder comes at ten o'clock of the eighth day, or of the one after the middle.
    #[arg(long, requires = "simulated", default_value_t = 19)]
    pub(crate) days: u32,
    /// Events in 10,000 that the sensor loses.
    #[arg(long, requires = "simulated", default_value_t = 5)]
    pub(crate) lost: u32,
    /// Threads.
    #[arg(long, requires = "simulated", default_value_t = 2)]
    pub(crate) threads: usize,
    /// Write docs/scoreboard-simulated.md and .json.
    #[arg(long, requires = "simulated")]
    pub(crate) write: bool,
    /// Write a row of the table of larger organisations instead, and leave the rest as it is.
    #[arg(long, requires = "simulated")]
    pub(crate) larger: bool,
    /// Instead: the logons and the red team of the LANL data set, or of files in its form.
    #[arg(long, requires = "simulated", num_args = 2, value_names = ["AUTH", "REDTEAM"])]
    pub(crate) lanl: Vec<PathBuf>,
    /// As CI does: a small organisation and two seeds.
    #[arg(long, requires = "simulated")]
    pub(crate) smoke: bool,
}

/// Runs all trials, and prints or writes what came of them.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let [logons, labels] = options.lanl.as_slice() {
        return tree::say(&lanl::run(logons, labels)?);
    }
    if options.smoke {
        return smoke();
    }
    let start = Instant::now();
    let trials = trials(options)?;
    let (page, json) = page::of(options, &trials, start.elapsed());
    if options.larger {
        larger::keep(options, &trials, start.elapsed())?;
    } else if options.write {
        let docs = tree::root().join("docs");
        fs::write(docs.join("scoreboard-simulated.md"), &page)?;
        fs::write(docs.join("scoreboard-simulated.json"), json)?;
    }
    tree::say(&page)
}

/// A small organisation and two seeds, for CI: it runs, and the noisy intruder is found.
pub(crate) fn smoke() -> Result<()> {
    let options = Options {
        seeds: 2,
        users: 40,
        days: 5,
        lost: 0,
        first_seed: 1,
        honest: None,
        threads: 1,
        write: false,
        larger: false,
        smoke: false,
        lanl: Vec::new(),
    };
    for trial in trials(&options)?.iter().filter(|it| it.kind == Kind::Noisy) {
        let place = trial.places.get(&(1, scores::Way::Priority));
        let place = place.context("no look at 24 hours")?;
        anyhow::ensure!(
            0.99 < place.within[2],
            "a noisy intruder is at place {} after a day",
            place.rank
        );
    }
    Ok(())
}

fn trials(options: &Options) -> Result<Vec<Trial>> {
    let next = AtomicU64::new(options.first_seed);
    let done: Mutex<Vec<(u64, Result<Vec<Trial>>)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if options.first_seed + options.seeds <= seed {
                        break;
                    }
                    let came = of_seed(options, seed);
                    if let Ok(mut done) = done.lock() {
                        done.push((seed, came));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|it| it.0);
    let mut trials = Vec::new();
    for (seed, came) in done {
        trials.extend(came.with_context(|| format!("seed {seed}"))?);
    }
    Ok(trials)
}

fn of_seed(options: &Options, seed: u64) -> Result<Vec<Trial>> {
    let mut plan = Plan::new(options.users, options.days, seed);
    plan.loss = f64::from(options.lost) / 10_000.0;
    let ground = Ground::new(&plan, quiet_days(options))?;
    let trials: Vec<Trial> = (Kind::ALL.iter())
        .map(|kind| ground.trial(*kind, options.honest.as_deref()))
        .collect::<Result<_>>()?;
    for line in trials.iter().flat_map(|it| &it.told) {
        eprintln!("seed {seed}: {line}");
    }
    Ok(trials)
}

/// Days before the intruder comes.
fn quiet_days(options: &Options) -> u32 {
    (options.days / 2).min(7)
}
