//! Every fixture cut everywhere and edited at random: what `cargo test` does, or more of it.

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};
use realmward_testkit::hostile::flood::Flood;
use realmward_testkit::hostile::{Plan, Watch, captures, run as carry_out};
use std::path::PathBuf;
use std::process::Command;
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
    /// The most memory the process may take, in MiB.
    #[arg(long, default_value_t = 256)]
    mib: u64,
    /// Instead of breaking captures, send traffic that is made to fill memory, of every kind, each
    /// through a sensor in a process of its own, with the ceiling of `--mib`.
    #[arg(long)]
    flood: bool,
    /// Packets of each flood.
    #[arg(long, default_value_t = 3_000_000)]
    packets: u64,
    /// One flood, in this process.
    #[arg(long, hide = true)]
    flood_one: Option<String>,
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

/// Every flood, in a process each.
fn flood(options: &Options) -> Result<()> {
    for flood in Flood::ALL {
        let status = Command::new(std::env::current_exe()?)
            .args(["hostile", "--as-built", "--flood-one", flood.as_str()])
            .args(["--packets", &options.packets.to_string()])
            .args(["--mib", &options.mib.to_string()])
            .status()?;
        ensure!(status.success(), "{} broke the promise", flood.as_str());
    }
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "the table is the output of the command"
)]
fn flood_one(name: &str, options: &Options) -> Result<()> {
    let flood = Flood::named(name).with_context(|| format!("{name} is no flood"))?;
    let begun = Instant::now();
    let stats = flood.run(options.packets, options.mib << 20, 1);
    let peak = realmward_sensor::service::memory_peak_octets() >> 20;
    println!(
        "{name:>9}: {} packets in {:.1} s, {peak} MiB at most of {}; {:?}",
        stats.packets,
        begun.elapsed().as_secs_f64(),
        options.mib,
        stats.bounds()
    );
    ensure!(peak <= options.mib, "{name}: {peak} MiB");
    Ok(())
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
    if let Some(name) = &options.flood_one {
        return flood_one(name, &options);
    }
    if options.flood {
        return flood(&options);
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
    let begun = Instant::now();
    let tally = carry_out(&captures, &plan, &Watch::start(options.mib))?;
    println!("{tally}");
    println!("{:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}
