//! The triage for a terminal: what was read, what was found and why, whom to look at first.
//!
//! A pure function of the report, the width and whether colour is wanted. Colour is never the only
//! sign: each severity has its word and its symbol. Lines are measured in terminal cells, wrapped at
//! words with hanging indents, and control characters in names are shown, not obeyed.

mod alerts;
pub(crate) mod clean;
mod closing;
mod header;
mod page;
mod style;
mod users;
mod wrap;

use crate::Report;
use page::Page;

/// How the page is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Width of the terminal in cells; held between 40 and 160.
    pub width: usize,
    /// Whether to colour with ANSI sequences.
    pub colour: bool,
}

/// The whole triage, each line ended.
#[must_use]
pub fn render(report: &Report, look: Look) -> String {
    let mut page = Page::new(look);
    header::write(report, &mut page);
    alerts::write(report, &mut page);
    users::write(report, &mut page);
    closing::write(report, &mut page);
    page.finish()
}

/// Text from the input made safe for one line of a terminal: control characters are shown, not
/// obeyed. For messages outside the triage.
#[must_use]
pub fn printable(text: &str) -> String {
    clean::clean(text)
}
