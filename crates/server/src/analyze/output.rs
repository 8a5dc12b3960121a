//! Where the report goes, and how wide and colourful.

use super::plan::Plan;
use crate::options::{Format, When};
use anyhow::{Context as _, Result, bail};
use realmward_export::{Report, html, jsonl, text};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Write, stdout};

/// Writes the report in the form of the plan.
pub(super) fn write(plan: &Plan, report: &Report) -> Result<()> {
    if let Some(path) = &plan.out {
        let name = || path.display().to_string();
        let mut out = BufWriter::new(File::create(path).with_context(name)?);
        return render(plan, report, &mut out)
            .and_then(|()| out.flush())
            .with_context(name);
    }
    if plan.format == Format::Html && stdout().is_terminal() {
        bail!("a page is not for a terminal; add --out report.html");
    }
    let mut out = BufWriter::new(stdout().lock());
    match render(plan, report, &mut out).and_then(|()| out.flush()) {
        // Who closed the pipe, like `head`, has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("standard output")
        }
        _ => Ok(()),
    }
}

fn render(plan: &Plan, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    match plan.format {
        Format::Text => out.write_all(text::render(report, look(plan)).as_bytes()),
        Format::Jsonl => jsonl::write(report, out),
        Format::Html => out.write_all(html::render(report).as_bytes()),
    }
}

fn look(plan: &Plan) -> text::Look {
    let on_terminal = plan.out.is_none() && stdout().is_terminal();
    text::Look {
        width: plan
            .width
            .or_else(|| terminal_width(on_terminal))
            .unwrap_or(WIDTH),
        colour: match plan.color {
            When::Always => true,
            When::Never => false,
            When::Auto => colour_is_welcome(on_terminal),
        },
    }
}

/// `NO_COLOR` when set and not empty (no-color.org) forbids, then `CLICOLOR_FORCE` asks for colour
/// anywhere and `CLICOLOR=0` for none (bixense.com/clicolors); else a terminal that knows colour.
fn colour_is_welcome(on_terminal: bool) -> bool {
    let says = |name: &str, what: fn(&OsStr) -> bool| {
        std::env::var_os(name).is_some_and(|it| !it.is_empty() && what(&it))
    };
    if says("NO_COLOR", |_| true) {
        return false;
    }
    if says("CLICOLOR_FORCE", |it| it != "0") {
        return true;
    }
    on_terminal && !says("CLICOLOR", |it| it == "0") && !says("TERM", |it| it == "dumb")
}

fn terminal_width(on_terminal: bool) -> Option<usize> {
    if !on_terminal {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// What mail and logs expect.
const WIDTH: usize = 80;
