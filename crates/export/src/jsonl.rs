//! JSON lines: one object a line, alerts first, then users, then one summary.
//!
//! The shapes are documented in `docs/jsonl.md`. Fields may be added, none is ever renamed or
//! removed; the golden test keeps that. Control characters that terminals obey are escaped, so a
//! hostile name cannot speak to the terminal of whoever looks at a line.

mod formatter;
mod line;

use crate::Report;
use formatter::Harmless;
use line::{AlertLine, SummaryLine, UserLine};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the report, one JSON object a line.
///
/// # Errors
///
/// When `out` refuses.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for alert in &report.alerts {
        line(&AlertLine::new(report, alert), out)?;
    }
    for user in &report.users {
        line(&UserLine::new(user), out)?;
    }
    line(&SummaryLine::new(report), out)
}

/// Writes one object and a line feed, harmless for terminals.
///
/// # Errors
///
/// When `out` refuses.
pub fn line<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Harmless);
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}
