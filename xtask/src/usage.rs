//! What a process uses, as the system counts it (proc(5)).

use anyhow::{Context as _, Result};
use std::fs;

/// CPU time and memory of a process.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// User and system time so far, in seconds.
    pub(crate) cpu_s: f64,
    /// Resident now.
    pub(crate) resident_mib: f64,
    /// The most that ever was.
    pub(crate) peak_mib: f64,
}

impl Usage {
    /// Of the process with this number.
    ///
    /// # Errors
    /// When there is none any more.
    pub(crate) fn of(process: u32) -> Result<Self> {
        let status = read(&format!("/proc/{process}/status"))?;
        let mib = |field: &str| -> Option<f64> {
            let line = status.lines().find_map(|it| it.strip_prefix(field))?;
            let kib: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
            Some(kib / 1024.0)
        };
        Ok(Self {
            cpu_s: cpu_seconds(&process.to_string())?,
            resident_mib: mib("VmRSS:").context("VmRSS")?,
            peak_mib: mib("VmHWM:").context("VmHWM")?,
        })
    }
}

/// User and system time of a process, by its number or `self` (fields 14 and 15 of `stat`).
///
/// # Errors
/// When there is none.
pub(crate) fn cpu_seconds(process: &str) -> Result<f64> {
    let stat = read(&format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("stat")?;
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|it| it.parse::<f64>().ok())
        .sum();
    Ok(ticks * TICK_S)
}

/// The same of this very process, to the nanosecond where the kernel counts so (`schedstat`); it must
/// have one thread only.
///
/// # Errors
/// When nothing counts.
pub(crate) fn own_cpu_seconds() -> Result<f64> {
    let fine = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = fine.split(' ').next().and_then(|it| it.parse::<f64>().ok());
    match nanoseconds.filter(|it| 0.0 < *it) {
        Some(nanoseconds) => Ok(nanoseconds / 1e9),
        None => cpu_seconds("self"),
    }
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).with_context(|| path.to_owned())
}

/// How busy the machine is besides: processes that want a core, over the last minute.
pub(crate) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}

/// `USER_HZ` is 100 on every Linux that matters (time(7)).
const TICK_S: f64 = 0.01;
