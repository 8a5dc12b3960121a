//! `cargo xtask COMMAND`: what developers of Realmward do besides `cargo build` and `cargo test`.
//!
//! Checks that keep the laws of `ARCHITECTURE.md`, generators of everything that can be generated,
//! stubs for new units, benches, and the whole of CI as one command.

mod bench;
mod chaos;
mod ci;
mod codegen;
mod diff;
mod e2e;
mod eval;
mod figures;
mod flood;
mod fuzz;
mod hostile;
mod house;
mod lab;
mod layers;
mod live;
mod new;
mod programs;
mod scale;
mod simulate;
mod tidy;
mod traffic;
mod tree;
mod usage;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer commands of Realmward")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check that each crate depends only on lower floors and only on what its floor may.
    Layers,
    /// Check what style rules a machine can check.
    Tidy,
    /// Write the generated files; with --check, fail if one is stale.
    Codegen {
        /// Write nothing; fail if a file would change.
        #[arg(long)]
        check: bool,
    },
    /// Write the stubs of a new unit.
    New {
        #[command(subcommand)]
        unit: new::Unit,
    },
    /// Run everything that CI runs.
    Ci,
    /// Score the detections on captures with known contents, and write or check the scoreboard.
    Eval(eval::Options),
    /// Measure analysis against the floor: reading, decoding headers and a flow table.
    Bench(bench::Options),
    /// Cut the fixtures at every octet and edit them at random; no panic, no hang, bounded memory.
    Hostile(hostile::Options),
    /// Compare what the sensor tells with what tshark says, and write or check `docs/differential.md`.
    Diff(diff::Options),
    /// Fuzz the protocols and the whole sensor; tell executions, coverage and what was found.
    Fuzz(fuzz::Options),
    /// Kill sensor, server and the link between them at random; nothing is lost or told twice.
    Chaos(chaos::Options),
    /// Run a real Active Directory in network namespaces, and make captures of it.
    Lab {
        #[command(subcommand)]
        command: lab::Command,
    },
    /// Walk through the portal of a real server in a real Chromium, by keyboard alone.
    E2e(e2e::Options),
    /// Simulate an organisation of thousands for weeks, and count what it does.
    Simulate(simulate::Options),
    /// Replay captures on a wire before a live sensor: time to the alert, highest rate, promises.
    Live(live::Options),
    /// Send a million facts of 10,000 users through the server; time ingest, pages and lists.
    Scale(scale::Options),
    /// Write synthetic Kerberos traffic with fields that real software never sends.
    Traffic {
        /// The capture to write.
        out: PathBuf,
    },
}

/// Floods are sent to a sensor in this program, which keeps a ceiling of memory.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: realmward_sensor::Counting = realmward_sensor::Counting;

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Layers => tree::report("layers", &layers::check()?),
        Command::Tidy => tree::report("tidy", &tidy::check()?),
        Command::Codegen { check } => codegen::run(check),
        Command::New { unit } => new::run(&unit),
        Command::Ci => ci::run(),
        Command::Eval(options) => eval::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Hostile(options) => hostile::run(options),
        Command::Diff(options) => diff::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Chaos(options) => chaos::run(&options),
        Command::Lab { command } => lab::run(command),
        Command::E2e(options) => e2e::run(&options),
        Command::Simulate(options) => simulate::run(&options),
        Command::Live(options) => live::run(&options),
        Command::Scale(options) => scale::run(&options),
        Command::Traffic { out } => traffic::run(&out),
    }
}
