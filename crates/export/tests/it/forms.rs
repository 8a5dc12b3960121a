//! Snapshots of the text and of the JSON lines, and the promises that hold for any report.

use crate::sample;
use realmward_export::{Report, jsonl, text};
use unicode_width::UnicodeWidthStr as _;

fn plain(report: &Report, width: usize) -> String {
    text::render(
        report,
        text::Look {
            width,
            colour: false,
        },
    )
}

fn lines(report: &Report) -> String {
    let mut out = Vec::new();
    jsonl::write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_triage_at_80_columns() {
    insta::assert_snapshot!(plain(&sample::report(), 80));
}

#[test]
fn the_triage_at_160_columns() {
    insta::assert_snapshot!(plain(&sample::report(), 160));
}

#[test]
fn the_triage_of_a_quiet_capture() {
    insta::assert_snapshot!(plain(&sample::quiet(), 80));
}

#[test]
fn the_json_lines() {
    insta::assert_snapshot!(lines(&sample::report()));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [40, 60, 80, 100, 132, 160] {
        for line in plain(&sample::report(), width).lines() {
            assert!(line.width() <= width, "{width}: {} {line}", line.width());
            assert_eq!(line.trim_end(), line, "trailing spaces at {width}");
        }
    }
}

#[test]
fn colour_adds_sequences_and_takes_no_word_away() {
    let report = sample::report();
    let coloured = text::render(
        &report,
        text::Look {
            width: 80,
            colour: true,
        },
    );
    assert!(coloured.contains("\u{1b}[1m"));
    assert_eq!(without_sequences(&coloured), plain(&report, 80));
}

#[test]
fn a_hostile_name_reaches_no_terminal() {
    for page in [plain(&sample::report(), 80), lines(&sample::report())] {
        assert!(!page.contains('\u{1b}'));
        assert!(!page.contains('\u{202e}'));
    }
}

#[test]
fn a_hostile_name_survives_json_unchanged() {
    let all = lines(&sample::report());
    let user: serde_json::Value = all
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|it: &serde_json::Value| it["kind"] == "user")
        .nth(1)
        .unwrap();
    assert_eq!(user["name"], sample::HOSTILE);
}

#[test]
fn reasons_of_every_user_add_up() {
    for user in sample::report().users {
        let sum: i32 = user.reasons.iter().map(|it| it.evidence).sum();
        assert_eq!(sum, user.sum, "{}", user.name);
    }
}

#[test]
fn reasons_follow_their_alert_when_alerts_are_sorted() {
    let report = sample::report();
    let dcsync = report.alerts.first().unwrap();
    assert_eq!((dcsync.number, dcsync.external_id), (1, Some(2006)));
    let text = plain(&report, 160);
    assert!(text.contains("alert 1: Replication of directory secrets from ws-17"));
}

fn without_sequences(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |it| it.1);
    }
    out + rest
}
