//! The sensor at the mirror end.

use super::Lab;
use super::wire::MIRROR;
use crate::house;
use crate::usage::Usage;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A sensor that watches.
pub(super) struct Tap {
    child: Child,
    log: PathBuf,
}

/// What a sensor said of its run at the end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Summary {
    pub(super) packets: u64,
    pub(super) dropped: u64,
    pub(super) facts: u64,
    pub(super) waiting: u64,
    pub(super) dropped_batches: u64,
    pub(super) peak_mib: f64,
}

impl Tap {
    /// Starts `live` and waits until it watches; `state` is the folder of its identity.
    pub(super) fn open(lab: &Lab, state: &Path, to: &str, more: &[&str]) -> Result<Self> {
        let mut command = Command::new(&lab.programs.sensor);
        command.args(["live", "--interface", MIRROR, "--to", to]);
        command.args(["--stats=json", "--state"]).arg(state);
        Self::watch(command.args(more), &lab.fresh("sensor")?.join("log"))
    }

    /// Starts a command that watches, and waits until it does.
    pub(super) fn watch(command: &mut Command, log: &Path) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(log)?)
            .spawn()
            .with_context(|| format!("{command:?}"))?;
        let mut tap = Self {
            child,
            log: log.to_owned(),
        };
        let begun = Instant::now();
        while !tap.said().contains("watching") {
            let ended = tap.child.try_wait()?;
            ensure!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "the sensor does not watch: {}",
                tap.said()
            );
            sleep(PAUSE);
        }
        Ok(tap)
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn usage(&self) -> Result<Usage> {
        Usage::of(self.process())
    }

    /// Sends a signal by its name.
    pub(super) fn signal(&self, name: &str) -> Result<()> {
        let id = self.process().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status()?;
        ensure!(status.success(), "kill -s {name} {id}");
        Ok(())
    }

    /// Ends one that counts nothing.
    pub(super) fn end(mut self) -> Result<()> {
        house::stop(&mut self.child)
    }

    /// Ends it in order.
    pub(super) fn finish(mut self) -> Result<Summary> {
        house::stop(&mut self.child)?;
        let said = self.said();
        let line = said.lines().rev().find(|it| it.starts_with('{'));
        let line = line.with_context(|| format!("no counters: {said}"))?;
        let told: Value = serde_json::from_str(line)?;
        let number = |name: &str| told.get(name).and_then(Value::as_u64).unwrap_or_default();
        let facts = told.get("facts").and_then(Value::as_object);
        let octets = u32::try_from(number("peak_memory_bytes") >> 10)?;
        Ok(Summary {
            packets: number("packets"),
            dropped: number("dropped_packets"),
            facts: facts.map_or(0, |it| it.values().filter_map(Value::as_u64).sum()),
            waiting: number("waiting_batches"),
            dropped_batches: number("dropped_batches"),
            peak_mib: f64::from(octets) / 1024.0,
        })
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);
