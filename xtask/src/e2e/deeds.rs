//! What each sentence of the story means, key by key.
//!
//! Things are named by what they are and are called (`link "Users"`), never by how they look, so that
//! a page may be made anew without this being touched.

use super::look::Looker;
use super::person::Person;
use super::proof;
use super::rounds;
use super::server::Server;
use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

pub(super) fn logs_in(me: &mut Person, looker: &Looker, server: &Server) -> Result<()> {
    me.opens("/")?;
    me.arrives_at("/login")?;
    looker.looks(me, "/login")?;
    me.opens("/")?;
    me.fills("Name", &server.greeting.name)?;
    me.presses("Tab")?;
    me.types(&server.greeting.password)?;
    me.presses("Enter")?;
    me.arrives_at("/")
}

pub(super) fn goes_around(me: &mut Person, looker: &Looker) -> Result<()> {
    let reached = rounds::make(me, looker)?;
    let missing: Vec<&&str> = PAGES
        .iter()
        .filter(|page| !reached.iter().any(|it| it == *page))
        .collect();
    ensure!(missing.is_empty(), "no link leads to {missing:?}");
    Ok(())
}

pub(super) fn uses_shortcuts(me: &mut Person) -> Result<()> {
    me.opens("/")?;
    for (keys, place) in SHORTCUTS {
        me.presses(keys)?;
        me.arrives_at(place)?;
    }
    Ok(())
}

pub(super) fn opens_incident(me: &mut Person) -> Result<String> {
    me.opens("/")?;
    me.enters("link", "Incident of")?;
    me.browser.until("location.search.includes('incident=')")?;
    me.reads("Incident")?;
    me.place()
}

/// The first alert of it that packets prove; some are about what was seen over days.
pub(super) fn opens_alert(me: &mut Person, incident: &str) -> Result<String> {
    for place in 1..=ALERTS_TRIED {
        me.opens(incident)?;
        for _ in 0..place {
            me.presses("j")?;
        }
        let link = "document.activeElement.getAttribute('href') ?? ''";
        if !me.browser.text(link)?.starts_with("/alerts/") {
            continue;
        }
        me.presses("Enter")?;
        me.arrives_at("/alerts/")?;
        me.reads("Why this is an alert")?;
        if me.sees("link", "Download packets")?.is_some() {
            return me.place();
        }
    }
    bail!("no packets prove any of the first alerts of {incident}")
}

pub(super) fn downloads_packets(me: &mut Person, alert: &str, downloads: &Path) -> Result<()> {
    me.enters("link", "Download packets")?;
    let file = arrives_in(downloads, "pcapng")?;
    let packets = proof::read(&file)?;
    let shown = "[...document.querySelectorAll('#evidence pre')].map((it) => it.textContent)";
    let shown: Vec<String> = serde_json::from_value(me.browser.value(shown)?)?;
    let named =
        format!("fetch('/api/v1{alert}').then((it) => it.json()).then((it) => it.evidence.length)");
    let named = me.browser.value(&named)?.as_u64().context("no evidence")?;
    proof::hold(&packets, &shown, usize::try_from(named)?)
}

pub(super) fn goes_to_user(me: &mut Person) -> Result<()> {
    let name = "document.querySelector(\"main a[href^='/users/']\").textContent.trim()";
    let name = me.browser.text(name)?;
    me.enters("link", &name)?;
    me.arrives_at("/users/")?;
    me.reads("Priority")?;
    me.reads("points in all")
}

pub(super) fn searches(me: &mut Person, looker: &Looker) -> Result<()> {
    me.presses("Control+k")?;
    me.finds("dialog", "Search")?;
    me.types("dc1")?;
    me.finds("option", "dc1")?;
    looker.looks(me, "search by key")?;
    me.presses("Escape")?;
    me.browser
        .until("!document.querySelector('dialog[open]')")?;
    me.presses("Control+k")?;
    me.finds("dialog", "Search")?;
    me.types("dc1")?;
    me.finds("option", "computer")?;
    me.presses("Enter")?;
    me.arrives_at("/computers/")
}

pub(super) fn searches_by_field(me: &mut Person, looker: &Looker) -> Result<()> {
    me.presses("g u")?;
    me.arrives_at("/users")?;
    me.tabs_to("searchbox", "Search users")?;
    me.types("dc1")?;
    me.presses("Enter")?;
    me.arrives_at("/search")?;
    me.finds("link", "dc1.lab.example")?;
    rounds::go_around(me)?;
    looker.looks(me, "/search")
}

/// Whoever types the wrong address is told so, and finds back.
pub(super) fn goes_astray(me: &mut Person, looker: &Looker) -> Result<()> {
    me.opens("/users/nobody")?;
    let told = me.browser.faults()?;
    ensure!(
        told.iter().all(|it| it.contains("404")) && !told.is_empty(),
        "an account that does not exist: {}",
        told.join("\n")
    );
    rounds::go_around(me)?;
    looker.looks(me, "a page that is not there")?;
    me.enters("link", "start page")?;
    me.arrives_at("/")
}

