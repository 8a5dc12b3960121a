//! What a person at a terminal sees while it takes long, and how long it took.

use indicatif::{DecimalBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use realmward_export::Report;
use realmward_sensor::Progress;
use std::fs::{File, Metadata};
use std::io::{IsTerminal as _, Read as _, Write as _, stderr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A line on standard error that appears after a second, on a terminal only. How far it is can be
/// told of plain files; of a pipe and of what is compressed only how much was read.
pub(super) struct Bar {
    begun: Instant,
    wanted: bool,
    total: Option<u64>,
    line: Option<ProgressBar>,
}

impl Bar {
    pub(super) fn new(quiet: bool, paths: &[PathBuf]) -> Self {
        let wanted = !quiet && stderr().is_terminal();
        let sizes = paths.iter().map(|path| plain_size(path));
        Self {
            begun: Instant::now(),
            wanted,
            total: wanted.then(|| sizes.sum()).flatten(),
            line: None,
        }
    }

    pub(super) fn show(&mut self, progress: &Progress, alerts: u64) {
        if !self.wanted || self.begun.elapsed() < PATIENCE {
            return;
        }
        let (total, begun) = (self.total, self.begun);
        let line = self.line.get_or_insert_with(|| drawn(total, begun));
        let read = progress.octets + progress.packets * RECORD_HEADER;
        line.set_position(read.min(total.unwrap_or(u64::MAX)));
        line.set_message(format!(
            "{}, {} packets; alerts so far: {alerts}",
            DecimalBytes(progress.octets),
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

fn drawn(total: Option<u64>, begun: Instant) -> ProgressBar {
    let line = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    let template = match total {
        Some(_) => "{elapsed_precise} [{bar:16}] {percent:>3} % {msg}",
        None => "{elapsed_precise} {spinner} {msg}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        line.set_style(style.progress_chars("=> "));
    }
    line.with_elapsed(begun.elapsed())
}

/// The size of a file that is not compressed; none of what has no size to tell.
fn plain_size(path: &Path) -> Option<u64> {
    // Opening a named pipe would take it away from the reading.
    let size = path.metadata().ok().filter(Metadata::is_file)?.len();
    let mut magic = [0; 4];
    File::open(path).ok()?.read_exact(&mut magic).ok()?;
    let is_compressed = magic.starts_with(&[0x1f, 0x8b]) || magic == [0x28, 0xb5, 0x2f, 0xfd];
    (!is_compressed).then_some(size)
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
    let octets = realmward_sensor::service::memory_peak_octets();
    (0 < octets).then_some(octets / 1_000_000)
}

/// Octets of a pcap record beside the packet; pcapng has some more, which no eye sees.
const RECORD_HEADER: u64 = 16;

/// What is faster needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);
