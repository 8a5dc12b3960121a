//! Every fixture cut everywhere and edited at random: what `cargo test` does, or more of it.

use crate::flood;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use realmward_testkit::hostile::{Plan, Watch, captures, run as carry_out};
use std::path::PathBuf;
use std::time::Instant;

/// How much to do.
#[derive(Args)]
pub(crate) struct Options {
    /// Captures, compressed by zstd; default: all fixtures.
    captures: Vec<PathBuf>,
    /// Random edits of each.
    #[arg(long, default_value_t = 1000)]
    edits: u64,
    /// Decides the edits; another seed, other edits.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Which cuts the whole chain reads.
    #[arg(long, value_enum, default_value_t = Cuts::All)]
    cuts: Cuts,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// The most memory the process may take, in MiB; of floods each of these.
    #[arg(long, value_delimiter = ',', default_values_t = [256])]
    mib: Vec<u64>,
    /// Instead of breaking captures, send traffic that is made to fill memory.
    #[command(flatten)]
    flood: flood::FloodOptions,
    /// Run as built; without it, an optimised build of this program is made and run.
    #[arg(long, hide = true)]
    as_built: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Cuts {
    /// Every octet.
    All,
    /// As `cargo test`.
    Test,
    /// None but at the edges of records.
    Few,
}

/// Breaks captures; fails with the first broken promise.
#[expect(
    clippy::print_stdout,
    reason = "the table is the output of the command"
)]
pub(crate) fn run(options: Options) -> Result<()> {
    if cfg!(debug_assertions) && !options.as_built {
        return crate::programs::run_optimised();
    }
    if options.flood.is_asked() {
        return flood::run(&options.flood, &options.mib);
    }
    let mut plan = match options.cuts {
        Cuts::All => Plan::complete(),
        Cuts::Test => Plan::test(),
        Cuts::Few => Plan {
            chain_stride: usize::MAX,
            packed_stride: usize::MAX,
            snap_stride: usize::MAX,
            ..Plan::test()
        },
    };
    plan.edits = options.edits;
    plan.seed = options.seed;
    plan.threads = options.threads;
    let captures = match options.captures.is_empty() {
        true => captures()?,
        false => options.captures,
    };
    let [mib] = options.mib[..] else {
        bail!("captures are broken under one ceiling: several of --mib are for --flood");
    };
    let begun = Instant::now();
    let tally = carry_out(&captures, &plan, &Watch::start(mib))?;
    println!("{tally}");
    println!("{:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}
