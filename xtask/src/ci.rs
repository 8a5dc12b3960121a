//! Everything that CI runs, in the order in which it fails fastest.

use anyhow::{Context as _, Result, ensure};
use std::process::Command;
use std::time::Instant;

/// Runs all checks and tests; stops at the first that fails.
pub(crate) fn run() -> Result<()> {
    cargo("format", &["fmt", "--all", "--check"])?;
    step("layers", || {
        crate::tree::report("layers", &crate::layers::check()?)
    })?;
    step("tidy", || {
        crate::tree::report("tidy", &crate::tidy::check()?)
    })?;
    step("generated files", || crate::codegen::run(true))?;
    step("scoreboard", crate::eval::check)?;
    cargo(
        "licences",
        &[
            "deny",
            "--all-features",
            "check",
            "--hide-inclusion-graph",
            "licenses",
            "bans",
            "sources",
        ],
    )?;
    cargo(
        "clippy",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    cargo("tests", &["test", "--workspace", "--locked"])?;
    step("walk through the portal", || {
        crate::e2e::run(&crate::e2e::Options::default())
    })?;
    step("simulated intruders, short", crate::eval::simulated::smoke)?;
    step("floods, short", crate::flood::smoke)?;
    step("bench, short", crate::bench::smoke)?;
    step("beside tshark, short", crate::diff::smoke)?;
    step("live, short", crate::live::smoke)?;
    docs()
}

fn docs() -> Result<()> {
    step("docs", || {
        let status = Command::new("cargo")
            .args(["doc", "--workspace", "--no-deps", "--locked"])
            .env(
                "RUSTDOCFLAGS",
                "-D warnings -A rustdoc::private_intra_doc_links",
            )
            .current_dir(crate::tree::root())
            .status()
            .context("cargo doc")?;
        ensure!(status.success(), "cargo doc failed");
        Ok(())
    })
}

fn cargo(name: &str, arguments: &[&str]) -> Result<()> {
    step(name, || {
        let status = Command::new("cargo")
            .args(arguments)
            .current_dir(crate::tree::root())
            .status()
            .with_context(|| format!("cargo {}", arguments.join(" ")))?;
        ensure!(status.success(), "`cargo {}` failed", arguments.join(" "));
        Ok(())
    })
}

fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    eprintln!("== {name}");
    work().with_context(|| format!("ci step `{name}`"))?;
    eprintln!("== {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
