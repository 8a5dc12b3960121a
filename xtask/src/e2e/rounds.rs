//! Every page that a page links to, each reached by Tab and Enter alone, and each looked at.
//!
//! On each page Tab goes once around. What it comes by must show that it has the focus and must be
//! in sight; what can be operated must be come by; in the end the skip link must lead to the page. The
//! links on the way say which kinds of pages there are; one of each kind is entered. So a new page
//! is looked at as soon as something links to it.

use super::look::Looker;
use super::person::{Person, STOPS_MAX};
use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use std::collections::{BTreeSet, VecDeque};

/// A thing that Tab came by.
#[derive(Deserialize)]
pub(super) struct Stop {
    name: String,
    /// Where it leads, if it is a link.
    place: String,
    faults: Vec<String>,
}

/// How to reach a page: from one that links to it.
struct Way {
    from: String,
    to: String,
}

/// Goes around from the timeline; gives the kinds of pages it came to.
pub(super) fn make(me: &mut Person, looker: &Looker) -> Result<Vec<String>> {
    let mut known = BTreeSet::from(["/".to_owned()]);
    let mut ways = VecDeque::new();
    me.opens("/")?;
    let home = me.browser.text("location.origin")?;
    visit(me, looker, "/", &mut known, &mut ways)?;
    while let Some(way) = ways.pop_front() {
        follow(me, &home, &way).with_context(|| format!("from {}", way.from))?;
        let kind = kind(&way.to).unwrap_or_default();
        visit(me, looker, &kind, &mut known, &mut ways)
            .with_context(|| format!("{} (from {})", way.to, way.from))?;
    }
    Ok(known.into_iter().collect())
}

fn follow(me: &mut Person, home: &str, way: &Way) -> Result<()> {
    me.opens(&way.from)?;
    let address = format!("{home}{}", way.to);
    for _ in 0..STOPS_MAX {
        me.presses("Tab")?;
        if me.browser.text("walk.leads()")? == address {
            me.presses("Enter")?;
            let place = way.to.split('#').next().unwrap_or_default();
            return me.arrives_exactly_at(place);
        }
    }
    bail!("Tab does not come by the link to {} again", way.to)
}

fn visit(
    me: &mut Person,
    looker: &Looker,
    name: &str,
    known: &mut BTreeSet<String>,
    ways: &mut VecDeque<Way>,
) -> Result<()> {
    let from = me.place()?;
    let stops = go_around(me)?;
    skip(me)?;
    let home = me.browser.text("location.origin")?;
    for stop in &stops {
        let Some(to) = stop.place.strip_prefix(&home) else {
            continue;
        };
        let Some(kind) = kind(to) else { continue };
        if known.insert(kind) {
            ways.push_back(Way {
                from: from.clone(),
                to: to.to_owned(),
            });
        }
    }
    looker.looks(me, name)
}

/// Presses Tab until it comes around.
pub(super) fn go_around(me: &mut Person) -> Result<Vec<Stop>> {
    me.browser.value("walk.begin()")?;
    let mut stops = Vec::new();
    while stops.len() < STOPS_MAX {
        me.presses("Tab")?;
        let stop: Option<Stop> = serde_json::from_value(me.browser.value("walk.stop()")?)?;
        let Some(stop) = stop else { break };
        ensure!(
            stop.faults.is_empty(),
            "{}: {}",
            stop.name,
            stop.faults.join("; ")
        );
        stops.push(stop);
    }
    let missed: Vec<String> = serde_json::from_value(me.browser.value("walk.missed()")?)?;
    ensure!(
        missed.is_empty(),
        "Tab does not come by {} (it came by {}, the last was {})",
        missed.join(", "),
        stops.len(),
        stops.last().map_or("nothing", |it| &it.name)
    );
    Ok(stops)
}

/// The first thing that Tab comes by leads past what is the same on every page.
pub(super) fn skip(me: &mut Person) -> Result<()> {
    me.browser.value("document.activeElement?.blur()")?;
    let link = me.sees("link", "Skip to")?.context("no skip link")?;
    me.browser.value("scrollTo(0, 0)")?;
    me.tabs_to("link", "Skip to")?;
    let target = me.asks(&link, "this.getAttribute('href')")?;
    me.presses("Enter")?;
    let is_there = format!("document.activeElement === document.querySelector({target})");
    me.browser.until(&is_there).context("the skip link")?;
    me.presses("Tab")?;
    let is_within = "!document.activeElement.closest('header')";
    ensure!(
        me.browser.value(is_within)? == true,
        "after the skip link Tab leads back to the head of the page"
    );
    Ok(())
}

/// `/alerts/7` and `/alerts/8` are of one kind; what is no page is of none.
fn kind(place: &str) -> Option<String> {
    let path = place.split(['?', '#']).next().unwrap_or_default();
    if place.contains("incident=") {
        return Some("/?incident=...".to_owned());
    }
    let mut parts = path.trim_matches('/').split('/');
    match (parts.next().unwrap_or_default(), parts.next()) {
        ("api" | "assets" | "logout" | "metrics" | "healthz", _) => None,
        ("settings", Some(_)) | (_, None) => Some(path.to_owned()),
        (first, Some(_)) => Some(format!("/{first}/...")),
    }
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn pages_of_one_kind_are_one_and_others_are_not() {
        for (place, expected) in [
            ("/", Some("/")),
            ("/users?tag=honeytoken", Some("/users")),
            ("/users/anna#main", Some("/users/...")),
            ("/?incident=7&status=all", Some("/?incident=...")),
            ("/settings/audit?before=7", Some("/settings/audit")),
            ("/api/v1/alerts/7", None),
        ] {
            assert_eq!(kind(place).as_deref(), expected, "{place}");
        }
    }
}
