//! `cargo xtask e2e`: an analyst's way through the portal, in a real Chromium, on a real server.
//!
//! [`story`] tells what the analyst does, [`deeds`] with which keys. A demonstration is started in a folder of
//! its own; [`person`] presses keys and finds things by role and name; [`rounds`] comes to every page
//! by Tab and looks whether the focus can be followed; [`look`] asks axe-core in light and dark;
//! [`watch`] hears what pages ask of other hosts, and what they complain of; [`doubt`] sees that all this
//! finds what it should. All that was written is
//! removed at the end, or named if something was not as it should be.
//!
//! Deliberately absent: other browsers, and how it looks (`--shots` draws, people look).

mod browser;
mod deeds;
mod doubt;
mod look;
mod person;
mod proof;
mod rounds;
mod server;
mod story;
mod tools;
mod watch;
mod wire;

use crate::programs::Programs;
use anyhow::{Context as _, Result};
use browser::Browser;
use look::Looker;
use person::Person;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use story::Cast;

/// Options of `e2e`.
#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Write pictures of every page to this folder: light and dark, 360, 1440 and 2560 pixels wide.
    #[arg(long, value_name = "DIR")]
    shots: Option<PathBuf>,
    /// Chromium or Chrome; default: the one that is installed, or Debian's, which is installed then.
    #[arg(long, value_name = "PROGRAM")]
    browser: Option<PathBuf>,
}

/// Walks; the first thing that is not as it should be ends it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let since = Instant::now();
    let program = tools::browser(options.browser.as_deref())?;
    let axe = tools::axe().context("axe-core, which checks pages for accessibility")?;
    let server = Programs::build()?.server;
    let folder = tempfile::Builder::new()
        .prefix("realmward-e2e-")
        .tempdir()?;
    let outcome = walk(options, &program, axe, server, folder.path());
    if outcome.is_err() {
        eprintln!("e2e: logs and data are kept in {}", folder.keep().display());
    } else {
        eprintln!("e2e: ok, {:.0} s", since.elapsed().as_secs_f64());
    }
    outcome
}

fn walk(
    options: &Options,
    program: &Path,
    axe: String,
    server: PathBuf,
    folder: &Path,
) -> Result<()> {
    let downloads = folder.join(deeds::DOWNLOADS);
    fs::create_dir_all(&downloads)?;
    let browser = Browser::start(program, &folder.join("browser"), &downloads)?;
    let mut cast = Cast {
        me: Person::new(browser),
        looker: Looker::new(axe, options.shots.clone()),
        program: server,
        folder: folder.to_owned(),
    };
    let outcome = story::tell(&mut cast);
    if outcome.is_err()
        && let Ok(picture) = cast.me.browser.picture()
    {
        let file = folder.join("last.png");
        fs::write(&file, picture)?;
        eprintln!("e2e: what was on the page last: {}", file.display());
    }
    outcome
}
