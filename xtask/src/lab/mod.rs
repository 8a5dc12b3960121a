//! A real Active Directory in network namespaces: to try Realmward on, and to make captures of.
//!
//! Two Samba domain controllers, two member servers, a pool of workstations and a stranger, on a
//! switch that leads nowhere else. A scenario (`fixtures/lab/scenarios/*.toml`) is one act, hostile
//! or honest, with what must be told of it; it is played by real tools and captured at the mirror
//! port of the switch, and an independent dissector says whether the packets hold what they should.
//!
//! Deliberately absent: Windows, certificate services, trusts.

mod domain;
mod host;
mod network;
mod record;
mod scenario;
mod shell;
mod tools;
mod verify;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};
use scenario::Scenario;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What to do with the lab.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Build the domain and start it; installs what it needs (Debian, root).
    Up,
    /// Play scenarios, capture them and check the captures.
    Run(RunOptions),
    /// Say in a line what each scenario is.
    List,
    /// Stop everything and take the namespaces away.
    Down,
}

/// What to play.
#[derive(Args)]
pub(crate) struct RunOptions {
    /// Scenarios by name; default: all.
    scenarios: Vec<String>,
    /// Folder of the captures and of their truth [default: `captures` in the folder of the lab].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(command: Command) -> Result<()> {
    match command {
        Command::Up => up(),
        Command::Run(options) => play(&options),
        Command::List => list(),
        Command::Down => network::remove(),
    }
}

fn up() -> Result<()> {
    let begun = Instant::now();
    tools::install()?;
    network::remove()?;
    network::build()?;
    domain::build()?;
    eprintln!("lab: up after {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

fn play(options: &RunOptions) -> Result<()> {
    ensure!(network::is_up()?, "the lab is not up: `cargo xtask lab up`");
    let scenarios = chosen(&options.scenarios)?;
    let out = match &options.out {
        Some(folder) => folder.clone(),
        None => Path::new(host::FOLDER).join("captures"),
    };
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let mut faults = Vec::new();
    for scenario in &scenarios {
        let begun = Instant::now();
        let told = match record::record(scenario, &out).and_then(|take| {
            verify::verify(scenario, &take)?;
            take.label(scenario, &out)
        }) {
            Ok(()) => "ok".to_owned(),
            Err(error) => {
                faults.push(format!("{}: {error:#}", scenario.name));
                format!("FAILED: {error:#}")
            }
        };
        let took = begun.elapsed().as_secs_f64();
        eprintln!("{:<32} {took:>5.1} s  {told}", scenario.name);
    }
    crate::tree::report("lab", &faults)
}

fn chosen(names: &[String]) -> Result<Vec<Scenario>> {
    let all = scenario::all()?;
    if names.is_empty() {
        return Ok(all);
    }
    for name in names {
        ensure!(
            all.iter().any(|it| it.name == *name),
            "no scenario is called {name}: `cargo xtask lab list`"
        );
    }
    Ok(all
        .into_iter()
        .filter(|it| names.contains(&it.name))
        .collect())
}

#[expect(clippy::print_stdout, reason = "the list is the output of the command")]
fn list() -> Result<()> {
    for scenario in scenario::all()? {
        println!(
            "{:<32} {:<7} {}",
            scenario.name,
            scenario.kind.word(),
            scenario.title
        );
    }
    Ok(())
}
