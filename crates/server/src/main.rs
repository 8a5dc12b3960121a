//! The Realmward server: `analyze` (captures in, a triage out) and `serve` (the lasting server).
//!
//! The analysis runs on a thread that may block; this one waits for it and for Ctrl-C. The first
//! Ctrl-C stops the reading, and what was read is reported; the second gives up at once.

mod admin;
mod analyze;
mod api;
mod config;
mod demo;
mod engine;
mod metrics;
mod options;
mod outputs;
mod pcapng;
mod portal;
mod sensors;
mod serve;
mod web;

use anyhow::Result;
use clap::Parser as _;
use options::{AnalyzeOptions, Arguments, Command};
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn main() -> ExitCode {
    match Arguments::parse().command {
        // Without the runtime: what it gives up, threads that run already would keep.
        Command::Dropped => finish(analyze::dropped::run()),
        command => run(command),
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn run(command: Command) -> ExitCode {
    match command {
        Command::Analyze(options) => analyzed(*options).await,
        Command::Dropped => finish(analyze::dropped::run()),
        Command::Demo(options) => finish(demo::run(options).await),
        Command::Serve(options) => finish(serve::run(options).await),
        Command::Sensor(command) => finish(admin::sensor(command)),
        Command::User(command) => finish(admin::user(command)),
        Command::Metrics(command) => finish(admin::metrics(command)),
    }
}

async fn analyzed(options: AnalyzeOptions) -> ExitCode {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    let mut work = tokio::task::spawn_blocking(move || analyze::run(options, &seen));
    let outcome = loop {
        tokio::select! {
            outcome = &mut work => break outcome,
            Ok(()) = tokio::signal::ctrl_c() => {
                if stop.swap(true, Ordering::Relaxed) {
                    std::process::exit(INTERRUPTED.into());
                }
                complain("stopping; what was read will be reported (once more to give up)");
            }
        }
    };
    match outcome {
        Ok(result) => finish(result),
        Err(error) => {
            complain(&format!(
                "this is a fault of Realmward, please report it: {error}"
            ));
            ExitCode::from(UNUSABLE)
        }
    }
}

fn finish(result: Result<ExitCode>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(UNUSABLE)
        }
    }
}

/// One line on standard error; where that is closed, nobody listens.
fn complain(text: &str) {
    let text = realmward_export::text::printable(text.trim_end());
    let _ = writeln!(std::io::stderr(), "realmward-server: {text}");
}

/// Exit status when input or options are unusable.
const UNUSABLE: u8 = 2;

/// Exit status of what a second Ctrl-C ends: 128 and the signal's number.
const INTERRUPTED: u8 = 130;
