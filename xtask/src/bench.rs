//! Analysis against the floor, measured in the same run on the same captures.
//!
//! The floor is what any sensor must do: read packets, decode headers, keep a flow table. Machines
//! are noisy, so rounds alternate, CPU time counts and not wall time, and medians are printed.

use anyhow::{Context as _, Result, ensure};
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_sensor::{Sensor, SensorOptions, input};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Measures and prints ratios.
pub(crate) fn run(captures: Vec<PathBuf>, rounds: u32) -> Result<()> {
    if let Ok(part) = std::env::var(PART) {
        return child(&part, &captures);
    }
    let captures = if captures.is_empty() {
        default()?
    } else {
        captures
    };
    let program = release()?;
    let mut rows: Vec<(&str, Vec<Usage>)> = PARTS.iter().map(|part| (*part, Vec::new())).collect();
    for round in 0..=rounds {
        for (part, usages) in &mut rows {
            let usage = measure(&program, part, &captures)?;
            // The first round warms the page cache.
            if 0 < round || rounds == 1 {
                usages.push(usage);
            }
        }
    }
    print(&rows)
}

/// CPU seconds, peak memory and packets of one run.
#[derive(Clone, Copy, Debug)]
struct Usage {
    cpu_s: f64,
    peak_mib: f64,
    packets: f64,
}

/// Runs one part in a process of its own, so that its memory is its own.
fn measure(program: &Path, part: &str, captures: &[PathBuf]) -> Result<Usage> {
    let out = Command::new(program)
        .arg("bench")
        .args(captures)
        .env(PART, part)
        .output()
        .context("bench child")?;
    ensure!(
        out.status.success(),
        "{part}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
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

#[expect(clippy::print_stdout, reason = "a child tells its parent")]
fn child(part: &str, captures: &[PathBuf]) -> Result<()> {
    let inputs = captures.iter().map(|path| input(path)).collect();
    let packets = match part {
        "floor" => realmward_stream::floor(inputs).packets,
        "events" => {
            let sensor = Sensor::new(SensorOptions { workers: 1 });
            sensor.run(inputs, drop, |_| {}).packets
        }
        _ => {
            let mut pipeline = Pipeline::new(&PipelineSettings::default(), 1);
            let sensor = Sensor::new(SensorOptions { workers: 1 });
            let stats = sensor.run(inputs, |events| pipeline.take(events), |_| {});
            pipeline.finish();
            eprintln!("{} alerts", pipeline.alerts().len());
            stats.packets
        }
    };
    println!("{} {} {packets}", cpu_seconds()?, peak_mib()?);
    Ok(())
}

/// User and system time of this process (proc(5), fields 14 and 15 of `stat`).
fn cpu_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat")?;
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|it| it.parse::<f64>().ok())
        .sum();
    Ok(ticks / TICKS_PER_SECOND)
}

fn peak_mib() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("/proc/self/status")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1_024.0)
}

#[expect(
    clippy::print_stdout,
    reason = "the table is the output of the command"
)]
fn print(rows: &[(&str, Vec<Usage>)]) -> Result<()> {
    let floor = rows.first().context("no parts")?;
    let floor_rate = median(&floor.1, rate);
    println!("part      packets   Mpackets/s/core   of floor   peak MiB");
    for (part, usages) in rows {
        let mine = median(usages, rate);
        println!(
            "{part:<9} {:>8} {:>14.3} {:>9.1} % {:>9.0}",
            median(usages, |it| it.packets),
            mine / 1e6,
            100.0 * mine / floor_rate,
            median(usages, |it| it.peak_mib),
        );
    }
    Ok(())
}

fn rate(usage: &Usage) -> f64 {
    usage.packets / usage.cpu_s.max(1.0 / TICKS_PER_SECOND)
}

fn median(usages: &[Usage], of: impl Fn(&Usage) -> f64) -> f64 {
    let mut values: Vec<f64> = usages.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The load capture, uncompressed and repeated, so that unpacking is not what is measured.
fn default() -> Result<Vec<PathBuf>> {
    let load = realmward_testkit::run::corpora().map(|it| it.join("lab/load-110s.pcap.zst"));
    match load.filter(|it| it.is_file()) {
        Some(load) => Ok(vec![unpack(&load)?]),
        None => {
            let fixtures = realmward_testkit::run::fixtures().join("captures");
            Ok(vec![fixtures.join("b03_dc2_join.pcap.zst")])
        }
    }
}

fn unpack(load: &Path) -> Result<PathBuf> {
    let out = std::env::temp_dir().join("realmward-bench-load.pcap");
    if !out.is_file() {
        let file = fs::File::open(load).with_context(|| load.display().to_string())?;
        let mut to = fs::File::create(&out)?;
        zstd::stream::copy_decode(file, &mut to).context("unpacking the load capture")?;
    }
    Ok(out)
}

/// This program, optimised.
fn release() -> Result<PathBuf> {
    let status = Command::new("cargo")
        .args([
            "build",
            "--release",
            "--quiet",
            "--locked",
            "--package",
            "xtask",
        ])
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
const PARTS: &[&str] = &["floor", "events", "analyze"];

/// `USER_HZ` is 100 on every Linux that matters (time(7)).
const TICKS_PER_SECOND: f64 = 100.0;
