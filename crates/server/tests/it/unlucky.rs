//! What goes wrong at the start, through the program itself: it says what, where and what to do, ends
//! with status 2, and leaves everything as it was.

use crate::house::{House, program};
use std::fs;
use std::path::Path;

/// What `serve` says when it does not start.
fn complaint(data: &Path, listen: &str) -> String {
    let out = program()
        .args(["serve", "--listen", listen, "--data"])
        .arg(data)
        .output()
        .unwrap();
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(
        !said.contains("panicked") && !said.contains("listening"),
        "{said}"
    );
    said
}

fn check(data: &Path, listen: &str, parts: &[&str]) {
    let said = complaint(data, listen);
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// A data folder of a server that ran and was stopped in order.
#[cfg(unix)]
fn used() -> tempfile::TempDir {
    let (status, folder) = House::open().stop();
    assert!(status.success());
    folder
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("realmward.db");
    let noise = vec![0x5a; 20_000];
    fs::write(&file, &noise).unwrap();
    check(
        folder.path(),
        ANY,
        &["realmward.db is damaged", "left as it is", "backup"],
    );
    assert_eq!(fs::read(&file).unwrap(), noise);
}

#[cfg(unix)]
#[test]
fn a_database_whose_pages_were_overwritten_is_named_and_left_alone() {
    let folder = used();
    let file = folder.path().join("realmward.db");
    let mut octets = fs::read(&file).unwrap();
    octets.iter_mut().skip(100).for_each(|it| *it = 0xa5);
    fs::write(&file, &octets).unwrap();
    check(
        folder.path(),
        ANY,
        &["realmward.db is damaged", "move it away", "backup"],
    );
    assert_eq!(fs::read(&file).unwrap(), octets);
}

#[cfg(unix)]
#[test]
fn a_database_of_a_newer_version_is_left_to_that_version() {
    let folder = used();
    let file = folder.path().join("realmward.db");
    let mut octets = fs::read(&file).unwrap();
    // The schema's version is the number at octet 60 (sqlite.org/fileformat2.html, section 1.3).
    octets[60..64].copy_from_slice(&999_u32.to_be_bytes());
    fs::write(&file, &octets).unwrap();
    check(
        folder.path(),
        ANY,
        &["realmward.db has schema 999", "newer version", "backup"],
    );
    assert_eq!(fs::read(&file).unwrap(), octets);
}

#[test]
fn a_folder_that_another_server_uses_is_left_to_it() {
    let house = House::open();
    check(house.data(), ANY, &["in use by another server", "--data"]);
    assert_eq!(house.client().get("/healthz").status, 200);
    // What is done beside a server is still done.
    assert!(house.run(&["user", "add", "ann"]).status.success());
}

#[test]
fn a_folder_lets_go_of_a_server_that_was_killed() {
    let mut house = House::open();
    house.process.kill().unwrap();
    house.process.wait().unwrap();
    let folder = std::mem::replace(&mut house.folder, tempfile::tempdir().unwrap());
    House::open_in(folder, &[]);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), &address, &[&address, "in use", "--listen"]);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let inside = file.join("data");
    check(&inside, ANY, &[inside.to_str().unwrap(), "--data"]);
}

/// Even root writes nothing below /proc.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let said = complaint(Path::new("/proc/self"), ANY);
    assert!(
        said.contains("/proc/self") && said.contains("account"),
        "{said}"
    );
}

const ANY: &str = "127.0.0.1:0";
