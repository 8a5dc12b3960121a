//! Which captures are compared: the fixtures, and those of the corpora where they are.

use anyhow::Result;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A capture.
pub(super) struct Capture {
    /// Its path within its section.
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// Sections by name, each capture once however often it is there.
pub(super) fn sections(
    only: Option<&str>,
    smoke: bool,
) -> Result<Vec<(&'static str, Vec<Capture>)>> {
    let fixtures = realmward_testkit::run::fixtures().join("captures");
    let mut folders = vec![("fixtures", fixtures)];
    if let Some(corpora) = realmward_testkit::run::corpora().filter(|_| !smoke) {
        folders.push(("corpora", corpora));
    }
    let mut seen = HashSet::new();
    let mut sections = Vec::new();
    for (name, folder) in folders {
        let mut captures = Vec::new();
        for path in files(&folder)? {
            let name = path.strip_prefix(&folder).unwrap_or(&path);
            let name = name.display().to_string();
            if only.is_some_and(|it| !name.contains(it))
                || smoke && !SMOKE.iter().any(|it| name.contains(it))
                || LEFT_OUT.iter().any(|it| name.contains(it))
            {
                continue;
            }
            if seen.insert(digest(&path)?) {
                captures.push(Capture { name, path });
            }
        }
        sections.push((name, captures));
    }
    Ok(sections)
}

fn digest(path: &Path) -> Result<[u8; 32]> {
    let plain = super::tshark::unpacked(&fs::read(path)?).unwrap_or_default();
    Ok(Sha256::digest(plain).into())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut stack = vec![folder.to_owned()];
    while let Some(dir) = stack.pop() {
        for entry in fs::read_dir(&dir)? {
            let path = entry?.path();
            if path.is_dir() {
                stack.push(path);
                continue;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = name.trim_end_matches(".zst").trim_end_matches(".gz");
            if ENDINGS.iter().any(|it| name.ends_with(it)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

const ENDINGS: [&str; 3] = [".pcap", ".pcapng", ".cap"];

/// A little of everything; a few seconds with tshark.
const SMOKE: [&str; 8] = [
    "a33_s4u",
    "a22_bloodhound",
    "a27_psexec.",
    "b01_ws1",
    "b10_ldap",
    "dns_updates",
    "protocols/netbios",
    "protocols/radius",
];

/// The capture for throughput: a hundred seconds of tshark, and nothing in it that others do not have.
const LEFT_OUT: [&str; 1] = ["load-110s"];
