//! A sensor and a server that can be killed and are started again, as systemd would.

use super::link::Link;
use anyhow::{Context as _, Result, bail, ensure};
use realmward_store::{Output, OutputId, Store};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The programs under test.
pub(super) struct Programs {
    pub(super) sensor: PathBuf,
    pub(super) server: PathBuf,
}

impl Programs {
    /// Builds them as this program was built.
    pub(super) fn build() -> Result<Self> {
        let programs = crate::programs::Programs::build()?;
        Ok(Self {
            sensor: programs.named("realmward-sensor")?,
            server: programs.named("realmward-server")?,
        })
    }
}

/// A sensor, a server and the link between them.
pub(super) struct House<'a> {
    programs: &'a Programs,
    folder: tempfile::TempDir,
    pub(super) link: Link,
    server: Child,
}

impl<'a> House<'a> {
    /// A server that runs, with a sensor that has joined it.
    pub(super) fn open(programs: &'a Programs) -> Result<Self> {
        let (folder, link) = (tempfile::tempdir()?, Link::open()?);
        // An output that nobody serves: what it was to be told stays countable.
        Store::open(&folder.path().join(DATA))?.put_output(&Output {
            id: OutputId(0),
            name: "kept".to_owned(),
            kind: "kept".to_owned(),
            target: String::new(),
            options: serde_json::Value::Null,
            disabled: false,
        })?;
        let (server, listens) = serve(programs, folder.path(), &link)?;
        let house = Self {
            programs,
            folder,
            link,
            server,
        };
        listens
            .recv_timeout(PATIENCE)
            .context("the server does not listen")?;
        house.join()?;
        Ok(house)
    }

    fn join(&self) -> Result<()> {
        let url = format!("https://{}", self.link.address);
        let mut add = Command::new(&self.programs.server);
        add.args(["sensor", "add", "tap", "--server", &url, "--data"]);
        let out = add.arg(self.data()).output()?;
        let text = String::from_utf8_lossy(&out.stdout);
        let token = text
            .split_once(&format!("{url} "))
            .and_then(|(_, rest)| rest.split_whitespace().next())
            .with_context(|| format!("no token: {out:?}"))?;
        let mut join = Command::new(&self.programs.sensor);
        join.args(["join", &url, token, "--state"])
            .arg(self.state());
        let out = join.output()?;
        ensure!(out.status.success(), "the sensor does not join: {out:?}");
        Ok(())
    }

    /// Starts the sensor on these captures, or on nothing: then it sends what waits.
    pub(super) fn sense(&self, captures: &[PathBuf]) -> Result<Child> {
        let mut command = Command::new(&self.programs.sensor);
        if captures.is_empty() {
            let empty = self.folder.path().join("empty.pcap");
            fs::write(&empty, EMPTY_CAPTURE)?;
            command.arg("pipe").stdin(File::open(empty)?);
        } else {
            command.arg("read").args(captures).stdin(Stdio::null());
        }
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.sensor_log())?;
        Ok(command
            .arg(format!("--to=https://{}", self.link.address))
            .arg("--state")
            .arg(self.state())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?)
    }

    /// What the sensor wrote down of its run; it changes with each.
    pub(super) fn run(&self) -> String {
        fs::read_to_string(self.state().join("run.json")).unwrap_or_default()
    }

    pub(super) fn kill_server(&mut self) -> Result<()> {
        self.server.kill()?;
        self.server.wait()?;
        self.server = serve(self.programs, self.folder.path(), &self.link)?.0;
        Ok(())
    }

    /// Fails if the server ended by itself.
    pub(super) fn check_server(&mut self) -> Result<()> {
        if let Some(status) = self.server.try_wait()? {
            bail!("the server ended by itself, {status}:\n{}", self.logs());
        }
        Ok(())
    }

    /// Ends the server in order: what came in is shown then.
    pub(super) fn stop(&mut self) -> Result<Store> {
        let id = self.server.id().to_string();
        ensure!(
            Command::new("kill").arg(&id).status()?.success(),
            "kill {id}"
        );
        let since = Instant::now();
        while self.server.try_wait()?.is_none() {
            ensure!(since.elapsed() < PATIENCE, "the server does not stop");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(Store::open(&self.data())?)
    }

    pub(super) fn logs(&self) -> String {
        let logs = [self.sensor_log(), server_log(self.folder.path())];
        logs.map(|it| tail(&it)).concat()
    }

    /// Lines in which the server or the sensor says that something is wrong with itself.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for log in [self.sensor_log(), server_log(self.folder.path())] {
            let text = fs::read_to_string(log).unwrap_or_default();
            let bad = |it: &&str| {
                ["ERROR", "panicked", "damaged"]
                    .iter()
                    .any(|word| it.contains(word))
            };
            faults.extend(text.lines().filter(bad).map(str::to_owned));
        }
        faults
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join(DATA)
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn sensor_log(&self) -> PathBuf {
        self.folder.path().join("sensor.log")
    }
}

impl Drop for House<'_> {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

type Listens = std::sync::mpsc::Receiver<()>;

/// Starts the server; the link leads to it as soon as it says where it listens.
fn serve(programs: &Programs, folder: &Path, link: &Link) -> Result<(Child, Listens)> {
    let mut server = Command::new(&programs.server)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.join(DATA))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(server.stderr.take().context("standard error")?).lines();
    let mut log = File::options()
        .create(true)
        .append(true)
        .open(server_log(folder))?;
    let (link, (tell, listens)) = (link.clone(), std::sync::mpsc::channel());
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let address = line.split_once("listening on https://");
            if let Some(address) = address.and_then(|(_, it)| it.parse().ok()) {
                link.lead_to(address);
                let _ = tell.send(());
            }
            let _ = writeln!(log, "{line}");
        }
    });
    Ok((server, listens))
}

fn server_log(folder: &Path) -> PathBuf {
    folder.join("server.log")
}

fn tail(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines
        .get(lines.len().saturating_sub(30)..)
        .unwrap_or_default();
    format!("{}:\n{}\n", path.display(), last.join("\n"))
}

/// The header of a pcap file of Ethernet frames, and nothing behind it.
const EMPTY_CAPTURE: [u8; 24] = [
    0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0,
];

const DATA: &str = "data";
const PATIENCE: Duration = Duration::from_secs(60);
