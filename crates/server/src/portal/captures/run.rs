//! Has captures read by a process of its own, and waits for it.

use crate::analyze::dropped::{Far, OUTCOME, Outcome};
use crate::portal::captures::receive::SENT;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Reads the captures in this folder and removes them; says what they showed, or why they showed nothing
/// (then there is no report either).
pub(super) fn read(
    folder: &Path,
    stopping: &watch::Receiver<bool>,
    tell: impl Fn(Far),
) -> Result<Outcome, String> {
    let read = have_read(folder, stopping, tell).and_then(usable);
    let spent = if read.is_ok() {
        fs::remove_dir_all(folder.join(SENT))
            .and_then(|()| fs::remove_file(folder.join(WORDS)))
            .and_then(|()| fs::remove_file(folder.join(OUTCOME)))
    } else {
        fs::remove_dir_all(folder)
    };
    if let Err(error) = spent {
        tracing::warn!(%error, "captures that were read could not be removed");
    }
    read
}

/// Refuses what showed nothing because it could not be read.
fn usable(outcome: Outcome) -> Result<Outcome, String> {
    if outcome.packets == 0 && outcome.files.iter().any(|it| it.fault.is_some()) {
        let faults = outcome.files.iter().map(|it| {
            let fault = it.fault.as_deref().unwrap_or("there is no packet in it");
            format!("{}: {fault}", it.name)
        });
        return Err(faults.collect::<Vec<_>>().join("\n"));
    }
    Ok(outcome)
}

fn have_read(
    folder: &Path,
    stopping: &watch::Receiver<bool>,
    tell: impl Fn(Far),
) -> Result<Outcome, String> {
    let fault = |error: io::Error| {
        tracing::error!(%error, "captures could not be read");
        "the server could not run the analysis; its log says why".to_owned()
    };
    let mut child = start(folder).map_err(fault)?;
    let lines = lines(child.stdout.take());
    let status = wait(&mut child, stopping, &lines, tell).map_err(fault)?;
    match status {
        None if *stopping.borrow() => {
            Err("the server was stopped before all was read; send it again".to_owned())
        }
        None => Err(format!(
            "the reading took longer than {} minutes and was given up; `realmward-server analyze` \
             takes what time it needs",
            TIME_MAX.as_secs() / 60
        )),
        Some(status) if status.success() => {
            let text = fs::read(folder.join(OUTCOME)).map_err(fault)?;
            serde_json::from_slice(&text).map_err(|error| fault(error.into()))
        }
        Some(status) => Err(last_words(folder, status)),
    }
}

fn start(folder: &Path) -> io::Result<Child> {
    Command::new(program()?)
        .arg("dropped")
        .current_dir(folder.join(SENT))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(folder.join(WORDS))?)
        .spawn()
}

/// This program, even when a newer one has taken its place on the disk.
fn program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok("/proc/self/exe".into());
    }
    std::env::current_exe()
}

/// What it tells, read on a thread that ends with it.
fn lines(out: Option<ChildStdout>) -> Receiver<Far> {
    let (sender, told) = channel();
    if let Some(out) = out {
        std::thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            for far in lines.filter_map(|it| Far::read(&it)) {
                if sender.send(far).is_err() {
                    break;
                }
            }
        });
    }
    told
}

/// How it ended; `None` if it had to be ended.
fn wait(
    child: &mut Child,
    stopping: &watch::Receiver<bool>,
    lines: &Receiver<Far>,
    tell: impl Fn(Far),
) -> io::Result<Option<ExitStatus>> {
    let end = Instant::now() + TIME_MAX;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if end < Instant::now() || *stopping.borrow() {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        if let Some(far) = lines.try_iter().last() {
            tell(far);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn last_words(folder: &Path, status: ExitStatus) -> String {
    let mut octets = Vec::new();
    let read = File::open(folder.join(WORDS))
        .and_then(|it| it.take(WORDS_OCTETS_MAX).read_to_end(&mut octets));
    let words = String::from_utf8_lossy(&octets);
    let words: Vec<&str> = words
        .lines()
        .map(|it| it.strip_prefix("realmward-server: ").unwrap_or(it))
        .take(LINES_MAX)
        .collect();
    tracing::error!(%status, words = %words.join("; "), "the analysis of captures failed");
    if status.code().is_none() || read.is_err() || words.is_empty() {
        return "the analysis broke on it; the server and its watch are not affected. Please report \
                this, with the capture if it may be shown"
            .to_owned();
    }
    words.join("\n")
}

/// Many times what a gigabyte takes.
const TIME_MAX: Duration = Duration::from_secs(20 * 60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

const WORDS: &str = "words";
const WORDS_OCTETS_MAX: u64 = 16_384;
const LINES_MAX: usize = 8;
