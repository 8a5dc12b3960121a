//! Hygiene, what could not be seen, and the last line.

use super::page::Page;
use super::style::{PLAIN, QUIET, STRONG};
use crate::report::{Hygiene, Report};
use crate::words;

pub(super) fn write(report: &Report, page: &mut Page) {
    if report.inputs.is_empty() {
        return;
    }
    hygiene(report, page);
    hidden(report, page);
    last(report, page);
}

fn hygiene(report: &Report, page: &mut Page) {
    if report.hygiene.is_empty() {
        return;
    }
    let counts = report
        .hygiene
        .iter()
        .map(|it| together(&format!("{} {}", it.what, words::number(it.times))))
        .collect::<Vec<_>>()
        .join(" · ");
    page.gap();
    page.row_styled(0, ("Hygiene", STRONG), COLUMN, (&counts, PLAIN));
    for row in report.hygiene.iter().filter(|it| 0 < it.times) {
        if let Some(text) = owners(row) {
            page.hanging(COLUMN, COLUMN + 2, &text, QUIET);
        }
    }
}

/// Words that are not to be parted at the end of a line.
fn together(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// `RC4 tickets: svc_old from 10.0.0.9 (12), ...`
fn owners(row: &Hygiene) -> Option<String> {
    let names: Vec<String> = row
        .by
        .iter()
        .map(|it| {
            let account = if it.account.is_empty() {
                "unknown"
            } else {
                &it.account
            };
            let times = words::number(it.times);
            match it.address {
                Some(address) => format!("{account} from {address}\u{a0}({times})"),
                None => format!("{account} ({times})"),
            }
        })
        .collect();
    (!names.is_empty()).then(|| format!("{}: {}", row.what, words::some(names, OWNERS_SHOWN)))
}

fn hidden(report: &Report, page: &mut Page) {
    page.gap();
    let seen: Vec<_> = report.hidden.iter().filter(|it| 0 < it.times).collect();
    if seen.is_empty() {
        let text = "nothing of what was read";
        page.row_styled(0, ("Encrypted", STRONG), COLUMN, (text, PLAIN));
    }
    let mut label = "Encrypted";
    for it in seen {
        let text = format!("{} ({}): {}", it.what, words::number(it.times), it.means);
        page.row_styled(0, (label, STRONG), COLUMN, (&text, PLAIN));
        label = "";
    }
    let bounds = &report.summary.bounds_hit;
    if 0 < bounds.values().sum::<u64>() {
        let text = format!("reached, so something may be missing: {}", listed(bounds));
        page.row_styled(0, ("Limits", STRONG), COLUMN, (&text, PLAIN));
    }
    let faults = &report.summary.parse_faults;
    if 0 < faults.values().sum::<u64>() {
        let text = format!("messages that break their protocol: {}", listed(faults));
        page.row_styled(0, ("Unreadable", STRONG), COLUMN, (&text, PLAIN));
    }
}

fn listed(counts: &std::collections::BTreeMap<String, u64>) -> String {
    counts
        .iter()
        .filter(|(_, times)| 0 < **times)
        .map(|(name, times)| format!("{name}\u{a0}{}", words::number(*times)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn last(report: &Report, page: &mut Page) {
    page.gap();
    page.paragraph(0, &counts(report), STRONG);
    let excluded: u64 = report.summary.excluded.values().sum();
    if 0 < excluded {
        let text = format!(
            "{} hidden by --exclude: {}",
            words::count(excluded, "finding"),
            listed(&report.summary.excluded)
        );
        page.paragraph(0, &text, QUIET);
    }
    if !report.alerts.is_empty() {
        let text = "All of it, with a graph: --format html --out report.html. \
                    The packets of each alert: --pcap DIR.";
        page.paragraph(0, text, QUIET);
    }
}

/// `3 alerts (1 high, 2 medium); look first at svc_backup (priority 87), jdoe (64)`.
fn counts(report: &Report) -> String {
    let by_severity = words::SEVERITIES
        .iter()
        .filter(|it| 0 < report.alerts_of(**it))
        .map(|it| format!("{} {}", report.alerts_of(*it), it.word()))
        .collect::<Vec<_>>()
        .join(", ");
    let mut text = words::count(report.alerts.len() as u64, "alert");
    if !report.alerts.is_empty() {
        text.push_str(&format!(" ({by_severity})"));
    }
    let users: Vec<String> = report
        .users
        .iter()
        .filter(|it| 0 < it.priority)
        .enumerate()
        .map(|(place, it)| {
            let word = if place == 0 { "priority\u{a0}" } else { "" };
            format!("{}\u{a0}({word}{})", it.name, it.priority)
        })
        .collect();
    if !users.is_empty() {
        text.push_str(&format!("; look first at {}", words::some(users, 3)));
    }
    text
}

/// Width of the labels on the left.
const COLUMN: usize = 12;

const OWNERS_SHOWN: usize = 4;
