//! Which files to read: those named, and in folders those that are captures by their content.

use anyhow::{Context as _, Result, bail};
use realmward_stream::{CaptureDamage, CaptureReader};
use std::fs;
use std::path::{Path, PathBuf};

/// The files to read, in order.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) paths: Vec<PathBuf>,
    /// Files of folders that are no captures.
    pub(super) skipped: u64,
}

/// Looks at what was named. A file is taken as it is: if it is no capture, the reading says so.
pub(super) fn find(named: &[PathBuf]) -> Result<Found> {
    let mut found = Found::default();
    for path in named {
        if path.is_dir() {
            let before = found.paths.len();
            walk(path, &mut found, 0)?;
            if found.paths.len() == before {
                bail!("{}: there is no capture in this folder", path.display());
            }
        } else {
            found.paths.push(path.clone());
        }
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Found, depth: usize) -> Result<()> {
    if DEPTH_MAX <= depth {
        bail!("{}: folders are nested too deep", folder.display());
    }
    let name = || folder.display().to_string();
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(name)?
        .map(|entry| entry.map(|it| it.path()))
        .collect::<Result<_, _>>()
        .with_context(name)?;
    entries.sort_unstable();
    for path in entries {
        // Links to folders are not followed: they may lead in a circle.
        let kind = fs::symlink_metadata(&path).with_context(|| path.display().to_string())?;
        if kind.is_dir() {
            walk(&path, found, depth + 1)?;
        } else if path.is_file() {
            if is_capture(&path) {
                found.paths.push(path);
            } else {
                found.skipped += 1;
            }
        }
    }
    Ok(())
}

/// Whether the content is that of a capture. One that cannot be opened, or is damaged, counts as
/// one, so that the reading names the fault.
fn is_capture(path: &Path) -> bool {
    !matches!(
        CaptureReader::open(path).map_err(|it| it.damage),
        Err(CaptureDamage::Empty | CaptureDamage::UnknownFormat)
    )
}

/// Deeper trees are not made by people.
const DEPTH_MAX: usize = 64;
