//! Captures that once broke a promise, read again by the code of the fuzz target.

#[expect(
    unreachable_pub,
    reason = "the same file is a public module of the fuzz crate"
)]
#[path = "../../../../fuzz/src/captures.rs"]
mod captures;

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn captures_that_once_broke_a_promise_keep_it() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths = files(&here.join("../../fuzz/regressions/capture"));
    assert!(!paths.is_empty());
    for path in paths {
        eprintln!("{}", path.display());
        captures::capture(&fs::read(path).unwrap());
    }
}

#[test]
fn every_folder_of_regressions_is_that_of_a_target() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let targets: Vec<String> = files(&fuzz.join("fuzz_targets"))
        .iter()
        .filter_map(|it| it.file_stem())
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    for folder in files(&fuzz.join("regressions")) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        assert!(targets.contains(&name), "{name}: no such target");
    }
}
