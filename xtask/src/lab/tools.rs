//! What the lab needs of the system: packages of Debian, and attack tools from PyPI.

use super::host::{self, FOLDER};
use super::shell::{command, run};
use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs what is missing.
pub(super) fn install() -> Result<()> {
    let id = run(&mut command("id -u"))?;
    ensure!(
        id.trim() == "0",
        "the lab makes network namespaces: run it as root"
    );
    packages()?;
    fs::create_dir_all(FOLDER).with_context(|| FOLDER.to_owned())?;
    for list in requirements()? {
        environment(&list)?;
    }
    Ok(())
}

fn packages() -> Result<()> {
    let missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _)| !Path::new(program).exists())
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!(
            "not Debian: install what these packages hold: {}",
            missing.join(" ")
        );
    }
    eprintln!("lab: installing {}", missing.join(" "));
    let mut apt = command("apt-get install -y -qq --no-install-recommends");
    apt.args(&missing).env("DEBIAN_FRONTEND", "noninteractive");
    let installed = run(&mut apt);
    if installed.is_err() {
        run(&mut command("apt-get update -qq"))?;
        run(&mut apt)?;
    }
    Ok(())
}

/// The lists of PyPI packages, each for an environment of its own: they exclude one another.
fn requirements() -> Result<Vec<PathBuf>> {
    let folder = host::files().join("tools");
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut lists = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "txt") {
            lists.push(path);
        }
    }
    lists.sort();
    Ok(lists)
}

/// Makes the environment of a list, unless it was made of the same list before.
fn environment(list: &Path) -> Result<()> {
    let name = list.file_stem().context("a list without a name")?;
    let folder = Path::new(FOLDER).join("tools").join(name);
    let (text, made) = (fs::read_to_string(list)?, folder.join("made-of.txt"));
    if fs::read_to_string(&made).is_ok_and(|it| it == text) {
        return Ok(());
    }
    eprintln!("lab: installing {}", name.display());
    let mut python = Command::new("/usr/bin/python3");
    run(python.args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(folder.join("bin/pip"));
    run(pip.args(["install", "-q", "wheel", "setuptools<81"]))?;
    let mut pip = Command::new(folder.join("bin/pip"));
    run(pip.args(["install", "-q", "-r"]).arg(list))?;
    fs::write(&made, text)?;
    Ok(())
}

/// What must be there, and the package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    ("/usr/sbin/samba", "samba"),
    (
        "/usr/share/samba/setup/provision.ldif",
        "samba-ad-provision",
    ),
    (
        "/usr/lib/x86_64-linux-gnu/samba/ldb/samba_dsdb.so",
        "samba-dsdb-modules",
    ),
    (
        "/usr/lib/x86_64-linux-gnu/samba/vfs/acl_xattr.so",
        "samba-vfs-modules",
    ),
    ("/usr/sbin/winbindd", "winbind"),
    (
        "/usr/lib/x86_64-linux-gnu/libnss_winbind.so.2",
        "libnss-winbind",
    ),
    ("/usr/bin/kinit", "krb5-user"),
    ("/usr/bin/ldapsearch", "ldap-utils"),
    (
        "/usr/lib/x86_64-linux-gnu/sasl2/libgssapiv2.so",
        "libsasl2-modules-gssapi-mit",
    ),
    ("/usr/bin/smbclient", "smbclient"),
    (
        "/usr/lib/python3/dist-packages/samba/samdb.py",
        "python3-samba",
    ),
    ("/usr/share/doc/python3-venv", "python3-venv"),
    ("/usr/bin/dig", "bind9-dnsutils"),
    ("/usr/bin/nsupdate", "bind9-dnsutils"),
    ("/usr/bin/tcpdump", "tcpdump"),
    ("/usr/bin/tshark", "tshark"),
    ("/usr/sbin/ethtool", "ethtool"),
    ("/usr/sbin/ip", "iproute2"),
];
