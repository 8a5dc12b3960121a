//! `dropped`: reads the captures that somebody sent to the portal, for [the portal](crate::portal).
//!
//! A process of its own, so that a capture that breaks the analysis breaks nothing else, and that knows
//! nothing of the store. It is started in the folder of the captures; beside that folder it leaves the
//! report, the packets of each alert, and as its last deed the [`Outcome`]. On standard output it tells
//! how far it is; when nobody listens any more, it ends.

use super::plan::Plan;
use super::{fill, packets, reading};
use crate::options::{AnalyzeOptions, Choices};
use anyhow::{Context as _, Result};
use realmward_export::words::{self, some};
use realmward_export::{Alert, Report, html};
use realmward_sensor::Progress;
use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// What captures showed, in short.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) packets: u64,
    pub(crate) octets: u64,
    /// From the first packet to the last.
    pub(crate) seconds: f64,
    pub(crate) files: Vec<FileOutcome>,
    pub(crate) alerts: Vec<AlertOutcome>,
    /// The first are to be looked at first: name and priority.
    pub(crate) users: Vec<(String, u8)>,
}

/// What became of one file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct FileOutcome {
    pub(crate) name: String,
    pub(crate) packets: u64,
    pub(crate) octets: u64,
    /// What is wrong with it and where; what was before that was read.
    pub(crate) fault: Option<String>,
}

/// An alert, in short.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct AlertOutcome {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) severity: String,
    pub(crate) start: EventTime,
    pub(crate) sentence: String,
    pub(crate) by: String,
    pub(crate) from: String,
    pub(crate) packets: u64,
    /// The file of its packets, if there is one.
    pub(crate) file: Option<String>,
}

/// How far the reading is, as a line of standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Far {
    pub(crate) packets: u64,
    pub(crate) octets: u64,
    pub(crate) alerts: u64,
}

impl Far {
    /// Reads a line of it.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let mut numbers = line.split(' ').map(|it| it.parse().ok());
        Some(Self {
            packets: numbers.next()??,
            octets: numbers.next()??,
            alerts: numbers.next()??,
        })
    }

    fn tell(self) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{} {} {}", self.packets, self.octets, self.alerts)?;
        out.flush()
    }
}

