//! What libFuzzer wrote, summed over all runs of a target.

use std::fmt::Write as _;

/// The sum.
#[derive(Debug, Default)]
pub(super) struct Log {
    executions: u64,
    seconds: u64,
    edges: u64,
    features: u64,
    corpus: u64,
    faults: u64,
    slow: u64,
    peak_mib: u64,
}

impl Log {
    /// Reads the output of any number of runs.
    pub(super) fn read(text: &str) -> Self {
        let mut log = Self::default();
        for line in text.lines() {
            if let Some(count) = after(line, "stat::number_of_executed_units:") {
                log.executions += count;
            } else if let Some(mib) = after(line, "stat::peak_rss_mb:") {
                log.peak_mib = log.peak_mib.max(mib);
            } else if line.starts_with("Done ") {
                log.seconds += after(line, " in ").unwrap_or_default();
            } else if line.starts_with("==") && line.contains("ERROR: libFuzzer") {
                log.faults += 1;
            } else if line.starts_with("Slowest unit:") {
                log.slow += 1;
            }
            if line.starts_with('#') {
                log.edges = log.edges.max(after(line, " cov:").unwrap_or_default());
                log.features = log.features.max(after(line, " ft:").unwrap_or_default());
                log.corpus = log.corpus.max(after(line, " corp:").unwrap_or_default());
            }
        }
        log
    }
}

/// The number that follows a word.
fn after(line: &str, word: &str) -> Option<u64> {
    let (_, rest) = line.split_once(word)?;
    let rest = rest.trim_start();
    let end = rest
        .find(|it: char| !it.is_ascii_digit())
        .unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// A row a target.
pub(super) fn table(logs: &[(String, Log)]) -> String {
    let mut table = "| target | executions | minutes | edges | features | inputs kept | crashes, hangs, out of memory | inputs over 5 s | peak MiB |\n".to_owned();
    table.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    let mut sum = Log::default();
    for (name, log) in logs {
        sum.executions += log.executions;
        sum.seconds += log.seconds;
        sum.faults += log.faults;
        sum.slow += log.slow;
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} |",
            log.executions,
            log.seconds / 60,
            log.edges,
            log.features,
            log.corpus,
            log.faults,
            log.slow,
            log.peak_mib
        );
    }
    let _ = writeln!(
        table,
        "| all | {} | {} | | | | {} | {} | |",
        sum.executions,
        sum.seconds / 60,
        sum.faults,
        sum.slow
    );
    table
}
