//! What the lab needs of the system: packages of Debian, and attack tools from PyPI.

use super::host::{self, FOLDER};
use super::shell::{command, run, try_run};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Fails unless we may make network namespaces.
pub(super) fn need_root() -> Result<()> {
    let id = run(&mut command("id -u"))?;
    ensure!(
        id.trim() == "0",
        "the lab lives in network namespaces: run it as root, for example `sudo -E env \
         \"PATH=$PATH\" cargo xtask lab up`"
    );
    Ok(())
}

/// Installs what is missing.
pub(super) fn install() -> Result<()> {
    packages()?;
    fs::create_dir_all(FOLDER).with_context(|| FOLDER.to_owned())?;
    for list in requirements()? {
        environment(&list)?;
    }
    Ok(())
}

fn packages() -> Result<()> {
    if !Path::new("/usr/bin/dpkg-query").exists() {
        return elsewhere();
    }
    let mut query = command("dpkg-query -W -f ${Package}:${db:Status-Status}\\n");
    query.args(PACKAGES.iter().map(|(package, _)| package));
    let installed = String::from_utf8_lossy(&try_run(&mut query)?.stdout).into_owned();
    let missing: Vec<&str> = PACKAGES
        .iter()
        .map(|(package, _)| *package)
        .filter(|it| {
            let line = format!("{it}:installed");
            !installed.lines().any(|it| it == line)
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("lab: installing {}", missing.join(" "));
    let _quiet = Quiet::begin()?;
    let mut apt = command("apt-get install -y -qq --no-install-recommends");
    apt.args(&missing).env("DEBIAN_FRONTEND", "noninteractive");
    if run(&mut apt).is_err() {
        run(&mut command("apt-get update -qq"))?;
        run(&mut apt)?;
    }
    Ok(())
}

/// What is missing where there is no `dpkg`.
fn elsewhere() -> Result<()> {
    let missing: Vec<&str> = PACKAGES
        .iter()
        .filter(|(_, program)| {
            let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
            let there = |folder: &str| Path::new(folder).join(program).exists();
            !program.is_empty() && !folders.iter().any(|it| there(it))
        })
        .map(|(package, _)| *package)
        .collect();
    ensure!(
        missing.is_empty(),
        "the lab installs its programs on Debian only; here, install what these packages of \
         Debian hold: {}",
        missing.join(" ")
    );
    Ok(())
}

/// While it lives, packages start no services when they are installed: those of the lab belong
/// into its namespaces and nowhere else.
struct Quiet(Option<&'static Path>);

impl Quiet {
    fn begin() -> Result<Self> {
        let policy = Path::new("/usr/sbin/policy-rc.d");
        if policy.exists() {
            return Ok(Self(None));
        }
        fs::write(policy, "#!/bin/sh\nexit 101\n")?;
        fs::set_permissions(policy, fs::Permissions::from_mode(0o755))?;
        Ok(Self(Some(policy)))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(policy) = self.0 {
            let _ = fs::remove_file(policy);
        }
    }
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

/// Packages of Debian, and the program by which one that is elsewhere is known.
const PACKAGES: &[(&str, &str)] = &[
    ("samba", "samba"),
    ("samba-ad-provision", ""),
    ("samba-dsdb-modules", ""),
    ("samba-vfs-modules", ""),
    ("python3-samba", "samba-tool"),
    ("winbind", "winbindd"),
    ("libnss-winbind", ""),
    ("smbclient", "smbclient"),
    ("krb5-user", "kinit"),
    ("ldap-utils", "ldapsearch"),
    ("libsasl2-modules-gssapi-mit", ""),
    ("python3-venv", "python3"),
    ("ca-certificates", ""),
    ("bind9-dnsutils", "nsupdate"),
    ("nmap", "nmap"),
    ("tcpdump", "tcpdump"),
    ("tshark", "tshark"),
    ("ethtool", "ethtool"),
    ("iproute2", "ip"),
    ("nftables", "nft"),
];
