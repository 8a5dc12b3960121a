//! A sensor at the mirror port and the server it tells, in a folder of their own.

use crate::house::{House, stop};
use crate::lab::host::BRIDGE;
use crate::programs::Programs;
use anyhow::{Context as _, Result, ensure};
use realmward_store::Store;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Both at work.
pub(super) struct Room<'a> {
    house: House<'a>,
    sensor: Sensor,
    pub(super) store: Store,
}

impl<'a> Room<'a> {
    /// Starts both, new in a folder that is empty, or with what others learned in it before; returns
    /// when the sensor watches.
    pub(super) fn open(programs: &'a Programs, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let state = folder.join("state");
        let house = House::open(programs, &folder.join("data"))?;
        if !state.exists() {
            house.join("mirror", &state)?;
        }
        let log = folder.join("sensor.log");
        let mut command = Command::new(&programs.sensor);
        command
            .args(["live", "--interface", BRIDGE])
            .arg(format!("--to=https://{}", house.address))
            .arg("--state")
            .arg(&state)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?);
        let sensor = Sensor(command.spawn()?);
        let end = Instant::now() + BEGINS_WITHIN;
        while !fs::read_to_string(&log)?.contains("watching") {
            ensure!(Instant::now() < end, "the sensor does not watch");
            thread::sleep(Duration::from_millis(20));
        }
        let store = house.store()?;
        Ok(Self {
            house,
            sensor,
            store,
        })
    }

    /// Ends both in order, so that what they learned is on disk.
    pub(super) fn close(mut self) -> Result<()> {
        let ended = self.sensor.0.try_wait()?;
        ensure!(ended.is_none(), "the sensor ended by itself");
        stop(&mut self.sensor.0)?;
        drop(self.store);
        self.house.stop()
    }
}

/// One that does not outlive us.
struct Sensor(Child);

impl Drop for Sensor {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Copies a folder with all that is in it.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().context("a file without a name")?;
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

const BEGINS_WITHIN: Duration = Duration::from_secs(20);
