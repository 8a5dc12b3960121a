//! The source tree: where it is, what is in it, and how faults in it are told.

use anyhow::{Result, bail};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Every file below `folder` of the repository with this extension, sorted; build folders left out.
pub(crate) fn files(folder: &str, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut stack = vec![root().join(folder)];
    while let Some(dir) = stack.pop() {
        for entry in fs::read_dir(&dir)? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("target") {
                stack.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The path as seen from the root.
pub(crate) fn relative(path: &Path) -> String {
    let root = root();
    let path = path.strip_prefix(&root).unwrap_or(path);
    path.display().to_string()
}

/// Prints the faults and fails if there are any.
pub(crate) fn report(check: &str, faults: &[String]) -> Result<()> {
    for fault in faults {
        eprintln!("{fault}");
    }
    if faults.is_empty() {
        eprintln!("{check}: ok");
        return Ok(());
    }
    bail!("{check}: {} fault(s)", faults.len())
}

/// Writes to standard output.
pub(crate) fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(())
}
