//! A server that runs, the first administrator of it, and sensors that join it.

mod client;

pub(crate) use client::Client;

use crate::programs::Programs;
use anyhow::{Context as _, Result, bail, ensure};
use realmward_store::Store;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A server in a folder.
pub(crate) struct House<'a> {
    programs: &'a Programs,
    data: PathBuf,
    pub(crate) address: SocketAddr,
    server: Child,
    lines: Receiver<String>,
}

impl<'a> House<'a> {
    /// Starts the server in this folder and waits until it listens, on loopback.
    pub(crate) fn open(programs: &'a Programs, data: &Path) -> Result<Self> {
        let (tell, lines) = channel();
        let server = serve(programs, data, move |line| {
            let _ = tell.send(line.to_owned());
        })?;
        let mut house = Self {
            programs,
            data: data.to_owned(),
            address: ([127, 0, 0, 1], 0).into(),
            server,
            lines,
        };
        let line = house.line_with(LISTENS)?;
        house.address = listens(&line).context("the server listens nowhere")?;
        Ok(house)
    }

    /// The next line of the log that holds this text.
    fn line_with(&self, text: &str) -> Result<String> {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.with_context(|| format!("the server does not say `{text}`"))?;
            if line.contains(text) {
                return Ok(line);
            }
        }
    }

    /// Somebody without a session.
    pub(crate) fn client(&self) -> Result<Client> {
        let authority = std::fs::read_to_string(self.data.join("authority.pem"))?;
        Client::new(self.address, &authority)
    }

    /// The first administrator, made by the link that a new server prints.
    pub(crate) fn administrator(&self) -> Result<Client> {
        let line = self.line_with(SETUP)?;
        let (_, token) = line.split_once(SETUP).context("no link")?;
        let token = token.split_whitespace().next().unwrap_or_default();
        let mut client = self.client()?;
        let page = client.get(&format!("{SETUP}{token}"))?.text();
        let csrf = field(&page, "csrf").context("no token on the page")?;
        let fields = [
            ("csrf", csrf),
            ("token", token),
            ("name", "root"),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ];
        let answer = client.form("/setup", &fields)?;
        ensure!(answer.status.as_u16() == 303, "{}", answer.text());
        Ok(client)
    }

    /// The administrator that [`Self::administrator`] made, in a new session.
    pub(crate) fn log_in(&self) -> Result<Client> {
        let mut client = self.client()?;
        let page = client.get("/login")?.text();
        let csrf = field(&page, "csrf").context("no token on the page")?;
        let fields = [("csrf", csrf), ("name", "root"), ("password", PASSWORD)];
        let answer = client.form("/login", &fields)?;
        ensure!(answer.status.as_u16() == 303, "{}", answer.text());
        Ok(client)
    }

    /// What the server keeps, read beside it.
    pub(crate) fn store(&self) -> Result<Store> {
        Ok(Store::open(&self.data)?)
    }

    /// Makes a sensor of this name join; `state` becomes its folder.
    pub(crate) fn join(&self, name: &str, state: &Path) -> Result<()> {
        let url = format!("https://{}", self.address);
        join(self.programs, &self.data, &url, name, state)
    }

    /// The number of the server's process.
    pub(crate) fn process(&self) -> u32 {
        self.server.id()
    }

    /// Ends the server in order.
    pub(crate) fn stop(mut self) -> Result<()> {
        stop(&mut self.server)
    }
}

impl Drop for House<'_> {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Starts a server on a port that the system chooses; `told` gets each line that it says.
pub(crate) fn serve(
    programs: &Programs,
    data: &Path,
    told: impl FnMut(&str) + Send + 'static,
) -> Result<Child> {
    let way = ["serve", "--listen", "127.0.0.1:0"];
    start(&programs.server, &way, data, told)
}

/// Starts the server's program on this folder in one of its ways to work.
pub(crate) fn start(
    program: &Path,
    way: &[&str],
    data: &Path,
    mut told: impl FnMut(&str) + Send + 'static,
) -> Result<Child> {
    let mut server = Command::new(program)
        .args(way)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| program.display().to_string())?;
    let lines = BufReader::new(server.stderr.take().context("standard error")?).lines();
    let mut log = File::options()
        .create(true)
        .append(true)
        .open(log_of(data))?;
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            told(&line);
            let _ = writeln!(log, "{line}");
        }
    });
    Ok(server)
}

/// Where a server says it listens, if that is what the line says.
pub(crate) fn listens(line: &str) -> Option<SocketAddr> {
    line.split_once(LISTENS)?.1.parse().ok()
}

/// Where what the server says is written.
pub(crate) fn log_of(data: &Path) -> PathBuf {
    data.with_extension("log")
}

/// Invites a sensor and has it join the server at `url`.
pub(crate) fn join(
    programs: &Programs,
    data: &Path,
    url: &str,
    name: &str,
    state: &Path,
) -> Result<()> {
    let mut add = Command::new(&programs.server);
    add.args(["sensor", "add", name, "--server", url, "--data"]);
    let out = add.arg(data).output()?;
    let text = String::from_utf8_lossy(&out.stdout);
    let token = text
        .split_once(&format!("{url} "))
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .with_context(|| format!("no token: {out:?}"))?;
    let mut join = Command::new(&programs.sensor);
    let out = join
        .args(["join", url, token, "--state"])
        .arg(state)
        .output()?;
    ensure!(out.status.success(), "the sensor does not join: {out:?}");
    Ok(())
}

/// Ends a program in order, as systemd does.
pub(crate) fn stop(child: &mut Child) -> Result<()> {
    stop_within(child, PATIENCE).map(drop)
}

/// Ends a program in order, in no more time than this; how it ended.
pub(crate) fn stop_within(child: &mut Child, longest: Duration) -> Result<ExitStatus> {
    let id = child.id().to_string();
    ensure!(
        Command::new("kill").arg(&id).status()?.success(),
        "kill {id}"
    );
    let since = Instant::now();
    while since.elapsed() < longest {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(5));
    }
    bail!("process {id} does not stop")
}

/// Value of a hidden field.
fn field<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let mark = format!("name=\"{name}\" value=\"");
    page.split_once(&mark)?.1.split('"').next()
}

const LISTENS: &str = "listening on https://";
const SETUP: &str = "/setup?token=";
const PASSWORD: &str = "correct horse battery";
const PATIENCE: Duration = Duration::from_secs(60);
