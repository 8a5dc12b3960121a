//! Analysis against the floor, measured in the same run on the same captures.
//!
//! The floor is what any sensor must do: read packets, decode headers, keep a flow table. Machines
//! are noisy, so rounds alternate, CPU time counts and not wall time, and medians are printed. Each
//! part of each round is a process of its own, so that its memory is its own.

mod beside;
mod child;
mod dense;
mod flame;
mod instructions;
mod layers;
mod linear;
pub(crate) mod load;
mod table;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Args)]
pub(crate) struct Options {
    /// Captures; default: the load capture of the corpora, and a dense one made of fixtures.
    captures: Vec<PathBuf>,
    /// Rounds; medians are printed.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Instead: how costs grow with packets, flows, disorder, loss and size; draws
    /// `docs/performance`.
    #[arg(long)]
    grow: bool,
    /// Instead: tshark on the same captures, in turns with us.
    #[arg(long)]
    beside: bool,
    /// Instead: a flame graph of the sensor on the load, by perf, into `docs/performance`.
    #[arg(long)]
    flame: bool,
    /// Instead: instructions each packet, by callgrind; with `--grow` on those of its series that cost
    /// more with each step, where time is a matter of caches too.
    #[arg(long)]
    instructions: bool,
    /// Instead: what each layer costs by itself.
    #[arg(long)]
    layers: bool,
}

/// Measures and prints ratios.
pub(crate) fn run(options: &Options) -> Result<()> {
    let (captures, rounds) = (&options.captures, options.rounds);
    if let Ok(part) = std::env::var(PART) {
        return child::run(&part, captures);
    }
    if options.layers && cfg!(debug_assertions) {
        return crate::programs::run_optimised();
    }
    if options.layers {
        return layers::run();
    }
    let program = release()?;
    if options.beside {
        return beside::run(&program, rounds);
    }
    if options.flame {
        return flame::run(&program, captures);
    }
    if options.grow && options.instructions {
        return linear::count(&program);
    }
    if options.grow {
        return linear::run(&program, rounds);
    }
    if options.instructions {
        return instructions::run(&program);
    }
    if !captures.is_empty() {
        let runs = on(PARTS, captures);
        return table::print("captures", &measure(&program, runs, rounds)?, None);
    }
    let captures = load::captures()?;
    let mut runs = on(PARTS, &[captures.long]);
    runs.extend(on(&["analyze"], &[captures.short]));
    let runs = measure(&program, runs, rounds)?;
    table::print("load", &runs, Some(&table::LOAD))?;
    let runs = measure(&program, on(PARTS, &[captures.dense]), rounds)?;
    table::print("dense", &runs, Some(&table::DENSE))
}

fn on(parts: &[&'static str], captures: &[PathBuf]) -> Vec<Run> {
    let runs = parts.iter().map(|part| Run::new(part, captures.to_vec()));
    runs.collect()
}

/// Runs each part once, as built, on a small capture: to see that it runs and stays small.
pub(crate) fn smoke() -> Result<()> {
    let program = std::env::current_exe().context("own path")?;
    let capture = realmward_testkit::run::fixtures().join("captures/b03_dc2_join.pcap.zst");
    for part in PARTS {
        let usage = Run::new(part, vec![capture.clone()]).measure(&program)?;
        ensure!(0.0 < usage.packets, "{part}: no packets");
        ensure!(
            usage.peak_mib < PEAK_MIB_MAX,
            "{part}: {} MiB",
            usage.peak_mib
        );
    }
    Ok(())
}

/// All parts in turn, round by round; the first round warms the page cache.
fn measure(program: &Path, mut runs: Vec<Run>, rounds: u32) -> Result<Vec<Run>> {
    for round in 0..=rounds {
        for run in &mut runs {
            let usage = run.measure(program)?;
            if 0 < round {
                run.usages.push(usage);
            }
        }
    }
    Ok(runs)
}

/// One part on some captures, and what it used in each round.
struct Run {
    part: &'static str,
    captures: Vec<PathBuf>,
    usages: Vec<Usage>,
}

/// CPU seconds, peak memory and packets of one run.
#[derive(Clone, Copy, Debug)]
struct Usage {
    cpu_s: f64,
    peak_mib: f64,
    packets: f64,
}

impl Run {
    const fn new(part: &'static str, captures: Vec<PathBuf>) -> Self {
        Self {
            part,
            captures,
            usages: Vec::new(),
        }
    }

    fn measure(&self, program: &Path) -> Result<Usage> {
        let out = Command::new(program)
            .arg("bench")
            .args(&self.captures)
            .env(PART, self.part)
            .output()
            .context("bench child")?;
        let part = self.part;
        let errors = String::from_utf8_lossy(&out.stderr);
        ensure!(out.status.success(), "{part}: {errors}");
        let text = String::from_utf8_lossy(&out.stdout);
        let numbers: Vec<f64> = text
            .split_whitespace()
            .filter_map(|it| it.parse().ok())
            .collect();
        let [cpu_s, peak_mib, packets] = numbers[..] else {
            anyhow::bail!("{part}: printed `{text}`");
        };
        Ok(Usage {
            cpu_s,
            peak_mib,
            packets,
        })
    }

    fn median(&self, of: impl Fn(&Usage) -> f64) -> f64 {
        let mut values: Vec<f64> = self.usages.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    }

    fn rate(&self) -> f64 {
        self.median(|it| it.packets / it.cpu_s.max(CPU_S_MIN))
    }
}

/// This program, optimised.
fn release() -> Result<PathBuf> {
    if !cfg!(debug_assertions) {
        return std::env::current_exe().context("own path");
    }
    let mut cargo = Command::new("cargo");
    crate::programs::forget_cargo(&mut cargo);
    let status = cargo
        .args(["build", "--release", "--quiet", "--locked"])
        .args(["--package", "xtask"])
        .current_dir(crate::tree::root())
        .status()
        .context("cargo build")?;
    ensure!(
        status.success(),
        "cargo build --release --package xtask failed"
    );
    let here = std::env::current_exe().context("own path")?;
    let target = here.ancestors().nth(2).context("target folder")?;
    Ok(target.join("release/xtask"))
}

/// Tells a child which part to run.
const PART: &str = "REALMWARD_BENCH_PART";

/// The floor; the sensor with all dissectors; the same with facts written to a file, as JSON lines and
/// as the batches of the spool; the whole chain with all detections.
const PARTS: &[&str] = &["floor", "events", "lines", "batches", "analyze"];

/// What the clock of the CPU may be off by.
const CPU_S_MIN: f64 = 1e-4;

/// What the issue allows.
const PEAK_MIB_MAX: f64 = 300.0;
