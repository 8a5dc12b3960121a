//! The source tree: where it is, what is in it, and how faults in it are told.

use anyhow::{Context as _, Result, bail};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Puts `text` into a page of `docs`, behind the line `begin` and before the next `end`.
///
/// # Errors
///
/// Without these marks.
pub(crate) fn write_between(page: &str, begin: &str, end: &str, text: &str) -> Result<()> {
    let path = root().join("docs").join(page);
    let whole = fs::read_to_string(&path)?;
    let marks = || format!("docs/{page} has no `{begin}` with a `{end}` behind it");
    let (before, rest) = whole.split_once(begin).with_context(marks)?;
    let (_, after) = rest.split_once(end).with_context(marks)?;
    fs::write(path, format!("{before}{begin}\n{text}{end}{after}"))?;
    Ok(())
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
