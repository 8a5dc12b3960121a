//! Programs of the system, run to their end; what they say is told only when they fail.

use anyhow::{Context as _, Result, bail};
use std::process::{Command, Output, Stdio};

/// Runs a program to its end; fails with the end of what it said.
pub(super) fn run(command: &mut Command) -> Result<String> {
    let output = try_run(command)?;
    if !output.status.success() {
        bail!(
            "{command:?} ended with {}: {}",
            output.status,
            tail(&output)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program to its end, whatever that is.
pub(super) fn try_run(command: &mut Command) -> Result<Output> {
    let output = command.stdin(Stdio::null()).output();
    output.with_context(|| format!("{command:?}"))
}

/// A program with its arguments, as one would type it.
pub(super) fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

/// The last lines of what a program said.
pub(super) fn tail(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    let mut lines: Vec<&str> = text.lines().rev().take(TAIL_LINES).collect();
    lines.reverse();
    lines.join(" | ")
}

const TAIL_LINES: usize = 6;
