//! How long answers take, cold and warm.

use super::{questions, say};
use crate::figures::Figures;
use crate::house::Client;
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::{Command, Stdio};

/// Asks everything and prints a line for each, the slowest first.
pub(super) fn run(client: &mut Client, data: &Path, rounds: usize) -> Result<()> {
    let mut rows = Vec::new();
    for question in questions::questions(client)? {
        forget(data)?;
        let cold = client.get(&question)?;
        let mut warm = Figures::default();
        for _ in 0..rounds {
            warm.add(client.get(&question)?.took);
        }
        rows.push(Row {
            cold_ms: cold.took.as_secs_f64() * 1e3,
            warm,
            octets: cold.body.len(),
            question,
        });
    }
    rows.sort_by(|one, other| other.warm.median().total_cmp(&one.warm.median()));
    say("   cold   median      p95    worst ms      KiB");
    for row in &rows {
        say(&format!(
            "{:>7.1} {:>8.1} {:>8.1} {:>8.1}   {:>8}  {}",
            row.cold_ms,
            row.warm.median(),
            row.warm.share(0.95),
            row.warm.worst(),
            row.octets >> 10,
            row.question
        ));
    }
    let slow = rows.iter().filter(|it| SLOW_MS < it.warm.median()).count();
    say(&format!(
        "{} questions, {slow} of them with a median over {SLOW_MS} ms",
        rows.len()
    ));
    Ok(())
}

struct Row {
    question: String,
    cold_ms: f64,
    warm: Figures,
    octets: usize,
}

/// Throws the database out of the page cache.
fn forget(data: &Path) -> Result<()> {
    let status = Command::new("dd")
        .arg(format!("if={}", data.join("realmward.db").display()))
        .args(["iflag=nocache", "count=0"])
        .stderr(Stdio::null())
        .status()
        .context("dd")?;
    ensure!(status.success(), "dd: {status}");
    Ok(())
}

/// What the issue allows a page.
const SLOW_MS: f64 = 100.0;
