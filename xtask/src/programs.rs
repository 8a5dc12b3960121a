//! The programs that are tried: built here, so that what runs is what the tree says.

use anyhow::{Context as _, Result, ensure};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The programs under test.
pub(crate) struct Programs {
    pub(crate) sensor: PathBuf,
    pub(crate) server: PathBuf,
}

impl Programs {
    /// Builds both as this program was built, always both: another set of packages is another set of
    /// features, and a build of its own.
    pub(crate) fn build() -> Result<Self> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--message-format=json-render-diagnostics"]);
        cargo.args(["-p", "realmward-sensor", "-p", "realmward-server"]);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        forget_cargo(&mut cargo);
        let out = cargo
            .current_dir(crate::tree::root())
            .stderr(Stdio::inherit())
            .output()
            .context("cargo build")?;
        ensure!(out.status.success(), "cargo build failed");
        let built: Vec<PathBuf> = out
            .stdout
            .split(|it| *it == b'\n')
            .filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok())
            .filter_map(|it| Some(PathBuf::from(it.get("executable")?.as_str()?)))
            .collect();
        let named = |name: &str| {
            let found = built
                .iter()
                .find(|it| it.file_stem().is_some_and(|it| it == name));
            found
                .cloned()
                .with_context(|| format!("cargo built no {name}"))
        };
        Ok(Self {
            sensor: named("realmward-sensor")?,
            server: named("realmward-server")?,
        })
    }
}

/// What cargo tells this program of itself would make it build some dependencies anew.
pub(crate) fn forget_cargo(cargo: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if OF_THIS_PROGRAM.iter().any(|it| name.starts_with(it)) {
            cargo.env_remove(name.as_ref());
        }
    }
}

/// Runs this very command again, by an optimised build of this program.
///
/// # Errors
/// When it cannot be built, or fails.
pub(crate) fn run_optimised() -> Result<()> {
    let mut cargo = Command::new("cargo");
    forget_cargo(&mut cargo);
    let status = cargo
        .args(["run", "--release", "--quiet", "--locked"])
        .args(["--package", "xtask", "--"])
        .args(std::env::args_os().skip(1))
        .current_dir(crate::tree::root())
        .status()
        .context("cargo run")?;
    ensure!(
        status.success(),
        "cargo run --release --package xtask failed"
    );
    Ok(())
}

const OF_THIS_PROGRAM: [&str; 4] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_CRATE_",
    "CARGO_BIN_",
];
