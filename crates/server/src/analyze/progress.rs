//! What a person at a terminal sees while it takes long, and how long it took.

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use realmward_export::Report;
use realmward_sensor::Progress;
use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

/// A line on standard error that appears after a second, on a terminal only.
pub(super) struct Bar {
    begun: Instant,
    wanted: bool,
    line: Option<ProgressBar>,
}

impl Bar {
    pub(super) fn new(quiet: bool) -> Self {
        Self {
            begun: Instant::now(),
            wanted: !quiet && stderr().is_terminal(),
            line: None,
        }
    }

    pub(super) fn show(&mut self, progress: &Progress, alerts: u64) {
        if !self.wanted || self.begun.elapsed() < PATIENCE {
            return;
        }
        let line = self.line.get_or_insert_with(|| {
            let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
                line.set_style(style);
            }
            line
        });
        line.set_message(format!(
            "read {}, {} packets; alerts so far: {alerts}",
            HumanBytes(progress.octets),
            HumanCount(progress.packets)
        ));
        line.tick();
    }

    pub(super) fn clear(&self) {
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
    }
}

/// How long it took and how much memory, for who waits at a terminal or keeps a log.
pub(super) fn remark(report: &Report, took: Duration) {
    let memory =
        peak_memory().map_or_else(String::new, |it| format!(", at most {it} MB of memory"));
    let _ = writeln!(
        stderr(),
        "{} packets in {:.1} s{memory}",
        HumanCount(report.summary.packets),
        took.as_secs_f64()
    );
}

/// The most memory this process had, in megabytes, where the system says so (Linux).
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1_000)
}

/// What is faster needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);
