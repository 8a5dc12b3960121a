//! A real Active Directory in network namespaces: to try Realmward on, and to make captures of.
//!
//! Two Samba domain controllers, two member servers, a pool of workstations and a stranger, on a
//! switch that leads nowhere else. A scenario (`fixtures/lab/scenarios/*.toml`) is one act, hostile
//! or honest, with what must be told of it; it is played by real tools and captured at the mirror
//! port of the switch, and an independent dissector says whether the packets hold what they should.
//!
//! Deliberately absent: Windows, certificate services, trusts.

mod commit;
mod day;
mod domain;
mod host;
mod label;
mod live;
mod network;
mod record;
mod scenario;
mod shell;
mod tools;
mod verify;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};
use host::Host;
use scenario::Scenario;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What to do with the lab.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Build the domain and start it; installs what it needs (Debian, root).
    Up,
    /// Play scenarios, capture them and check the captures.
    Run(RunOptions),
    /// Capture an hour of honest work, at the pace of people.
    Day {
        /// One of the days of `fixtures/lab/day.toml`.
        name: String,
        /// Folder of the capture and of its truth [default: `captures` in the folder of the lab].
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Take the captures of a run over into `fixtures/captures`.
    Commit {
        /// Folder of the run [default: `captures` in the folder of the lab].
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
    },
    /// Say in a line what each scenario is.
    List,
    /// Be at one of the machines: a shell, or what COMMAND says.
    On {
        /// dc1 dc2 ws1 ws2 pc1 ... pc12 atk nat home1 home2.
        machine: String,
        /// A line of shell, with what `fixtures/lab/lib.sh` defines.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Stop everything and take the namespaces away; captures and tools stay.
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
    /// Instead of captures: before a running sensor and server, whose alerts are looked at.
    #[arg(long)]
    live: bool,
}

pub(crate) fn run(command: Command) -> Result<()> {
    match &command {
        Command::List => return list(),
        Command::Commit { from } => {
            return commit::commit(&scenario::all()?, &captures(from.as_deref()));
        }
        _ => {}
    }
    tools::need_root()?;
    if let Command::Run(RunOptions { live: true, .. }) = &command
        && !live::is_inside()
    {
        ensure!(network::is_up()?, "the lab is not up: `cargo xtask lab up`");
        return live::enter();
    }
    let _alone = alone(&command)?;
    match command {
        Command::Up => up(),
        Command::Run(options) => play(&options),
        Command::Day { name, out } => {
            ensure!(network::is_up()?, "the lab is not up: `cargo xtask lab up`");
            day::record(&day::read()?, &name, &folder_of(out.as_deref())?)
        }
        Command::On { machine, command } => be(&Host::named(&machine)?, &command.join(" ")),
        Command::Down => network::remove(),
        Command::List | Command::Commit { .. } => Ok(()),
    }
}

/// One at a time may build or play; being at a machine disturbs nobody but a capture.
fn alone(command: &Command) -> Result<Option<File>> {
    if matches!(command, Command::On { .. }) {
        return Ok(None);
    }
    std::fs::create_dir_all(host::FOLDER)?;
    let path = Path::new(host::FOLDER).join("lock");
    let lock = File::create(&path).with_context(|| path.display().to_string())?;
    ensure!(lock.try_lock().is_ok(), "the lab is at work already");
    Ok(Some(lock))
}

fn up() -> Result<()> {
    let begun = Instant::now();
    tools::install()?;
    network::remove()?;
    if let Err(error) = network::build().and_then(|()| domain::build()) {
        network::stop()?;
        return Err(error.context(format!("logs: {}/hosts", host::FOLDER)));
    }
    eprintln!("lab: up after {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

fn be(host: &Host, line: &str) -> Result<()> {
    ensure!(network::is_up()?, "the lab is not up: `cargo xtask lab up`");
    let mut shell = host.command("bash");
    if line.is_empty() {
        // With the library as the file that an interactive shell reads first.
        shell.arg("--rcfile").arg(host::files().join("lib.sh"));
    } else {
        shell.arg("-c").arg(host::library()? + line);
    }
    let status = shell.status()?;
    ensure!(status.success(), "`{line}` ended with {status}");
    Ok(())
}

fn play(options: &RunOptions) -> Result<()> {
    ensure!(network::is_up()?, "the lab is not up: `cargo xtask lab up`");
    let scenarios = chosen(&options.scenarios)?;
    if options.live {
        return crate::tree::report("lab, live", &live::run(&scenarios)?);
    }
    let out = folder_of(options.out.as_deref())?;
    let mut faults = Vec::new();
    for scenario in &scenarios {
        let begun = Instant::now();
        let told = match record::record(scenario, &out).and_then(|take| {
            verify::verify(&scenario.checks, &take.capture)?;
            label::write(scenario, take.act, &out)
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

/// The folder of captures, which is there then.
fn folder_of(out: Option<&Path>) -> Result<PathBuf> {
    let out = captures(out);
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    Ok(out)
}

fn captures(folder: Option<&Path>) -> PathBuf {
    let default = || Path::new(host::FOLDER).join("captures");
    folder.map_or_else(default, Path::to_path_buf)
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
