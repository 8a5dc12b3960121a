//! What the walk needs from elsewhere: a browser, and axe-core, the checker of accessibility.
//!
//! Both are found, or installed where that can be done without asking: Chromium by apt on Debian as
//! root, axe-core by npm into the project's folder in the user's cache. Where it cannot, the error
//! says what to type. axe-core is not kept in the repository: it is under MPL-2.0, half a megabyte,
//! and no part of what ships.

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The browser to use: the one that was named, or one that is found, or one that is installed now.
pub(super) fn browser(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    if let Some(found) = find(BROWSERS) {
        return Ok(found);
    }
    apt(CHROMIUM_PACKAGES).context("no Chromium or Chrome is installed")?;
    find(BROWSERS).context("apt installed chromium, but there is none")
}

/// The text of axe-core.
pub(super) fn axe() -> Result<String> {
    let kept = cache()?.join(format!("axe-core-{AXE_VERSION}.tgz"));
    if !kept.exists() {
        fetch_axe(&kept)?;
    }
    let package = fs::read(&kept)?;
    let found = format!("sha512-{}", STANDARD.encode(Sha512::digest(&package)));
    if found != AXE_INTEGRITY {
        fs::remove_file(&kept)?;
        bail!("axe-core {AXE_VERSION} is not what it was: {found}; it was removed");
    }
    let out = Command::new("tar")
        .arg("-xzOf")
        .arg(&kept)
        .arg("package/axe.min.js")
        .output()
        .context("tar")?;
    ensure!(out.status.success(), "tar: {out:?}");
    Ok(String::from_utf8(out.stdout)?)
}

/// `npm pack` writes the package as the registry has it, and runs nothing of it.
fn fetch_axe(kept: &Path) -> Result<()> {
    if find(&["npm"]).is_none() {
        apt(&["npm"]).context("no npm is installed")?;
    }
    let folder = tempfile::tempdir()?;
    say(&format!("fetching axe-core {AXE_VERSION} (once)"));
    let out = Command::new("npm")
        .args(["pack", "--silent", &format!("axe-core@{AXE_VERSION}")])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .context("npm")?;
    let errors = String::from_utf8_lossy(&out.stderr);
    ensure!(out.status.success(), "npm pack axe-core: {errors}");
    let packed = folder.path().join(format!("axe-core-{AXE_VERSION}.tgz"));
    // Beside its place first: another run may fetch it at the same time.
    let beside = kept.with_extension(std::process::id().to_string());
    fs::create_dir_all(kept.parent().context("a cache without a folder")?)?;
    fs::copy(packed, &beside)?;
    fs::rename(beside, kept)?;
    Ok(())
}

/// The folder of the user's cache that is the project's; CI builds there too (`.ci/run`).
fn cache() -> Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .filter(|it| !it.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(cache.join("realmward/tools"))
}

/// The first of these programs that is on the path.
fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names.iter().find_map(|name| {
        std::env::split_paths(&path)
            .map(|it| it.join(name))
            .find(|it| it.is_file())
    })
}

/// Installs Debian packages, if this is Debian and we are root.
fn apt(packages: &[&str]) -> Result<()> {
    let typed = format!(
        "apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    ensure!(
        find(&["apt-get"]).is_some(),
        "install it with the system's packages (on Debian: {typed}), then run this again"
    );
    ensure!(is_root(), "as root: {typed}; then run this again");
    say(&format!("installing {}", packages.join(" ")));
    for arguments in [
        &["update", "-qq"][..],
        &[
            &["install", "-y", "-qq", "--no-install-recommends"],
            packages,
        ]
        .concat(),
    ] {
        let out = Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .output()
            .context("apt-get")?;
        let errors = String::from_utf8_lossy(&out.stderr);
        ensure!(out.status.success(), "apt-get {arguments:?}: {errors}");
    }
    Ok(())
}

/// Whether this is root, whom Chromium refuses a sandbox and apt obeys.
pub(super) fn is_root() -> bool {
    let out = Command::new("id").arg("-u").output();
    out.is_ok_and(|it| it.stdout.trim_ascii() == b"0")
}

fn say(what: &str) {
    eprintln!("e2e: {what}");
}

const BROWSERS: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// With letters to draw, and without the hundred packages of a desktop.
const CHROMIUM_PACKAGES: &[&str] = &["chromium", "fonts-dejavu-core"];

const AXE_VERSION: &str = "4.14.1";

/// As the registry tells it (`npm view axe-core@VERSION dist.integrity`).
const AXE_INTEGRITY: &str = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==";