/// Reads what is in the folder where it was started.
///
/// # Errors
/// When the folder cannot be read, or beside it nothing can be written.
pub(crate) fn run() -> Result<ExitCode> {
    limit_memory();
    give_up()?;
    let paths = captures()?;
    let plan = Plan::new(AnalyzeOptions {
        inputs: paths.clone(),
        config: None,
        choices: Choices {
            threads: Some(threads()),
            quiet: true,
            ..Choices::default()
        },
    })?;
    let stop = AtomicBool::new(false);
    let mut told = Instant::now();
    let found = reading::read(&plan, &paths, &stop, |far, alerts| {
        if TELL_EVERY < told.elapsed() {
            told = Instant::now();
            if far_of(far, alerts).tell().is_err() {
                stop.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        }
    });
    let report = fill::report(&found);
    fs::write(Path::new("..").join(REPORT), html::render(&report)).context(REPORT)?;
    let outcome = outcome(&report, &paths)?;
    let text = serde_json::to_vec(&outcome)?;
    fs::write(Path::new("..").join(OUTCOME), text).context(OUTCOME)?;
    Ok(ExitCode::SUCCESS)
}

fn captures() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(".")?.map(|it| it.map(|it| PathBuf::from(it.file_name())));
    let mut paths = entries.collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn far_of(far: &Progress, alerts: u64) -> Far {
    Far {
        packets: far.packets,
        octets: far.octets,
        alerts,
    }
}

fn outcome(report: &Report, paths: &[PathBuf]) -> Result<Outcome> {
    let file = |it: &realmward_export::Input| FileOutcome {
        name: it.name.clone(),
        packets: it.packets,
        octets: it.bytes,
        fault: it.damage.clone(),
    };
    let user = |it: &realmward_export::User| (it.name.clone(), it.priority);
    Ok(Outcome {
        packets: report.summary.packets,
        octets: report.summary.bytes,
        seconds: report.summary.seconds,
        files: report.inputs.iter().map(file).collect(),
        alerts: alerts(report, paths)?,
        users: report.users.iter().take(USERS_MAX).map(user).collect(),
    })
}

/// The alerts, each with its packets as long as there is room and time for them.
fn alerts(report: &Report, paths: &[PathBuf]) -> Result<Vec<AlertOutcome>> {
    let folder = Path::new("..").join(PACKETS);
    fs::create_dir_all(&folder).context(PACKETS)?;
    let begun = Instant::now();
    let mut octets = 0;
    let mut all = Vec::new();
    for alert in report.alerts.iter().take(ALERTS_MAX) {
        let mut short = short(alert);
        let is_room = octets < PACKETS_OCTETS_MAX && begun.elapsed() < PACKETS_TIME_MAX;
        if is_room && !alert.evidence.is_empty() {
            let (name, size) = packets::write_one(&folder, paths, alert)?;
            octets += size;
            short.file = Some(name);
        }
        all.push(short);
    }
    Ok(all)
}

fn short(alert: &Alert) -> AlertOutcome {
    AlertOutcome {
        number: alert.number,
        title: alert.title.clone(),
        start: alert.start,
        severity: alert.severity.word().to_owned(),
        sentence: alert.story.first().cloned().unwrap_or_default(),
        by: some(alert.actors().map(words::account).collect(), NAMES_MAX),
        from: some(alert.sources().map(words::host).collect(), NAMES_MAX),
        packets: alert.evidence.len() as u64,
        file: None,
    }
}

/// Half the machine: the watch goes on beside it.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |it| (usize::from(it) / 2).max(1))
}

/// Reads where it is, writes beside it, and reaches nothing else: not even if a capture takes it over.
fn give_up() -> Result<()> {
    let confinement = realmward_sandbox::confine(&realmward_sandbox::Reach {
        read: vec![".".into()],
        write: vec!["..".into()],
        ..realmward_sandbox::Reach::default()
    })?;
    if !confinement.is_whole() {
        // Told only if the reading fails; what the server runs on, its log tells at the start.
        writeln!(std::io::stderr(), "the sandbox is not whole: {confinement}")?;
    }
    Ok(())
}

/// So that a capture that was made to fill memory ends this process and not the server.
fn limit_memory() {
    #[cfg(target_os = "linux")]
    {
        use nix::sys::resource::{Resource, setrlimit};
        // Where it cannot be set there was a lower one.
        let _ = setrlimit(Resource::RLIMIT_AS, MEMORY_MAX, MEMORY_MAX);
    }
}

/// The report as one page.
pub(crate) const REPORT: &str = "report.html";
/// Folder of the packets, a file an alert.
pub(crate) const PACKETS: &str = "packets";
/// The [`Outcome`] as JSON; it is there when all is done.
pub(crate) const OUTCOME: &str = "outcome.json";

/// Address space, most of it never touched: an analysis takes some hundred megabytes.
#[cfg(target_os = "linux")]
const MEMORY_MAX: u64 = 4 << 30;

const TELL_EVERY: Duration = Duration::from_millis(200);

/// What a page shows; the report has all.
const ALERTS_MAX: usize = 500;
const USERS_MAX: usize = 10;
const NAMES_MAX: usize = 3;

/// After these, alerts that matter less have no packets of their own; `analyze --pcap` writes all.
const PACKETS_OCTETS_MAX: u64 = 64_000_000;
const PACKETS_TIME_MAX: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_progress_is_none() {
        let far = Far {
            packets: 7,
            octets: 900,
            alerts: 1,
        };
        assert_eq!(Far::read("7 900 1"), Some(far));
        for line in ["", "7 900", "7 900 x", "seven 900 1"] {
            assert_eq!(Far::read(line), None, "{line}");
        }
    }
}
