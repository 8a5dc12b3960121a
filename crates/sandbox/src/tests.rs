//! A child process gives everything up and tries all the same.
#![cfg(target_os = "linux")]

use super::*;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;

/// What the child does is told by its exit status and its words.
fn run(role: &str, folder: &Path) -> String {
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::child", "--nocapture", "--test-threads=1"])
        .env("ROLE_OF_CHILD", role)
        .env("FOLDER_OF_CHILD", folder)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&out.stdout).into_owned();
    let faults = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{role}: {words}{faults}");
    words
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["readable", "writable"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("file"), name).unwrap();
    }
    fs::write(folder.path().join("secret"), "secret").unwrap();
    folder
}

fn reach(folder: &Path, network: bool) -> Reach {
    Reach {
        read: vec![folder.join("readable"), PathBuf::from("/no/such/place")],
        write: vec![folder.join("writable")],
        network,
        ..Reach::default()
    }
}

/// Not a test by itself.
#[expect(clippy::print_stdout, reason = "by its words it answers the test")]
#[test]
fn child() {
    let Some(role) = std::env::var_os("ROLE_OF_CHILD") else {
        return;
    };
    let folder = PathBuf::from(std::env::var_os("FOLDER_OF_CHILD").unwrap());
    let role = role.to_string_lossy();
    let confinement = confine(&reach(&folder, role == "network")).unwrap();
    println!("CONFINEMENT {confinement}");
    let has_files = confinement.files.is_none();
    let has_calls = confinement.calls.is_none();
    match &*role {
        "files" if has_files => files(&folder),
        "calls" if has_calls => calls(),
        "network" if has_calls => network(has_files),
        "nothing" if has_calls => {
            assert!(UdpSocket::bind("127.0.0.1:0").is_err());
            assert!(TcpStream::connect("127.0.0.1:1").is_err());
        }
        other => println!("NOT RUN: {other}: {confinement}"),
    }
}

fn files(folder: &Path) {
    assert_eq!(
        fs::read_to_string(folder.join("readable/file")).unwrap(),
        "readable"
    );
    let refused = |done: io::Result<()>| {
        assert_eq!(done.unwrap_err().kind(), ErrorKind::PermissionDenied);
    };
    refused(fs::read_to_string(folder.join("secret")).map(drop));
    refused(fs::read_to_string("/etc/passwd").map(drop));
    refused(fs::read_dir("/").map(drop));
    refused(fs::write(folder.join("readable/other"), "x"));
    refused(fs::remove_file(folder.join("readable/file")));
    let own = folder.join("writable/fresh");
    fs::write(&own, "x").unwrap();
    fs::rename(&own, folder.join("writable/file")).unwrap();
    fs::remove_file(folder.join("writable/file")).unwrap();
    // And so can no thread that is started now.
    let other = folder.join("secret");
    let thread = std::thread::spawn(move || fs::read(other).is_err());
    assert!(thread.join().unwrap());
}

fn calls() {
    assert!(
        Command::new("/bin/true").status().is_err(),
        "a program was started"
    );
    // What signals another process is no call of ours, and neither is to become somebody.
    assert!(nix::unistd::setuid(nix::unistd::getuid()).is_err());
    assert!(nix::unistd::chroot("/").is_err());
    assert!(nix::sys::signal::kill(nix::unistd::getppid(), None).is_err());
    let kind = (SockType::Raw, SockFlag::empty());
    assert!(socket(AddressFamily::Packet, kind.0, kind.1, None).is_err());
    // Threads, memory and the clock go on.
    let numbers = std::thread::spawn(|| vec![1_u8; 50_000_000].len());
    assert_eq!(numbers.join().unwrap(), 50_000_000);
}

fn network(has_files: bool) {
    let socket_of = |family| socket(family, SockType::Datagram, SockFlag::empty(), None);
    assert!(socket_of(AddressFamily::Packet).is_err());
    assert!(socket_of(AddressFamily::Vsock).is_err());
    assert!(UdpSocket::bind("127.0.0.1:0").is_ok());
    let refused = TcpStream::connect("127.0.0.1:1").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    if has_files {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap_err();
        assert_eq!(listener.kind(), ErrorKind::PermissionDenied);
    }
}

#[test]
fn what_is_out_of_reach_cannot_be_opened_and_what_is_not_on_the_list_cannot_be_called() {
    let folder = folder();
    let full = std::env::var_os("REALMWARD_CI_FULL").is_some();
    for role in ["files", "calls", "network", "nothing"] {
        let words = run(role, folder.path());
        assert!(words.contains("CONFINEMENT"), "{words}");
        let not_run = words.lines().find(|it| it.contains("NOT RUN"));
        assert!(!full || not_run.is_none(), "{not_run:?}");
        if let Some(line) = not_run {
            eprintln!("{line}");
        }
    }
}

#[test]
fn a_user_that_does_not_exist_is_a_fault_for_root() {
    let reach = Reach {
        user: Some("no-such-user-of-realmward".to_owned()),
        ..Reach::default()
    };
    if nix::unistd::geteuid().is_root() {
        let fault = confine(&reach).unwrap_err().to_string();
        assert!(fault.contains("no user"), "{fault}");
    }
}

#[test]
fn what_is_missing_is_said_in_words() {
    let mut confinement = Confinement::default();
    assert_eq!(confinement.to_string(), "whole");
    confinement.files = Some("the kernel has none".to_owned());
    confinement.calls = Some("refused".to_owned());
    assert_eq!(
        confinement.to_string(),
        "without Landlock: the kernel has none; without seccomp: refused"
    );
}
