//! The walk: what an analyst does with the portal on the first day, in sentences.
//!
//! Nothing but keys is used. Things are named by what they are and are called (`link "Users"`), never by
//! how they look, so that a page may be made anew without this being touched.
//!
//! To add something: another sentence at its place in [`tell`], and a function that does it.

use super::doubt;
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

/// Who walks, and with what.
pub(super) struct Cast {
    pub(super) me: Person,
    pub(super) looker: Looker,
    pub(super) program: PathBuf,
    pub(super) folder: PathBuf,
}

/// The whole story; what is not as it should be ends it.
pub(super) fn tell(cast: &mut Cast) -> Result<()> {
    step("doubts that the walk finds faults", || {
        doubt::cast(&mut cast.me, &mut cast.looker, &cast.folder)
    })?;
    let mut server = starts(cast)?;
    let (me, looker) = (&mut cast.me, &mut cast.looker);
    let downloads = cast.folder.join(DOWNLOADS);

    step("logs in with what the demonstration printed", || {
        logs_in(me, looker, &server)
    })?;
    step("is at every page by Tab and Enter alone", || {
        goes_around(me, looker)
    })?;
    step("is at the pages by two keys each", || uses_shortcuts(me))?;
    let incident = step("opens an incident from the timeline", || opens_incident(me))?;
    let alert = step("opens an alert of it", || opens_alert(me, &incident))?;
    step("downloads the packets that prove it", || {
        downloads_packets(me, &alert, &downloads)
    })?;
    step("goes on to the user behind it", || goes_to_user(me))?;
    step("finds a computer with Ctrl-K", || searches(me, looker))?;
    step(
        "drops a capture on the page and reads what is in it",
        || drops_capture(me, looker),
    )?;
    step(
        "excludes alerts like it, seeing first what that hides",
        || excludes(me, looker, &alert),
    )?;
    step("closes the alert with a verdict and a comment", || {
        closes(me, &alert)
    })?;
    step("stops the server", || {
        me.looks_away()?;
        server.stop()
    })?;
    let _server = step("starts it again with the same folder", || starts(cast))?;
    step("finds the alert still closed", || {
        finds_it_closed(&mut cast.me, &alert)
    })
}

fn starts(cast: &mut Cast) -> Result<Server> {
    let data = cast.folder.join("data");
    let server = Server::start(&cast.program, &data, &cast.folder.join("server.log"))?;
    cast.me.moves_to(&server.greeting.address);
    Ok(server)
}

fn logs_in(me: &mut Person, looker: &mut Looker, server: &Server) -> Result<()> {
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

fn goes_around(me: &mut Person, looker: &mut Looker) -> Result<()> {
    let reached = rounds::make(me, looker)?;
    let missing: Vec<&&str> = PAGES
        .iter()
        .filter(|page| !reached.iter().any(|it| it == *page))
        .collect();
    ensure!(missing.is_empty(), "no link leads to {missing:?}");
    Ok(())
}

fn uses_shortcuts(me: &mut Person) -> Result<()> {
    me.opens("/")?;
    for (keys, place) in SHORTCUTS {
        me.presses(keys)?;
        me.arrives_at(place)?;
    }
    Ok(())
}

fn opens_incident(me: &mut Person) -> Result<String> {
    me.opens("/")?;
    me.enters("link", "Incident of")?;
    me.browser.until("location.search.includes('incident=')")?;
    me.reads("Incident")?;
    me.place()
}

/// The first alert of it that packets prove; some are about what was seen over days.
fn opens_alert(me: &mut Person, incident: &str) -> Result<String> {
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

fn downloads_packets(me: &mut Person, alert: &str, downloads: &Path) -> Result<()> {
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

fn goes_to_user(me: &mut Person) -> Result<()> {
    let name = "document.querySelector(\"main a[href^='/users/']\").textContent.trim()";
    let name = me.browser.text(name)?;
    me.enters("link", &name)?;
    me.arrives_at("/users/")?;
    me.reads("Priority")?;
    me.reads("points in all")
}

fn searches(me: &mut Person, looker: &mut Looker) -> Result<()> {
    me.presses("Control+k")?;
    me.finds("dialog", "Search")?;
    me.types("dc1")?;
    me.finds("option", "dc1")?;
    looker.looks(me, "search")?;
    me.opens("/")?;
    me.presses("Control+k")?;
    me.finds("dialog", "Search")?;
    me.types("dc1")?;
    me.finds("option", "computer")?;
    me.presses("Enter")?;
    me.arrives_at("/computers/")
}

fn drops_capture(me: &mut Person, looker: &mut Looker) -> Result<()> {
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

fn excludes(me: &mut Person, looker: &mut Looker, alert: &str) -> Result<()> {
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

fn closes(me: &mut Person, alert: &str) -> Result<()> {
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

fn finds_it_closed(me: &mut Person, alert: &str) -> Result<()> {
    me.opens(alert)?;
    me.reads(CLOSED)?;
    me.reads(COMMENT)?;
    let faults = me.browser.faults()?;
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
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

/// Does what the sentence says, and says it.
fn step<T>(sentence: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let since = Instant::now();
    let done = work().with_context(|| format!("the analyst {sentence}"))?;
    let seconds = since.elapsed().as_secs_f64();
    eprintln!("e2e: the analyst {sentence} ({seconds:.1} s)");
    Ok(done)
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
