//! Files of the folder that were not read yet, in the order of their first packets.

use super::ledger::Ledger;
use super::natural;
use anyhow::{Context as _, Result};
use realmward_stream::{CaptureDamage, CaptureReader};
use realmward_vocab::EventTime;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// No packet is in it yet.
    Nothing,
    /// The time of its first packet.
    Since(EventTime),
    /// It was read.
    Done,
    /// It is no capture.
    Foreign,
}

/// By what it is seen that a file was written to.
type Stamp = (u64, Option<SystemTime>);

/// Files that were not read yet.
#[derive(Debug)]
pub(super) struct Waiting {
    folder: PathBuf,
    files: BTreeMap<PathBuf, (Stamp, Known)>,
    looked: Option<Instant>,
}

impl Waiting {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            files: BTreeMap::new(),
            looked: None,
        }
    }

    /// Looks what is in the folder, not more often than is worth it.
    pub(super) fn look(&mut self, ledger: &Ledger) -> Result<()> {
        if self.looked.is_some_and(|it| it.elapsed() < LOOK_EVERY) {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        let mut files = BTreeMap::new();
        let entries = fs::read_dir(&self.folder);
        for entry in entries.with_context(|| self.folder.display().to_string())? {
            let Ok(entry) = entry else { continue };
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let Ok(found) = fs::metadata(&path) else {
                continue;
            };
            if hidden || !found.is_file() || FILES_MAX <= files.len() {
                continue;
            }
            let stamp = (found.len(), found.modified().ok());
            let known = match self.files.get(&path) {
                Some((before, known)) if *before == stamp => *known,
                Some(((octets, _), known @ Known::Since(_))) if *octets <= found.len() => *known,
                _ => look_into(&path, found.len(), ledger),
            };
            files.insert(path, (stamp, known));
        }
        self.files = files;
        Ok(())
    }

    /// The one to read next: that in which a run before was, or the one that begins earliest.
    pub(super) fn next(&self, amid: Option<PathBuf>) -> Option<PathBuf> {
        if amid.is_some() {
            return amid;
        }
        let begun = self
            .files
            .iter()
            .filter_map(|(path, (_, known))| match known {
                Known::Since(time) => Some((*time, path)),
                Known::Nothing | Known::Done | Known::Foreign => None,
            });
        let name = |path: &Path| path.to_string_lossy().into_owned();
        let first = begun.min_by(|(one, path), (other, other_path)| {
            one.cmp(other)
                .then_with(|| natural::compare(&name(path), &name(other_path)))
        });
        first.map(|(_, path)| path.clone())
    }

    /// Whether there is another capture than this.
    pub(super) fn has_other_than(&self, path: &Path) -> bool {
        self.files
            .iter()
            .any(|(it, (_, known))| it != path && matches!(known, Known::Nothing | Known::Since(_)))
    }

    /// It was read; if it is there at the next look, it is another.
    pub(super) fn forget(&mut self, path: &Path) {
        self.files.remove(path);
        self.looked = None;
    }
}

fn look_into(path: &Path, octets: u64, ledger: &Ledger) -> Known {
    if let Some(read) = ledger.read_of(path) {
        if read < octets {
            let missed = octets - read;
            tracing::warn!(file = %path.display(), missed, "a file grew after it was read");
        }
        return Known::Done;
    }
    let first = CaptureReader::open(path).and_then(|mut capture| {
        let any = capture.advance()?;
        Ok(any.then(|| capture.frame().time))
    });
    match first {
        Ok(Some(time)) => Known::Since(time),
        Err(fault) if matches!(fault.damage, CaptureDamage::UnknownFormat) && 4 <= octets => {
            tracing::warn!(file = %path.display(), "a file in the folder is no capture");
            Known::Foreign
        }
        Ok(None) | Err(_) => Known::Nothing,
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A file a minute for two months.
const FILES_MAX: usize = 100_000;
