//! One self-contained page: story, alerts with their proof, a graph of who reached what, tables.
//!
//! It works from a file without a network: style and script are inside, and a content security
//! policy that names both by hash forbids everything else, so even a hole in the escaping could run
//! nothing. The script only sorts tables and switches between dark and light; without it all is there.
//! Names come from attackers: the template escapes them, and a last pass writes out control
//! characters and direction marks.

mod around;
mod curve;
mod graph;
mod layout;
mod picture;
mod policy;
mod tables;
mod view;

pub use policy::policy;

use crate::Report;
use crate::text::clean::is_deceptive;
use askama::Template;

/// The whole page.
#[must_use]
pub fn render(report: &Report) -> String {
    // INVARIANT: rendering into a string fails only if a `Display` does, and these are strings.
    let page = view::Page::new(report).render().unwrap_or_default();
    harmless(&page)
}

/// Only the graph of who reached what, with its key and its twin as a table; `place` and the number
/// of an alert lead to it. `None` if nothing reached anything. Needs the style of the page.
#[must_use]
pub fn graph(report: &Report, place: &str) -> Option<String> {
    let picture = picture::draw(&graph::Reach::new(report));
    if picture.lines.is_empty() {
        return None;
    }
    Graph { picture, place }.render().ok()
}

#[derive(Template)]
#[template(path = "graph.html")]
struct Graph<'a> {
    picture: picture::Picture,
    place: &'a str,
}

/// What no template writes can only come from a name: it is shown as a number.
#[must_use]
pub fn harmless(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    for character in page.chars() {
        if character != '\n' && (character.is_control() || is_deceptive(character)) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}
