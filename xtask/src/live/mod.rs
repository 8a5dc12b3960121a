//! The sensor on a wire: captures are replayed on one end of a pair of interfaces, the sensor watches
//! the other, the server is beside it.
//!
//! All of it happens in network, mount and process namespaces of its own, which go with the last
//! process in them, however this one ends; nothing outside is ever sent a packet. Told are: the time
//! from the last packet that proves an attack to its alert, the highest lasting rate without a drop,
//! and whether what the manual promises of `live` is so: privileges, fanout, drops, half a mirror, the
//! systemd unit.
//!
//! Deliberately absent: real network cards, their offloads and their interrupts.

mod capture;
mod latency;
mod promises;
mod rate;
mod tap;
mod wire;

use crate::programs::{self, Programs};
use crate::usage::load_average;
use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How much to try.
#[derive(Args)]
pub(crate) struct Options {
    /// Rounds of attacks, each with a fresh server and a fresh sensor.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Seconds that a rate must last.
    #[arg(long, default_value_t = 25)]
    seconds: u64,
    /// Bisections of the rate.
    #[arg(long, default_value_t = 5)]
    steps: u32,
    /// One attack and the promises, with programs as built: seconds.
    #[arg(long)]
    smoke: bool,
    /// Only this part.
    #[arg(long, value_enum)]
    only: Option<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// From packet to alert.
    Latency,
    /// The highest lasting rate.
    Rate,
    /// Privileges, fanout, drops, half a mirror, the systemd unit.
    Promises,
}

/// Tries all that was asked for; where it cannot be tried, says so.
///
/// # Errors
/// When a promise is not kept, or it cannot be tried and that is not what was expected.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(folder) = std::env::var_os(INSIDE) {
        return inside(options, Path::new(&folder));
    }
    if let Some(why) = hindrance() {
        let demanded = std::env::var_os(FULL).is_some();
        ensure!(options.smoke && !demanded, "live: NOT RUN: {why}");
        eprintln!("live: NOT RUN: {why}");
        return Ok(());
    }
    if cfg!(debug_assertions) && !options.smoke {
        return programs::run_optimised();
    }
    let programs = Programs::build()?;
    let folder = tempfile::tempdir()?;
    // Whoever ends this process ends all of it.
    let mut command = Command::new("setpriv");
    command.args(["--pdeath", "KILL", "unshare"]);
    command.args(["--net", "--mount", "--pid", "--fork", "--kill-child"]);
    let status = command
        .args(["--mount-proc", "--"])
        .arg(std::env::current_exe().context("own path")?)
        .args(std::env::args_os().skip(1))
        .env(INSIDE, folder.path())
        .env(SENSOR, &programs.sensor)
        .env(SERVER, &programs.server)
        .status()
        .context("setpriv")?;
    ensure!(status.success(), "live failed, {status}");
    Ok(())
}

/// One attack and the promises, as built, in a process of their own.
pub(crate) fn smoke() -> Result<()> {
    let own = std::env::current_exe().context("own path")?;
    let status = Command::new(own).args(["live", "--smoke"]).status()?;
    ensure!(status.success(), "live --smoke: {status}");
    Ok(())
}

/// Why nothing can be tried here, if so.
fn hindrance() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("only Linux has these interfaces".to_owned());
    }
    let may = quiet(Command::new("unshare").args(["--net", "--mount", "--pid", "--fork", "true"]));
    if !may {
        return Some("this needs root with CAP_NET_ADMIN and CAP_SYS_ADMIN".to_owned());
    }
    let has = |program: &str| quiet(Command::new(program).arg("--version"));
    if !has("tcpreplay") {
        eprintln!("live: installing tcpreplay");
        quiet(Command::new("apt-get").args(["update", "-qq"]));
        quiet(Command::new("apt-get").args(["install", "-y", "-qq", "tcpreplay", "iproute2"]));
    }
    let missing = ["tcpreplay", "nsenter", "setpriv"]
        .into_iter()
        .filter(|it| !has(it));
    let missing: Vec<&str> = missing.collect();
    (!missing.is_empty()).then(|| format!("missing: {}", missing.join(", ")))
}

fn quiet(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null());
    command
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|it| it.success())
}

/// The work, in the namespaces; `folder` is on a disk and goes with the process outside.
fn inside(options: &Options, folder: &Path) -> Result<()> {
    let path = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .context("programs")
    };
    let programs = Programs {
        sensor: path(SENSOR)?,
        server: path(SERVER)?,
    };
    let lab = Lab {
        programs,
        folder: folder.to_owned(),
        wire: wire::Wire::open()?,
    };
    say(&format!("machine: load {} at the start", load_average()));
    let wants = |part: Part| options.only.is_none_or(|it| it == part);
    if wants(Part::Latency) {
        latency::run(&lab, options.rounds, options.smoke)?;
    }
    if wants(Part::Promises) {
        promises::run(&lab)?;
    }
    if wants(Part::Rate) && !options.smoke {
        rate::run(&lab, options.seconds, options.steps)?;
    }
    say(&format!("machine: load {} at the end", load_average()));
    Ok(())
}

/// Programs, a wire and room on a disk.
struct Lab {
    programs: Programs,
    folder: PathBuf,
    wire: wire::Wire,
}

impl Lab {
    /// A fresh folder within the room.
    fn fresh(&self, name: &str) -> Result<PathBuf> {
        for number in 0..u32::MAX {
            let folder = self.folder.join(format!("{name}-{number}"));
            if !folder.exists() {
                std::fs::create_dir(&folder)?;
                return Ok(folder);
            }
        }
        bail!("no room in {}", self.folder.display())
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the figures are the output of the command"
)]
fn say(line: &str) {
    println!("{line}");
}

/// Set by whoever wants to hear of it as a failure when something cannot be tried.
const FULL: &str = "REALMWARD_CI_FULL";

const INSIDE: &str = "REALMWARD_LIVE_FOLDER";
const SENSOR: &str = "REALMWARD_LIVE_SENSOR";
const SERVER: &str = "REALMWARD_LIVE_SERVER";
