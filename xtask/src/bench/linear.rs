//! How costs grow: twice the packets, flows, disorder, loss and size of messages, step by step.
//!
//! Each series is a set of captures in which one thing doubles and the rest stays as it is. What they
//! cost is drawn into `docs/performance` and printed as a table; a straight line means that nobody can
//! make the sensor work harder than by sending more.

mod made;
mod plot;

use super::{Run, instructions, load, measure};
use anyhow::Result;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What grows.
struct Series {
    name: &'static str,
    /// What the numbers below the picture count.
    unit: &'static str,
    /// The capture of each step.
    steps: Vec<(f64, PathBuf)>,
}

/// Measures all series, draws and prints.
pub(super) fn run(program: &Path, rounds: u32) -> Result<()> {
    let mut text =
        String::from("| what grows | step | packets | CPU s | CPU µs each packet | peak MiB |\n");
    text.push_str("| --- | ---: | ---: | ---: | ---: | ---: |\n");
    for series in series(&[])? {
        let runs = series.steps.iter();
        let runs = runs
            .map(|it| Run::new("lines", vec![it.1.clone()]))
            .collect();
        let runs = measure(program, runs, rounds)?;
        let mut points = Vec::new();
        for ((step, _), run) in series.steps.iter().zip(&runs) {
            let (cpu, packets) = (run.median(|it| it.cpu_s), run.median(|it| it.packets));
            let peak = run.median(|it| it.peak_mib);
            writeln!(
                text,
                "| {} | {step} {} | {packets} | {cpu:.2} | {:.2} | {peak:.0} |",
                series.name,
                series.unit,
                1e6 * cpu / packets
            )?;
            points.push((*step, cpu, peak));
        }
        plot::write(series.name, series.unit, &points)?;
    }
    crate::tree::say(&text)
}

/// Counts the instructions of series in which a step costs more time a packet than the one before.
pub(super) fn count(program: &Path) -> Result<()> {
    let mut text = String::from("| what grows | step | packets | instructions each packet |\n");
    text.push_str("| --- | ---: | ---: | ---: |\n");
    for series in &series(&COUNTED)? {
        for (step, capture) in &series.steps {
            let folder = load::folder()?;
            let (packets, each) = instructions::count(program, "lines", capture, &folder)?;
            let Series { name, unit, .. } = series;
            writeln!(text, "| {name} | {step} {unit} | {packets} | {each:.0} |")?;
        }
    }
    crate::tree::say(&text)
}

/// Those named, or all; their captures are written.
fn series(only: &[&str]) -> Result<Vec<Series>> {
    let folder = load::folder()?;
    let step = |name: &str, step: u32| folder.join(format!("{name}-{step}.pcap"));
    let each = |name: &'static str,
                unit: &'static str,
                steps: &[u32],
                write: &dyn Fn(u32, &Path) -> Result<()>|
     -> Result<Series> {
        let is_wanted = only.is_empty() || only.contains(&name);
        let mut made = Vec::new();
        for it in steps.iter().filter(|_| is_wanted) {
            let path = step(name, *it);
            write(*it, &path)?;
            made.push((f64::from(*it), path));
        }
        Ok(Series {
            name,
            unit,
            steps: made,
        })
    };
    let load = load::source();
    let sources = super::dense::sources()?;
    Ok(vec![
        each("packets", "times the load", &[1, 2, 4, 8, 16], &|it, to| {
            load::repeat(&load, to, i64::from(it))
        })?,
        each(
            "flows",
            "times the lab at once",
            &[2, 4, 8, 16, 32],
            &|it, to| super::dense::write(&sources, it, usize::MAX, to),
        )?,
        each(
            "disorder",
            "% of packets late",
            &[0, 2, 4, 8, 16],
            &|it, to| made::disordered(&load, it, to),
        )?,
        each("loss", "% of packets lost", &[0, 2, 4, 8, 16], &|it, to| {
            made::lossy(&load, it, to)
        })?,
        each(
            "size",
            "KiB a message",
            &[8, 16, 32, 64, 128, 256, 512],
            &|it, to| made::sized(it, to),
        )?,
    ])
}

/// Where caches may be what costs.
const COUNTED: [&str; 2] = ["flows", "size"];
