//! `cargo xtask simulate`: an organisation that does not exist, its events and its statistics.

mod counts;
pub(crate) mod numbers;
mod plots;

use crate::tree;
use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use realmward_testkit::organisation::{Kind, Plan, Simulation};
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::time::Instant;

/// What to simulate, and what to make of it.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// People with an account.
    #[arg(long, default_value_t = 2_000)]
    users: usize,
    /// Days, the first a Monday.
    #[arg(long, default_value_t = 14)]
    days: u32,
    /// Decides all that is left to chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Let an intruder in at noon of the day in the middle.
    #[arg(long, value_enum)]
    intrusion: Option<Intrusion>,
    /// Write the events here, one JSON a line.
    #[arg(long)]
    events: Option<PathBuf>,
    /// Write the statistics of the honest part and their plots into docs/simulation.
    #[arg(long)]
    plots: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Intrusion {
    Noisy,
    Ordinary,
    Patient,
}

impl From<Intrusion> for Kind {
    fn from(it: Intrusion) -> Self {
        match it {
            Intrusion::Noisy => Self::Noisy,
            Intrusion::Ordinary => Self::Ordinary,
            Intrusion::Patient => Self::Patient,
        }
    }
}

/// Simulates, counts, and writes what was asked for.
pub(crate) fn run(options: &Options) -> Result<()> {
    let start = Instant::now();
    let plan = Plan::new(options.users, options.days, options.seed);
    let mut simulation = Simulation::new(&plan);
    if let Some(kind) = options.intrusion {
        simulation.intrude(kind.into(), plan.at(plan.days / 2, 12.0));
    }
    let mut out = match &options.events {
        Some(path) => Some(BufWriter::new(
            File::create(path).with_context(|| path.display().to_string())?,
        )),
        None => None,
    };
    let mut counts = counts::Counts::new(&plan);
    for event in simulation.by_ref() {
        counts.take(&event);
        if let Some(out) = &mut out {
            serde_json::to_writer(&mut *out, &event)?;
            out.write_all(b"\n")?;
        }
    }
    counts.finish();
    let page = counts.page(start.elapsed());
    tree::say(&page)?;
    for step in simulation.steps() {
        tree::say(&format!(
            "{} {} from {}\n",
            step.technique, step.actor, step.source
        ))?;
    }
    if options.plots {
        plots::write(&counts)?;
        let path = tree::root().join("docs/simulation/statistics.md");
        fs::write(
            path,
            format!(
                "<!-- Written by `cargo xtask simulate --plots`. -->\n\n{}",
                counts.table()
            ),
        )?;
    }
    Ok(())
}
