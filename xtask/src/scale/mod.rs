//! A large organisation through the real server: how fast facts go in, what they weigh, and how long
//! pages take when it is full.
//!
//! The facts are made first and wait in a sensor's spool; the clock runs from the first batch sent
//! until the engine has committed the last, so that only sending counts on the sensor's side. Then
//! every page and list is asked over HTTPS with a session: cold, with the database thrown out of the
//! page cache before each, and warm. At the end the attacks of the fixtures are sent, so that alerts
//! have pages too.

mod asked;
mod ingest;
mod made;
mod questions;
mod visit;
mod words;

use crate::house::House;
use crate::programs::{self, Programs};
use crate::usage::{Usage, load_average};
use anyhow::{Context as _, Result};
use clap::Args;
use made::Size;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How large an organisation.
#[derive(Args)]
pub(crate) struct Options {
    /// Facts to send.
    #[arg(long, default_value_t = 1_000_000)]
    facts: u64,
    /// Accounts of people.
    #[arg(long, default_value_t = 10_000)]
    users: usize,
    /// Days over which all of it happens.
    #[arg(long, default_value_t = 7)]
    days: u64,
    /// Packets that come as proof with each fact.
    #[arg(long, default_value_t = 2)]
    packets: u64,
    /// Decides all that is drawn.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often each page is asked when warm.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Keep the server's folder here instead of throwing it away; one that is full is only asked.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// Fills a server and asks it.
///
/// # Errors
/// When anything is refused or lost.
pub(crate) fn run(options: &Options) -> Result<()> {
    if cfg!(debug_assertions) {
        return programs::run_optimised();
    }
    let programs = Programs::build()?;
    let thrown_away = tempfile::tempdir()?;
    let folder = options.keep.as_deref().unwrap_or(thrown_away.path());
    std::fs::create_dir_all(folder)?;
    let (data, state) = (folder.join("data"), folder.join("state"));
    say(&format!("machine: load {} at the start", load_average()));
    let house = House::open(&programs, &data)?;
    let is_full = state.exists();
    let mut client = if is_full {
        house.log_in()?
    } else {
        house.administrator()?
    };
    if !is_full {
        fill(&programs, &house, options, &state)?;
    }
    weigh(&data)?;
    house.stop()?;
    let begun = Instant::now();
    let house = House::open(&programs, &data)?;
    client.move_to(house.address);
    let full = Usage::of(house.process())?;
    say(&format!(
        "started again on the full store in {:.2} s, {:.0} MiB resident",
        begun.elapsed().as_secs_f64(),
        full.resident_mib
    ));
    asked::run(&mut client, &data, options.rounds)?;
    let after = Usage::of(house.process())?;
    say(&format!(
        "server after all questions: {:.0} MiB resident, peak {:.0} MiB; load {}",
        after.resident_mib,
        after.peak_mib,
        load_average()
    ));
    house.stop()
}

fn fill(programs: &Programs, house: &House<'_>, options: &Options, state: &Path) -> Result<()> {
    std::thread::sleep(SETTLE);
    let idle = Usage::of(house.process())?;
    say(&format!(
        "server idle: {:.0} MiB resident",
        idle.resident_mib
    ));
    house.join("scale", state)?;
    let size = Size {
        facts: options.facts,
        users: options.users,
        days: options.days,
        packets: options.packets,
    };
    ingest::run(house, size, options.seed, state)?;
    ingest::fixtures(programs, house, state)
}

/// What the database weighs, by table.
fn weigh(data: &Path) -> Result<()> {
    let file = data.join("realmward.db");
    let octets = std::fs::metadata(&file).context("the database")?.len();
    say(&format!("database: {} MiB", octets >> 20));
    for size in realmward_store::Store::open(data)?.sizes()? {
        say(&format!("  {:>8} MiB  {}", size.octets >> 20, size.kind));
    }
    Ok(())
}

/// The figures are the output of the command.
#[expect(
    clippy::print_stdout,
    reason = "the figures are the output of the command"
)]
fn say(line: &str) {
    println!("{line}");
}

const SETTLE: Duration = Duration::from_secs(2);
