//! Alerts, the worst first: what, who, when, why, the proof and what to do.

use super::page::Page;
use super::style::{GOOD, PLAIN, QUIET, STRONG, severity};
use crate::report::{Alert, Report};
use crate::words;
use realmward_detect::Because;

pub(super) fn write(report: &Report, page: &mut Page) {
    if report.inputs.is_empty() {
        return;
    }
    if report.alerts.is_empty() {
        nothing(report, page);
        return;
    }
    page.heading("Alerts");
    for alert in report.alerts.iter().take(ALERTS_SHOWN) {
        page.gap();
        one(report, alert, page);
    }
    let more = report.alerts.len().saturating_sub(ALERTS_SHOWN);
    if 0 < more {
        page.gap();
        let text = format!("and {more} more; --format html or jsonl shows all");
        page.paragraph(0, &text, QUIET);
    }
}

fn one(report: &Report, alert: &Alert, page: &mut Page) {
    let word = alert.severity.word().to_uppercase();
    let head = format!("{} {word:<8}", words::symbol(alert.severity));
    let title = format!("{}. {}", alert.number, alert.title);
    page.ends(
        0,
        &[(&head, severity(alert.severity)), (&title, STRONG)],
        (&numbers(alert), QUIET),
    );
    page.paragraph(INDENT, &words::who_to_whom(alert), PLAIN);
    let when = format!(
        "{}; {}; confidence {}",
        words::when(alert),
        words::outcome(alert.outcome),
        words::percent(alert.confidence)
    );
    page.paragraph(INDENT, &when, QUIET);
    story(alert, page);
    why(alert, page);
    proof(report, alert, page);
    next(report, alert, page);
}

fn proof(report: &Report, alert: &Alert, page: &mut Page) {
    let files = words::proof(report, &alert.evidence);
    let mut label = "proof";
    for (file, packets) in files.iter().take(FILES_SHOWN) {
        page.row(INDENT, label, COLUMN, &format!("{file}, {packets}"));
        label = "";
    }
    let more = files.len().saturating_sub(FILES_SHOWN) as u64;
    if 0 < more {
        let text = format!("and packets of {}", words::count(more, "more file"));
        page.row(INDENT, "", COLUMN, &text);
    }
}

/// The steps, or where they were already said.
fn next(report: &Report, alert: &Alert, page: &mut Page) {
    let before = |it: &&Alert| {
        it.number < alert.number
            && it.detector == alert.detector
            && it.next_steps == alert.next_steps
    };
    if alert.next_steps.is_empty() {
        return;
    }
    if let Some(first) = report.alerts.iter().find(before) {
        page.row(
            INDENT,
            "next",
            COLUMN,
            &format!("as for alert {}", first.number),
        );
        return;
    }
    let mut label = "next";
    for step in &alert.next_steps {
        page.row(INDENT, label, COLUMN, step);
        label = "";
    }
}

/// `T1003.006 · MDI 2006`.
fn numbers(alert: &Alert) -> String {
    let mut numbers: Vec<String> = alert.techniques.iter().take(2).cloned().collect();
    if let Some(id) = alert.external_id {
        numbers.push(format!("MDI {id}"));
    }
    numbers.join(" · ")
}

fn story(alert: &Alert, page: &mut Page) {
    let mut label = "what";
    for sentence in alert.story.iter().take(SENTENCES_SHOWN) {
        page.row(INDENT, label, COLUMN, sentence);
        label = "";
    }
    let more = alert.story.len().saturating_sub(SENTENCES_SHOWN);
    if 0 < more {
        page.row(INDENT, "", COLUMN, &format!("and {more} more like these"));
    }
}

fn why(alert: &Alert, page: &mut Page) {
    let mut label = "why";
    for because in alert.why.iter().take(CONDITIONS_SHOWN) {
        let (seen, expected) = condition(because);
        let pieces = [(seen.as_str(), PLAIN), (expected.as_str(), QUIET)];
        page.row_pieces(INDENT, (label, QUIET), COLUMN, &pieces);
        label = "";
    }
    let more = alert.why.len().saturating_sub(CONDITIONS_SHOWN);
    if 0 < more {
        page.row(INDENT, "", COLUMN, &format!("and {more} more"));
    }
}

/// `condition: observed` and ` (expected ...)`.
fn condition(because: &Because) -> (String, String) {
    let seen = format!("{}: {}", because.condition, because.observed);
    let expected = if because.expected.is_empty() {
        String::new()
    } else {
        format!(" (expected {})", because.expected)
    };
    (seen, expected)
}

fn nothing(report: &Report, page: &mut Page) {
    page.heading("No alerts");
    let facts: u64 = report.summary.facts.values().sum();
    if facts == 0 {
        let text = "No Kerberos, NTLM, SMB, RPC, LDAP or DNS message was understood: this capture \
                    says nothing about identities, so silence means nothing.";
        page.paragraph(2, text, PLAIN);
        return;
    }
    let text = format!(
        "{} watched in {}: {}.",
        words::count(facts, "fact"),
        words::count(report.summary.flows, "conversation"),
        words::watched(report)
    );
    page.paragraph(2, &text, GOOD);
    let unseen = words::unseen(report);
    if !unseen.is_empty() {
        let text = format!(
            "Not a message was understood of {}: nothing can be said of attacks over them.",
            unseen.join(", ")
        );
        page.paragraph(2, &text, PLAIN);
    }
}

/// Where everything but the title starts.
const INDENT: usize = 10;

/// Width of `proof` and its kin.
const COLUMN: usize = 7;

/// More than this is not read on a terminal.
const ALERTS_SHOWN: usize = 50;
const SENTENCES_SHOWN: usize = 5;
const CONDITIONS_SHOWN: usize = 8;
const FILES_SHOWN: usize = 6;
