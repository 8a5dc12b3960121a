//! The walk doubts itself: before it praises any page, it must find what is wrong with these.
//!
//! Each is a small page with one fault. A check that lets its page pass checks nothing.

use super::browser::{HEIGHT, WIDTH};
use super::look::Looker;
use super::person::Person;
use super::rounds;
use anyhow::{Result, ensure};
use std::fs;
use std::path::Path;

/// Shows the pages, from files in this folder; the first fault that is not found ends it.
pub(super) fn cast(me: &mut Person, looker: &Looker, folder: &Path) -> Result<()> {
    let file = folder.join("doubt.html");
    let show = |me: &mut Person, page: &str| {
        let head = "<!doctype html><html lang=en><title>doubt</title>";
        fs::write(&file, format!("{head}{page}"))?;
        me.moves_to("file://");
        me.opens(&file.to_string_lossy())
    };
    show(me, SOUND)?;
    rounds::go_around(me)?;
    rounds::skip(me)?;
    looker.checks(me, "a sound page")?;
    for (fault, page) in KEYBOARD {
        show(me, page)?;
        let found = rounds::go_around(me).map(drop);
        expect(fault, found)?;
    }
    for (fault, page) in SKIP {
        show(me, page)?;
        expect(fault, rounds::skip(me))?;
    }
    for (fault, page) in LOOKS {
        show(me, page)?;
        let found = looker.checks(me, "doubt");
        expect(fault, found)?;
        me.browser.resize(WIDTH, HEIGHT)?;
        me.browser.faults()?;
    }
    Ok(())
}

fn expect(fault: &str, found: Result<()>) -> Result<()> {
    let told = found.err().map(|it| format!("{it:#}")).unwrap_or_default();
    ensure!(
        told.contains(fault),
        "the walk does not see a fault it should: wanted “{fault}”, found “{told}”"
    );
    Ok(())
}

const SOUND: &str = "<header><a href='#to'>Skip to it</a> <a href='#a'>a</a></header>
    <div id=to tabindex=-1><a href='#b'>b</a></div>";

/// What is told of a page, and the page: faults that Tab shows.
const KEYBOARD: &[(&str, &str)] = &[
    (
        "looks the same with the focus",
        "<style>:focus { outline: none }</style><a href='#a'>a</a>",
    ),
    (
        "is out of sight",
        "<a href='#a' style='position: absolute; left: -99rem'>a</a>",
    ),
    (
        "is out of sight",
        "<a href='#a'>a</a><div style='position: fixed; inset: 0; background: white'></div>",
    ),
    (
        "Tab does not come by button “c”",
        "<a id=a href='#a'>a</a><a id=b href='#b'>b</a><button>c</button>
         <script>b.onkeydown = (it) => { it.preventDefault(); a.focus(); }</script>",
    ),
];

/// What is told of a page, and the page: faults of its skip link.
const SKIP: &[(&str, &str)] = &[
    ("no skip link", "<header><a href='#a'>a</a></header>"),
    (
        "leads back to the head",
        "<a href='#to'>Skip to it</a><p id=to tabindex=-1>b</p><header><a href='#a'>a</a></header>",
    ),
];

/// What is told of a page, and the page: faults of its look and of what it does.
const LOOKS: &[(&str, &str)] = &[
    (
        "light: color-contrast",
        "<p style='color: #bbb; background: #fff'>pale</p>",
    ),
    (
        "dark: color-contrast",
        "<style>@media (prefers-color-scheme: dark) { p { color: #999 } }</style><p>pale</p>",
    ),
    ("label (critical)", "<input>"),
    ("wider than a phone", "<div style='width: 400px'>wide</div>"),
    (
        "spills over on a phone: p “wordword",
        "<main><p style='width: 5rem'>wordwordwordwordword</p></main>",
    ),
    (
        "asked another host: https://elsewhere.invalid/a.png",
        "<img alt=a src='https://elsewhere.invalid/a.png'>",
    ),
    (
        "its script complained: oh",
        "<script>console.error('oh')</script>",
    ),
    (
        "its script failed",
        "<script>throw new Error('oh')</script>",
    ),
    (
        "content security policy",
        "<meta http-equiv=Content-Security-Policy content=\"style-src 'none'\"><p style='color: red'>a</p>",
    ),
];
