//! The files of a spool: all are private to their owner, and what must last is synced.

use super::SpoolError;
use super::record::{self, SEGMENT_OCTETS};
use realmward_vocab::Order;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) fn lock(folder: &Path) -> Result<File, SpoolError> {
    let path = folder.join("lock");
    let opened = private().write(true).create(true).open(&path);
    let file = opened.map_err(|source| failed(&path, source))?;
    let mut tries = 0;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // One that is just being stopped, or a process of its that has yet to begin, lets go soon.
            Err(TryLockError::WouldBlock) if tries < LOCK_TRIES_MAX => tries += 1,
            Err(TryLockError::WouldBlock) => return Err(SpoolError::InUse(folder.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(&path, source)),
        }
        std::thread::sleep(LOCK_PAUSE);
    }
}

pub(super) fn segments_of(folder: &Path) -> Result<Vec<(u64, PathBuf)>, SpoolError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| failed(folder, source))? {
        let path = entry.map_err(|source| failed(folder, source))?.path();
        if path.extension().is_none_or(|it| it != EXTENSION) {
            continue;
        }
        if let Some(first) = path.file_stem().and_then(|it| it.to_str()?.parse().ok()) {
            found.push((first, path));
        }
    }
    found.sort();
    Ok(found)
}

pub(super) fn begin_file(path: &Path, mark: Order) -> io::Result<File> {
    let mut file = private()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    file.write_all(&record::segment(mark))?;
    file.sync_all()?;
    Ok(file)
}

/// Cuts the newest segment at its last good record, and mends a header that never was whole.
pub(super) fn cut(file: &File, end: usize, mark: Order) -> io::Result<usize> {
    let end = end.max(SEGMENT_OCTETS);
    file.set_len(end as u64)?;
    if end == SEGMENT_OCTETS {
        file.write_all_at(&record::segment(mark), 0)?;
    }
    file.sync_all()?;
    Ok(end)
}

pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// 0 when there is none: all that waits is sent again, which the server ignores.
pub(super) fn read_number(path: &Path) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.trim().parse().unwrap_or_default()
}

pub(super) fn write_number(path: &Path, number: u64) -> Result<(), SpoolError> {
    let fresh = path.with_extension("new");
    let written = private()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&fresh)
        .and_then(|mut file| file.write_all(number.to_string().as_bytes()))
        .and_then(|()| fs::rename(&fresh, path));
    written.map_err(|source| failed(path, source))
}

pub(super) fn sync_folder(folder: &Path) -> Result<(), SpoolError> {
    let synced = File::open(folder).and_then(|it| it.sync_all());
    synced.map_err(|source| failed(folder, source))
}

pub(super) fn failed(path: &Path, source: io::Error) -> SpoolError {
    SpoolError::Io {
        path: path.to_owned(),
        source,
    }
}

pub(super) const EXTENSION: &str = "segment";

const LOCK_TRIES_MAX: usize = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(10);
