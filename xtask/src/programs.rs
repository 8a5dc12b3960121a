//! Programs of the product, built as this program was built.

use anyhow::{Context as _, Result, ensure};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What was built.
pub(crate) struct Programs(Vec<PathBuf>);

impl Programs {
    /// Builds both, always: another set of packages is another set of features, and a build of its own.
    pub(crate) fn build() -> Result<Self> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--message-format=json-render-diagnostics"]);
        cargo.args(["-p", "realmward-sensor", "-p", "realmward-server"]);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        // What cargo tells this program of itself would make it build some dependencies anew.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if OF_THIS_PROGRAM.iter().any(|it| name.starts_with(it)) {
                cargo.env_remove(name.as_ref());
            }
        }
        let out = cargo
            .current_dir(crate::tree::root())
            .stderr(Stdio::inherit())
            .output()
            .context("cargo build")?;
        ensure!(out.status.success(), "cargo build failed");
        let built = out
            .stdout
            .split(|it| *it == b'\n')
            .filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok())
            .filter_map(|it| Some(PathBuf::from(it.get("executable")?.as_str()?)))
            .collect();
        Ok(Self(built))
    }

    /// Where the program of this name is.
    pub(crate) fn named(&self, name: &str) -> Result<PathBuf> {
        let found = self
            .0
            .iter()
            .find(|it| it.file_stem().is_some_and(|it| it == name));
        found
            .cloned()
            .with_context(|| format!("cargo built no {name}"))
    }
}

const OF_THIS_PROGRAM: [&str; 4] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_CRATE_",
    "CARGO_BIN_",
];
