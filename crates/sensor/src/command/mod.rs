//! What the commands do, as far as it concerns a terminal: options, signals, messages, counts.

mod live;
mod reading;
mod signals;

pub(crate) use live::{Live, live};
pub(crate) use reading::{floor, read};

use crate::{Watch, Work};
use anyhow::{Context as _, Result};
use realmward_sandbox::Reach;
use realmward_sensor::doctor::{self, Checkup};
use realmward_sensor::service::{Options, Summary, Target};
use realmward_sensor::uplink::{self, Address, Fingerprint};
use realmward_sensor::{Ceiling, Guard};
use std::io::{Write as _, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// How counters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum StatsFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// Where events go, as it is said on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Destination(Target);

impl FromStr for Destination {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(Self(match text {
            "jsonl" => Target::Lines,
            "none" => Target::None,
            "server" => Target::Server(None),
            address => Target::Server(Some(address.parse()?)),
        }))
    }
}

pub(crate) fn target(destination: Destination) -> Target {
    destination.0
}

/// Messages go to standard error; `REALMWARD_LOG` says which.
pub(crate) fn start_log() {
    let filter = EnvFilter::try_from_env("REALMWARD_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_target(false)
        .init();
}

/// What was done before the work.
#[derive(Debug, Default)]
pub(crate) struct Begun {
    /// What was given up, in words.
    confinement: String,
    /// Octets of the rings.
    ring_octets: u64,
}

/// Works until the input ends or a signal comes.
pub(crate) fn work(
    work: &Work,
    target: Target,
    begun: Begun,
    task: impl FnOnce(&Options) -> Result<Summary>,
) -> Result<ExitCode> {
    let options = Options {
        target,
        state: work.state.clone(),
        spool_octets: work.spool_mib << 20,
        evidence_octets: work.evidence_mib << 20,
        patience: PATIENCE,
        // A thread: only now, because what was given up before holds for it too.
        stop: signals::stop_on_signal().context("listening for signals")?,
        confinement: begun.confinement,
        ceiling: Ceiling::new(work.memory_mib << 20, begun.ring_octets),
        guard: Guard::new(work.cpu_share),
    };
    let summary = task(&options)?;
    if let Target::Server(_) = options.target {
        let facts: u64 = summary.facts.values().sum();
        let waiting = match summary.waiting_batches {
            0 => "the server has all".to_owned(),
            some => format!("{some} batches wait and are sent when the sensor runs again"),
        };
        complain(&format!(
            "{} packets, {facts} facts; {waiting}",
            summary.packets
        ));
    }
    finish(&summary, work.stats)
}

/// Follows standard input.
pub(crate) fn pipe(watch: Watch) -> Result<ExitCode> {
    let Watch { to, work } = watch;
    let target = target(to);
    let reach = Reach {
        write: vec![work.state.clone()],
        network: matches!(target, Target::Server(_)),
        ..Reach::default()
    };
    let confinement = live::give_up(&reach)?;
    let begun = Begun {
        confinement,
        ring_octets: 0,
    };
    self::work(&work, target, begun, |options| {
        realmward_sensor::service::pipe(std::io::stdin(), options)
    })
}

/// Says what was wrong with the input and, if asked, what was counted.
fn finish(summary: &Summary, stats: Option<StatsFormat>) -> Result<ExitCode> {
    for fault in &summary.input_faults {
        complain(fault);
    }
    match stats {
        Some(StatsFormat::Json) => {
            writeln!(stderr(), "{}", serde_json::to_string(summary)?)?;
        }
        Some(StatsFormat::Text) => writeln!(stderr(), "{summary}")?,
        None => {}
    }
    Ok(ExitCode::from(u8::from(!summary.input_faults.is_empty())))
}

/// One line on standard error; where that is closed, nobody listens.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(stderr(), "realmward-sensor: {text}");
}

pub(crate) fn join(
    server: &Address,
    token: &str,
    fingerprint: Option<Fingerprint>,
    state: &Path,
) -> Result<ExitCode> {
    let joined = uplink::join(server, token, fingerprint, state)?;
    writeln!(
        stdout(),
        "Joined {} as {} (sensor {}). Next: realmward-sensor doctor --interface NAME",
        joined.server,
        joined.name,
        joined.sensor
    )?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn doctor(
    interface: Option<String>,
    server: Option<Address>,
    seconds: u64,
    state: PathBuf,
) -> Result<ExitCode> {
    let findings = doctor::examine(&Checkup {
        interface,
        server,
        listen: Duration::from_secs(seconds),
        state,
    });
    for finding in &findings {
        writeln!(stdout(), "{finding}")?;
    }
    let failed = findings.iter().any(doctor::Finding::is_failure);
    Ok(ExitCode::from(u8::from(failed)))
}

/// At the end the server is waited for so long.
const PATIENCE: Duration = Duration::from_secs(10);
