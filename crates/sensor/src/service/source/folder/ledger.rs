//! Which files of a folder were read, and in which we are: kept in the state folder.

use crate::uplink::identity;
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// By what a file is known again though another has its name: its first octets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Print {
    octets: u64,
    hash: String,
}

/// The file in which we are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    name: String,
    print: Print,
    /// The place before its first packet.
    order: u64,
}

/// A file that was read to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Done {
    print: Print,
    /// Of how many octets it was.
    octets: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Written {
    folder: PathBuf,
    done: BTreeMap<String, Done>,
    begun: Option<Begun>,
}

/// Which files were read.
#[derive(Debug)]
pub(super) struct Ledger {
    state: Option<PathBuf>,
    folder: PathBuf,
    written: Written,
}

impl Ledger {
    /// Reads what was written down of this folder. Without a state folder, and with no need of it,
    /// nothing is written down.
    pub(super) fn open(state: &Path, folder: &Path, needed: bool) -> Result<Self> {
        let state = (needed || state.is_dir()).then(|| state.to_owned());
        let text = state
            .as_ref()
            .map(|it| std::fs::read_to_string(it.join(NAME)));
        let written = text
            .and_then(Result::ok)
            .and_then(|text| serde_json::from_str::<Written>(&text).ok())
            .filter(|it| it.folder == folder)
            .unwrap_or_default();
        Ok(Self {
            state,
            folder: folder.to_owned(),
            written,
        })
    }

    /// Whether a run before was broken off in a file.
    pub(super) const fn is_amid(&self) -> bool {
        self.written.begun.is_some()
    }

    /// The file in which a run before was, if it is still that file.
    pub(super) fn amid(&self) -> Option<PathBuf> {
        let begun = self.written.begun.as_ref()?;
        let path = self.folder.join(&begun.name);
        begun.print.is_of(&path).then_some(path)
    }

    /// Of how many octets the file was when it was read to its end, if it was.
    pub(super) fn read_of(&self, path: &Path) -> Option<u64> {
        let done = self.written.done.get(&name_of(path))?;
        done.print.is_of(path).then_some(done.octets)
    }

    /// A file is begun at this place, or gone on with at the place where it was begun, which is given
    /// back.
    pub(super) fn begin(&mut self, path: &Path, order: u64) -> Result<u64> {
        if self.amid().as_deref() == Some(path)
            && let Some(begun) = &self.written.begun
        {
            return Ok(begun.order);
        }
        self.written.begun = Some(Begun {
            name: name_of(path),
            print: Print::of(path)?,
            order,
        });
        self.write()?;
        Ok(order)
    }

    /// A file was read to its end, and what it told is safe.
    pub(super) fn done(&mut self, path: &Path, octets: u64) -> Result<()> {
        self.written.begun = None;
        let folder = self.folder.clone();
        let is_there = |name: &str| folder.join(name).exists();
        self.written.done.retain(|name, _| is_there(name));
        if let Ok(print) = Print::of(path) {
            let done = Done { print, octets };
            self.written.done.insert(name_of(path), done);
        }
        self.write()
    }

    fn write(&mut self) -> Result<()> {
        self.written.folder.clone_from(&self.folder);
        match &self.state {
            Some(state) => identity::write(state, NAME, &serde_json::to_string(&self.written)?)
                .context("writing down which files were read"),
            None => Ok(()),
        }
    }
}

impl Print {
    /// Of as much of the file as is there, up to a bound.
    fn of(path: &Path) -> Result<Self> {
        Self::of_first(path, OCTETS_MAX).with_context(|| path.display().to_string())
    }

    fn of_first(path: &Path, octets: u64) -> std::io::Result<Self> {
        let mut first = Vec::new();
        File::open(path)?.take(octets).read_to_end(&mut first)?;
        let digest = Sha256::digest(&first);
        Ok(Self {
            octets: first.len() as u64,
            hash: digest.iter().map(|it| format!("{it:02x}")).collect(),
        })
    }

    /// Whether the file begins with these octets.
    fn is_of(&self, path: &Path) -> bool {
        Self::of_first(path, self.octets).is_ok_and(|it| it == *self)
    }
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The header of a capture with its options, and the first packets.
const OCTETS_MAX: u64 = 16_384;

const NAME: &str = "folder.json";
