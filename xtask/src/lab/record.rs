//! Plays a scenario while the mirror port is captured.

use super::domain::ADMIN_PASSWORD;
use super::host::{self, BRIDGE, FOLDER, HOSTS, Host, SWITCH};
use super::scenario::{Kind, Scenario, Step};
use super::shell;
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What was recorded.
pub(super) struct Take {
    pub(super) capture: PathBuf,
}

/// Plays the scenario and captures it.
pub(super) fn record(scenario: &Scenario, out: &Path) -> Result<Take> {
    let source = Host::named(&scenario.source)?;
    let log = Log::open(&scenario.name)?;
    if !scenario.before.is_empty() {
        log.play(&source, &scenario.before, BEFORE_MAX)?;
    }
    let capture = out.join(format!("{}.pcap", scenario.name));
    let tap = Tap::open(&capture)?;
    let played = steps(scenario, &source, &log);
    thread::sleep(LINGER);
    tap.close()?;
    if !scenario.after.is_empty() {
        log.play(&Host::named("dc1")?, &scenario.after, BEFORE_MAX)?;
    }
    played?;
    Ok(Take { capture })
}

fn steps(scenario: &Scenario, source: &Host, log: &Log) -> Result<()> {
    let mut beside = Vec::new();
    for step in &scenario.steps {
        let host = on(step, source)?;
        if step.beside {
            beside.push(log.start(&host, &step.run, STEP_MAX)?);
        } else {
            // How an attack ends is said by its packets, not by the code of its tool.
            log.start(&host, &step.run, STEP_MAX)?.wait()?;
        }
    }
    for mut child in beside {
        child.wait()?;
    }
    Ok(())
}

fn on(step: &Step, source: &Host) -> Result<Host> {
    step.on.as_deref().map_or(Ok(*source), Host::named)
}

impl Take {
    /// Writes what is known of the capture beside it.
    pub(super) fn label(&self, scenario: &Scenario, out: &Path) -> Result<()> {
        let address = |name: &String| Host::named(name).map(|it| it.address());
        let target: Vec<String> = scenario.target.iter().map(address).collect::<Result<_>>()?;
        let truth = json!({
            "file": self.capture.file_name().map(|it| it.to_string_lossy().into_owned()),
            "kind": match scenario.kind { Kind::Attack => "attack", Kind::Honest => "benign" },
            "title": scenario.title,
            "technique": scenario.technique,
            "variant": scenario.variant,
            "twins": scenario.twins,
            "source": Host::named(&scenario.source)?.address(),
            "account": scenario.actor.join(","),
            "target": target.join(","),
            "expect_any": scenario.told_by,
            "required": scenario.kind == Kind::Attack && scenario.not_told_because.is_none(),
            "not_told_because": scenario.not_told_because,
            "note": scenario.note,
        });
        let path = out.join(format!("{}.json", scenario.name));
        fs::write(&path, serde_json::to_string_pretty(&truth)? + "\n")?;
        Ok(())
    }
}

/// What the programs of a scenario said.
struct Log(File);

impl Log {
    fn open(name: &str) -> Result<Self> {
        let folder = Path::new(FOLDER).join("logs");
        fs::create_dir_all(&folder)?;
        Ok(Self(File::create(folder.join(format!("{name}.log")))?))
    }

    fn play(&self, host: &Host, script: &str, max: Duration) -> Result<()> {
        let status = self.start(host, script, max)?.wait()?;
        ensure!(
            status.success(),
            "on {}: `{}` ended with {status}",
            host.name,
            script.trim()
        );
        Ok(())
    }

    /// Starts a shell script on a machine, with `lib.sh` before it; it is ended after `max`.
    fn start(&self, host: &Host, script: &str, max: Duration) -> Result<Child> {
        writeln!(&self.0, "== {}: {}", host.name, script.trim())?;
        let library = fs::read_to_string(host::files().join("lib.sh"))?;
        let mut command = host.command("timeout");
        command.args(["-k", "2", &max.as_secs().to_string(), "bash", "-c"]);
        command.arg(library + script);
        command.env("LAB", FOLDER).env("LAB_FILES", host::files());
        command.env("ADMIN_PASSWORD", ADMIN_PASSWORD);
        for machine in HOSTS {
            command.env(machine.name.to_uppercase(), machine.address());
        }
        command
            .stdin(Stdio::null())
            .stdout(self.0.try_clone()?)
            .stderr(self.0.try_clone()?);
        command
            .spawn()
            .with_context(|| format!("a shell on {}", host.name))
    }
}

/// A capture at the mirror port.
struct Tap(Child);

impl Tap {
    fn open(capture: &Path) -> Result<Self> {
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

    fn close(mut self) -> Result<()> {
        // `ip netns exec` becomes the program, so its number is that of tcpdump.
        shell::run(&mut shell::command(&format!("kill -INT {}", self.0.id())))?;
        self.0.wait()?;
        Ok(())
    }
}

/// What is on the wire a moment after the last program has ended still belongs to it.
const LINGER: Duration = Duration::from_millis(700);

const STEP_MAX: Duration = Duration::from_secs(90);
const BEFORE_MAX: Duration = Duration::from_secs(30);
