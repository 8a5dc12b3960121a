//! Fuzzing: builds the targets of `fuzz/` once, seeds them from fixtures, and runs each for its time.
//!
//! The targets are built for coverage by the stable compiler, as `cargo fuzz --sanitizer none` would
//! build them: there is no unsafe code here for a sanitizer to watch. What was found so far is kept
//! under the target folder, so that runs add up; `--write` puts the sum into `docs/hostile.md`.
//! A crash, a hang and a run out of memory become files in `fuzz/regressions`, which `cargo test`
//! plays again, and fail the command.

mod log;
pub(crate) mod seeds;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use log::Log;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Args)]
pub(crate) struct Options {
    /// Targets, as in `fuzz/fuzz_targets`; default: each in turn.
    targets: Vec<String>,
    /// Minutes for all of them together.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Run nothing; tell what all runs so far have done.
    #[arg(long)]
    report: bool,
    /// Also write it into `docs/hostile.md`.
    #[arg(long)]
    write: bool,
}

/// Builds, runs, reports.
pub(crate) fn run(options: &Options) -> Result<()> {
    let house = House::new()?;
    let all = house.targets()?;
    let wanted = match &options.targets[..] {
        [] => all.clone(),
        some => some.to_vec(),
    };
    for name in &wanted {
        ensure!(
            all.contains(name),
            "no target `{name}`; there are {}",
            all.join(" ")
        );
    }
    let mut faults = Vec::new();
    if !options.report {
        house.build()?;
        let seconds = (60.0 * options.minutes / wanted.len() as f64).ceil();
        for name in &wanted {
            house.seed(name)?;
            house.fuzz(name, seconds, &mut faults)?;
        }
    }
    let logs: Vec<(String, Log)> = (all.into_iter())
        .map(|it| Ok((it.clone(), house.log(&it)?)))
        .collect::<Result<_>>()?;
    let table = log::table(&logs);
    crate::tree::say(&table)?;
    if options.write {
        crate::tree::write_between("hostile.md", BEGIN, END, &table)?;
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// Where the fuzzers live.
struct House {
    /// The sources.
    source: PathBuf,
    /// Everything that is built and found.
    target: PathBuf,
    /// What the sources are built for.
    triple: String,
}

impl House {
    fn new() -> Result<Self> {
        let out = Command::new("rustc").arg("-vV").output().context("rustc")?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let triple = text.lines().find_map(|it| it.strip_prefix("host: "));
        let root = crate::tree::root();
        Ok(Self {
            source: root.join("fuzz"),
            target: root.join("target/fuzz"),
            triple: triple.context("rustc tells no host")?.to_owned(),
        })
    }

    /// The names of the targets.
    fn targets(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.source.join("fuzz_targets"))? {
            let path = entry?.path();
            let stem = path.file_stem().context("name of a target")?;
            names.push(stem.to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    fn build(&self) -> Result<()> {
        let status = Command::new("cargo")
            .args(["build", "--release", "--quiet", "--target", &self.triple])
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUSTFLAGS", FLAGS.join(" "))
            .current_dir(&self.source)
            .status()
            .context("cargo build")?;
        ensure!(status.success(), "the fuzz targets do not build");
        Ok(())
    }

    /// Puts seeds beside what was found before.
    fn seed(&self, name: &str) -> Result<()> {
        let corpus = self.target.join("corpus").join(name);
        fs::create_dir_all(&corpus)?;
        seeds::write(name, &corpus)
    }

    /// Runs a target for its time, and again after each fault.
    fn fuzz(&self, name: &str, seconds: f64, faults: &mut Vec<String>) -> Result<()> {
        let artifacts = self.target.join("artifacts").join(name);
        fs::create_dir_all(&artifacts)?;
        let program = self.target.join(&self.triple).join("release").join(name);
        let log = self.log_of(name)?;
        let status = Command::new(program)
            .arg(self.target.join("corpus").join(name))
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!(
                "-max_len={}",
                if name == "capture" {
                    CAPTURE_MAX
                } else {
                    MESSAGE_MAX
                }
            ))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .args(LIMITS)
            .stderr(log)
            .status()
            .context("fuzz target")?;
        for path in files(&artifacts)? {
            let kind = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if !FAULTS.iter().any(|it| kind.starts_with(it)) {
                continue;
            }
            let folder = self.source.join("regressions").join(name);
            fs::create_dir_all(&folder)?;
            let kept = folder.join(&kind);
            fs::rename(&path, &kept)?;
            let kept = crate::tree::relative(&kept);
            faults.push(format!(
                "{name}: {kept}; give it a name that says what was wrong, and mend it"
            ));
        }
        let quiet = status.success() || !faults.is_empty();
        ensure!(quiet, "{name}: {status}; see target/fuzz/logs/{name}.log");
        Ok(())
    }

    fn log_of(&self, name: &str) -> Result<File> {
        let logs = self.target.join("logs");
        fs::create_dir_all(&logs)?;
        let path = logs.join(format!("{name}.log"));
        let file = OpenOptions::new().create(true).append(true).open(&path);
        file.with_context(|| path.display().to_string())
    }

    fn log(&self, name: &str) -> Result<Log> {
        let path = self.target.join("logs").join(format!("{name}.log"));
        let text = if path.is_file() {
            fs::read(path)?
        } else {
            Vec::new()
        };
        Ok(Log::read(&String::from_utf8_lossy(&text)))
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    entries.map(|it| Ok(it?.path())).collect()
}

const BEGIN: &str = "<!-- written by `cargo xtask fuzz --write` -->";
const END: &str = "<!-- end -->";

/// Coverage by libFuzzer's counters, and comparisons told to it (as `cargo fuzz` has them).
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// Memory in MiB, all of it and at once; the seconds of one input.
const LIMITS: [&str; 5] = [
    "-rss_limit_mb=2048",
    "-malloc_limit_mb=1024",
    "-timeout=20",
    "-report_slow_units=5",
    "-print_final_stats=1",
];

/// What libFuzzer calls inputs that broke a promise.
const FAULTS: [&str; 3] = ["crash-", "timeout-", "oom-"];

/// Octets of the longest input: a few records, or a small capture.
const MESSAGE_MAX: usize = 65_536;
const CAPTURE_MAX: usize = 262_144;
