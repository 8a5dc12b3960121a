//! Plays a scenario while the mirror port is captured.

use super::host::{self, BRIDGE, FOLDER, Host, SWITCH};
use super::scenario::{Scenario, Step};
use super::{network, shell};
use anyhow::{Context as _, Result, ensure};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// What was recorded.
pub(super) struct Take {
    pub(super) capture: PathBuf,
    /// From the first step to the end of the last.
    pub(super) act: Act,
}

/// When a scenario was played.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act {
    pub(super) start: SystemTime,
    pub(super) end: SystemTime,
}

/// Plays the scenario and captures it.
pub(super) fn record(scenario: &Scenario, out: &Path) -> Result<Take> {
    let log = prepare(scenario)?;
    let capture = out.join(format!("{}.pcap", scenario.name));
    let played = Tap::open(&capture).and_then(|tap| {
        let played = perform(scenario, &log);
        thread::sleep(LINGER);
        tap.close()?;
        played
    });
    clear(scenario, &log)?;
    Ok(Take {
        capture,
        act: played?,
    })
}

/// Plays the scenario for whoever else listens at the mirror port; `begin` is called when all is
/// prepared, `look` when it has been played.
pub(super) fn play<L, S>(
    scenario: &Scenario,
    begin: impl FnOnce() -> Result<L>,
    look: impl FnOnce(L, Act) -> Result<S>,
) -> Result<S> {
    let log = prepare(scenario)?;
    let seen = begin().and_then(|listener| {
        let act = perform(scenario, &log)?;
        look(listener, act)
    });
    clear(scenario, &log)?;
    seen
}

fn prepare(scenario: &Scenario) -> Result<Log> {
    network::sweep()?;
    let log = Log::open(&scenario.name)?;
    each(scenario, &scenario.before, &log, Ends::Well)?;
    Ok(log)
}

fn perform(scenario: &Scenario, log: &Log) -> Result<Act> {
    let start = SystemTime::now();
    // How an attack ends is said by its packets, not by the code of its tool.
    each(scenario, &scenario.steps, log, Ends::Anyhow)?;
    let end = SystemTime::now();
    Ok(Act { start, end })
}

fn clear(scenario: &Scenario, log: &Log) -> Result<()> {
    network::sweep()?;
    each(scenario, &scenario.after, log, Ends::Well)
}

/// How a step must end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Well,
    Anyhow,
}

/// Runs the steps in order; those that stand beside the others are waited for in the end, unless
/// they were started before the capture, for then they are part of it.
fn each(scenario: &Scenario, steps: &[Step], log: &Log, ends: Ends) -> Result<()> {
    let mut beside = Vec::new();
    for step in steps {
        let name = step.on.as_deref().unwrap_or(&scenario.source);
        let mut child = log.start(&Host::named(name)?, &scenario.name, &step.run)?;
        if step.beside {
            beside.push(child);
            continue;
        }
        let status = child.wait()?;
        ensure!(
            status.success() || ends == Ends::Anyhow,
            "on {name}: `{}` ended with {status}: {}",
            step.run.trim(),
            log.path.display()
        );
        ensure!(
            status.code() != Some(TIMED_OUT),
            "on {name}: `{}` was not done after {STEP_MAX:?}: {}",
            step.run.trim(),
            log.path.display()
        );
    }
    if ends == Ends::Anyhow {
        for mut child in beside {
            child.wait()?;
        }
    }
    Ok(())
}

/// What the programs of a scenario said.
pub(super) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    pub(super) fn open(name: &str) -> Result<Self> {
        let folder = Path::new(FOLDER).join("logs");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}.log"));
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        Ok(Self { path, file })
    }

    /// Starts a shell script on a machine, with `lib.sh` before it.
    pub(super) fn start(&self, host: &Host, scenario: &str, script: &str) -> Result<Child> {
        writeln!(&self.file, "== {}: {}", host.name, script.trim())?;
        let mut command = host.command("timeout");
        command.args(["-k", "2", &STEP_MAX.as_secs().to_string()]);
        command.args(["bash", "-c"]).arg(host::library()? + script);
        command
            .env(network::SCENARIO_MARK, scenario)
            .stdin(Stdio::null())
            .stdout(self.file.try_clone()?)
            .stderr(self.file.try_clone()?);
        command
            .spawn()
            .with_context(|| format!("a shell on {}", host.name))
    }
}

/// A capture at the mirror port.
pub(super) struct Tap(Child);

impl Tap {
    pub(super) fn open(capture: &Path) -> Result<Self> {
        let log = capture.with_extension("tcpdump.log");
        let mut command = Command::new("ip");
        command.args([
            "netns", "exec", SWITCH, "tcpdump", "-i", BRIDGE, "-s", "0", "-U",
        ]);
        command
            .args(["-B", "65536", "--immediate-mode", "-Z", "root", "-w"])
            .arg(capture);
        let child = command
            .stderr(File::create(&log)?)
            .stdout(Stdio::null())
            .spawn()?;
        let end = Instant::now() + Duration::from_secs(10);
        while !fs::read_to_string(&log)?.contains("listening") {
            ensure!(
                Instant::now() < end,
                "tcpdump does not listen: {}",
                log.display()
            );
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Self(child))
    }

    pub(super) fn close(mut self) -> Result<()> {
        // `ip netns exec` becomes the program, so its number is that of tcpdump.
        shell::run(&mut shell::command(&format!("kill -INT {}", self.0.id())))?;
        self.0.wait()?;
        Ok(())
    }
}

/// What is on the wire a moment after the last program has ended still belongs to it.
const LINGER: Duration = Duration::from_millis(700);

/// Longer than any tool needs; one that hangs is ended.
const STEP_MAX: Duration = Duration::from_secs(90);

/// The code by which `timeout` says so.
const TIMED_OUT: i32 = 124;
