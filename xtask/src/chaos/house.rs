//! A sensor and a server that can be killed and are started again, as systemd would.

use super::link::Link;
use crate::house;
use crate::programs::Programs;
use anyhow::{Context as _, Result, bail};
use realmward_store::{Output, OutputId, Store};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

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
        house::join(self.programs, &self.data(), &url, "tap", &self.state())
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
        house::stop(&mut self.server)?;
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
    let (link, (tell, listens)) = (link.clone(), std::sync::mpsc::channel());
    let server = house::serve(programs, &folder.join(DATA), move |line| {
        if let Some(address) = house::listens(line) {
            link.lead_to(address);
            let _ = tell.send(());
        }
    })?;
    Ok((server, listens))
}

fn server_log(folder: &Path) -> PathBuf {
    house::log_of(&folder.join(DATA))
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
