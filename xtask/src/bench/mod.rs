//! Analysis against the floor, measured in the same run on the same captures.
//!
//! The floor is what any sensor must do: read packets, decode headers, keep a flow table. Machines
//! are noisy, so rounds alternate, CPU time counts and not wall time, and medians are printed. Each
//! part of each round is a process of its own, so that its memory is its own.

mod child;
pub(crate) mod load;

use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Measures and prints ratios.
pub(crate) fn run(captures: &[PathBuf], rounds: u32, smoke: bool) -> Result<()> {
    if let Ok(part) = std::env::var(PART) {
        return child::run(&part, captures);
    }
    if smoke {
        return self::smoke();
    }
    let program = release()?;
    let runs = if captures.is_empty() {
        let (short, long) = load::captures()?;
        let on = |part, it: &PathBuf| Run::new(part, vec![it.clone()]);
        let mut runs: Vec<Run> = PARTS.iter().map(|part| on(part, &long)).collect();
        runs.push(on("analyze", &short));
        runs
    } else {
        let run = |part: &&'static str| Run::new(part, captures.to_vec());
        PARTS.iter().map(run).collect()
    };
    measure(&program, runs, rounds)
}

/// Runs each part once, as built, on a small capture: to see that it runs and stays small.
fn smoke() -> Result<()> {
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

fn measure(program: &Path, mut runs: Vec<Run>, rounds: u32) -> Result<()> {
    for round in 0..=rounds {
        for run in &mut runs {
            let usage = run.measure(program)?;
            // The first round warms the page cache.
            if 0 < round {
                run.usages.push(usage);
            }
        }
    }
    print(&runs)
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
        self.median(|it| it.packets / it.cpu_s.max(crate::usage::TICK_S))
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the table is the output of the command"
)]
fn print(runs: &[Run]) -> Result<()> {
    let floor = runs.first().context("no parts")?.rate();
    println!("part        packets   CPU s   Mpackets/s/core   of floor   peak MiB");
    for run in runs {
        println!(
            "{:<8} {:>10} {:>7.2} {:>17.2} {:>8.1} % {:>10.0}",
            run.part,
            run.median(|it| it.packets),
            run.median(|it| it.cpu_s),
            run.rate() / 1e6,
            100.0 * run.rate() / floor,
            run.median(|it| it.peak_mib),
        );
    }
    Ok(())
}

/// This program, optimised.
fn release() -> Result<PathBuf> {
    let status = Command::new("cargo")
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

/// The floor; the sensor with all dissectors; the whole chain with all detections.
const PARTS: &[&str] = &["floor", "events", "analyze"];

/// What the issue allows.
const PEAK_MIB_MAX: f64 = 300.0;
