//! What is left of captures that were read: a folder each, in the data folder of the server.

use crate::analyze::dropped::Outcome;
use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Captures that were read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) id: String,
    /// Who sent them.
    pub(super) by: String,
    /// When they had come.
    pub(super) sent: EventTime,
    /// Names of the files.
    pub(super) names: Vec<String>,
    pub(super) ending: Ending,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Ending {
    /// What was found; the report lies beside it.
    Read(Outcome),
    /// Why nothing was.
    Failed(String),
}

/// Where all of them are.
#[derive(Clone, Debug)]
pub(super) struct Shelf(PathBuf);

impl Shelf {
    /// In this data folder. What was being read when the server stopped is removed.
    pub(super) fn open(data: &Path) -> Self {
        let shelf = Self(data.join(FOLDER));
        for id in shelf.ids() {
            if shelf.one(&id).is_none() {
                shelf.remove(&id);
            }
        }
        shelf
    }

    /// The folder of one; `id` is one that we made, or none is there.
    pub(super) fn folder(&self, id: &str) -> Option<PathBuf> {
        let is_ours = !id.is_empty() && id.bytes().all(|it| it.is_ascii_hexdigit());
        is_ours.then(|| self.0.join(id))
    }

    /// Writes what came of one.
    pub(super) fn put(&self, kept: &Kept) -> io::Result<()> {
        let folder = self.folder(&kept.id).ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(&folder)?;
        let draft = folder.join("about.new");
        fs::write(&draft, serde_json::to_vec(kept)?)?;
        fs::rename(draft, folder.join(ABOUT))
    }

    pub(super) fn one(&self, id: &str) -> Option<Kept> {
        let text = fs::read(self.folder(id)?.join(ABOUT)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// All, the latest first.
    pub(super) fn all(&self) -> Vec<Kept> {
        let mut all: Vec<Kept> = self.ids().iter().filter_map(|it| self.one(it)).collect();
        all.sort_by_key(|it| std::cmp::Reverse(it.sent));
        all
    }

    pub(super) fn remove(&self, id: &str) {
        let Some(folder) = self.folder(id) else {
            return;
        };
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, folder = %folder.display(), "could not be removed");
            }
            _ => {}
        }
    }

    /// A file of one; `path` is ours.
    pub(super) fn read(&self, id: &str, path: &Path) -> Option<Vec<u8>> {
        fs::read(self.folder(id)?.join(path)).ok()
    }

    fn ids(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        entries
            .filter_map(|it| it.file_name().into_string().ok())
            .collect()
    }

    /// Removes what is too old and what is too many.
    pub(super) fn prune(&self, now: EventTime) {
        for (place, kept) in self.all().iter().enumerate() {
            if KEPT_MAX <= place || AGE_MAX < now.saturating_since(kept.sent) {
                self.remove(&kept.id);
            }
        }
    }
}

/// Removes from this data folder what is too old.
pub(crate) fn prune(data: &Path, now: EventTime) {
    Shelf(data.join(FOLDER)).prune(now);
}

/// Reports take some megabytes each. What is lost: the oldest, which can be made again.
pub(super) const KEPT_MAX: usize = 20;

/// Captures from elsewhere show people from elsewhere; who needs a report longer saves it.
pub(super) const AGE_MAX: Duration = Duration::from_secs(7 * 86_400);

const FOLDER: &str = "captures";
const ABOUT: &str = "about.json";

#[cfg(test)]
mod tests {
    use super::*;

    fn put(shelf: &Shelf, id: &str, seconds: i64) {
        fs::create_dir_all(shelf.folder(id).unwrap()).unwrap();
        let kept = Kept {
            id: id.into(),
            by: "ann".into(),
            sent: EventTime::from_unix_seconds(seconds),
            names: vec!["a.pcap".into()],
            ending: Ending::Failed("no".into()),
        };
        shelf.put(&kept).unwrap();
    }

    #[test]
    fn the_oldest_go_first_and_none_outlives_its_age() {
        let data = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(data.path());
        for id in 0..30 {
            put(&shelf, &format!("{id:04x}"), id);
        }
        prune(data.path(), EventTime::from_unix_seconds(30));
        let left: Vec<String> = shelf.all().into_iter().map(|it| it.id).collect();
        assert_eq!(left.len(), KEPT_MAX);
        assert_eq!(left.first().map(String::as_str), Some("001d"));
        let later = EventTime::from_unix_seconds(29).saturating_add(AGE_MAX);
        prune(data.path(), later);
        assert_eq!(shelf.all().len(), 1);
    }

    #[test]
    fn what_was_being_read_when_the_server_stopped_is_removed() {
        let data = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(data.path());
        put(&shelf, "aa", 1);
        fs::create_dir_all(shelf.folder("bb").unwrap()).unwrap();
        let shelf = Shelf::open(data.path());
        assert_eq!(shelf.ids(), ["aa"]);
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let shelf = Shelf("/data/captures".into());
        for id in ["", "..", "a/b", "../outputs", "a.b"] {
            assert_eq!(shelf.folder(id), None, "{id}");
        }
    }
}