pub(super) fn drops_capture(me: &mut Person, looker: &Looker) -> Result<()> {
    let capture = crate::tree::root().join("fixtures/captures/a14_pass_the_hash.pcap.zst");
    me.presses("g d")?;
    me.arrives_at("/captures")?;
    let field = me.finds("button", "Drop captures")?;
    me.drops(&capture, &field)?;
    me.arrives_at("/captures/")?;
    me.reads("pass-the-hash")?;
    rounds::go_around(me)?;
    looker.looks(me, "/captures/...")?;
    me.enters("link", "Open the whole report")?;
    me.browser.until("location.pathname.endsWith('/report')")?;
    me.reads("pass-the-hash")?;
    looker.looks(me, "report")
}

pub(super) fn excludes(me: &mut Person, looker: &Looker, alert: &str) -> Result<()> {
    me.opens(alert)?;
    let title = me
        .browser
        .text("document.querySelector('h1').textContent")?;
    me.enters("DisclosureTriangle", "Hide alerts like this")?;
    me.enters("link", "whoever it is")?;
    me.arrives_at("/settings/exclusions")?;
    me.reads("would have hidden")?;
    me.reads("would not have been shown")?;
    me.finds("link", &title)?;
    looker.looks(me, "exclusion")?;
    me.fills("Why", REASON)?;
    me.enters("button", "Exclude")?;
    me.reads(REASON)?;
    me.finds("button", "Remove").map(drop)
}

pub(super) fn closes(me: &mut Person, alert: &str) -> Result<()> {
    me.opens(alert)?;
    me.picks("What is it?", "it happened and was allowed")?;
    me.fills("Why, in your words", COMMENT)?;
    me.enters("button", "Judge")?;
    me.reads(CLOSED)?;
    me.reads(COMMENT)?;
    me.opens("/")?;
    let link = format!("document.querySelector(\"main a[href='{alert}']\") === null");
    me.browser
        .until(&link)
        .context("it is still on the timeline")
}

pub(super) fn finds_it_closed(me: &mut Person, alert: &str) -> Result<()> {
    me.opens(alert)?;
    me.reads(CLOSED)?;
    me.reads(COMMENT)?;
    let faults = me.browser.faults()?;
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

pub(super) fn turns_dark(me: &mut Person) -> Result<()> {
    me.opens("/users")?;
    me.presses("m")?;
    me.browser
        .until("document.documentElement.dataset.theme === 'dark'")?;
    me.arrives_at("/users")?;
    me.enters("DisclosureTriangle", NAME)?;
    me.enters("button", "System")?;
    me.browser
        .until("document.documentElement.dataset.theme === undefined")?;
    me.arrives_at("/users")
}

/// The link is opened where somebody is logged in already, which must do no harm.
pub(super) fn invites(me: &mut Person, looker: &Looker) -> Result<()> {
    me.presses("g s")?;
    me.arrives_at("/settings")?;
    me.enters("link", "Accounts")?;
    me.arrives_at("/settings/accounts")?;
    me.fills("Name", COLLEAGUE)?;
    me.enters("button", "Make a link")?;
    me.reads("Give this link to")?;
    let link = "new URL(document.querySelector('#link').textContent).pathname
        + new URL(document.querySelector('#link').textContent).search
        + new URL(document.querySelector('#link').textContent).hash";
    let link = me.browser.text(link)?;
    me.opens(&link)?;
    me.arrives_at("/setup")?;
    rounds::go_around(me)?;
    looker.looks(me, "/setup")?;
    me.fills("Password", PASSWORD)?;
    me.fills("again", PASSWORD)?;
    me.presses("Enter")?;
    me.arrives_at("/")?;
    me.finds("DisclosureTriangle", COLLEAGUE).map(drop)
}

/// Waits until a download is complete.
fn arrives_in(folder: &Path, extension: &str) -> Result<PathBuf> {
    let since = Instant::now();
    while since.elapsed() < DOWNLOAD_TIME_MAX {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|it| it == extension) {
                return Ok(path);
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
    bail!("no {extension} was downloaded")
}

/// Where the browser puts downloads, within the folder of the walk.
pub(super) const DOWNLOADS: &str = "downloads";

/// Pages that must be linked to; others are looked at all the same.
const PAGES: &[&str] = &[
    "/",
    "/?incident=...",
    "/account",
    "/activities",
    "/activities/...",
    "/alerts/...",
    "/captures",
    "/computers",
    "/computers/...",
    "/health",
    "/help",
    "/settings",
    "/settings/accounts",
    "/settings/audit",
    "/settings/exclusions",
    "/settings/outputs",
    "/settings/sensors",
    "/settings/tags",
    "/users",
    "/users/...",
];

const SHORTCUTS: &[(&str, &str)] = &[
    ("g u", "/users"),
    ("g c", "/computers"),
    ("g l", "/activities"),
    ("g h", "/health"),
    ("g d", "/captures"),
    ("g s", "/settings"),
    ("?", "/help"),
    ("g t", "/"),
];

const REASON: &str = "the walk tries an exclusion";
const COMMENT: &str = "the walk saw that it was allowed";
const CLOSED: &str = "closed: allowed";
const ALERTS_TRIED: usize = 12;
const DOWNLOAD_TIME_MAX: Duration = Duration::from_secs(20);

/// Who the demonstration is for.
const NAME: &str = "demo";
const COLLEAGUE: &str = "colleague";
/// Of an account that lives as long as the walk.
const PASSWORD: &str = "long enough for a walk";
