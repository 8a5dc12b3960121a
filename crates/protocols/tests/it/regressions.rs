//! Octets that once broke a promise, played again by the code of the fuzz targets.

#[expect(
    unreachable_pub,
    reason = "the same file is a public module of the fuzz crate"
)]
#[path = "../../../../fuzz/src/conversations.rs"]
mod conversations;

use std::fs;
use std::path::Path;

type Target = fn(&[u8]);

const TARGETS: &[(&str, Target)] = &[
    ("kerberos", conversations::kerberos),
    ("gss", conversations::gss),
    ("http", conversations::http),
    ("proofs", conversations::proofs),
    ("smb", conversations::smb),
    ("dcerpc", conversations::dcerpc),
    ("ldap", conversations::ldap),
    ("dns", conversations::dns),
    ("rdp", conversations::rdp),
    ("tds", conversations::tds),
    ("tls", conversations::tls),
    ("radius", conversations::radius),
    ("dhcp", conversations::dhcp),
    ("local_name", conversations::local_name),
];

/// The files of a folder and what they hold; none if there is no folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|it| it != "md"))
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn what_once_broke_a_promise_keeps_it() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.join("../../fuzz/regressions");
    for &(name, target) in TARGETS {
        for (path, octets) in files(&root.join(name)) {
            eprintln!("{path}");
            target(&octets);
        }
    }
}

#[test]
fn seeds_keep_every_promise() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for &(name, target) in TARGETS {
        let folder = if name == "dcerpc" { "rpc" } else { name };
        for (path, octets) in files(&data.join(folder)) {
            eprintln!("{path}");
            target(&octets);
        }
    }
}
