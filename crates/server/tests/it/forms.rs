//! The forms of the report: width, colour, equal octets, files.

use crate::captures::fixture;
use crate::run::{analyze, with_input};
use std::fs;
use tempfile::tempdir;

#[test]
fn one_thread_and_four_write_the_same_octets() {
    let paths = [
        "a01_dcsync_krbtgt",
        "b01_ws1_join",
        "b04_dc_replication",
        "a25_session_enum",
        "a29_wmiexec",
    ]
    .map(fixture);
    for format in ["text", "jsonl", "html"] {
        let run = |threads| {
            let options = ["--format", format, "--threads", threads].map(str::to_owned);
            analyze(&[&paths[..], &options].concat())
        };
        let (one, four) = (run("1"), run("4"));
        assert_eq!(one.status, 10, "{}", one.err);
        assert_eq!(one.out, four.out, "{format}");
    }
}

#[test]
fn colour_is_for_terminals_and_whoever_asks() {
    let path = fixture("a01_dcsync_krbtgt");
    let coloured = |options: &[&str], environment: &[(&str, &str)]| {
        let run = with_input(&[&[path.as_str()], options].concat(), b"", environment);
        run.out.contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]));
    assert!(!coloured(&["--color", "never"], &[]));
    assert!(!coloured(&["--color", "auto"], &[("NO_COLOR", "1")]));
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!coloured(
        &[],
        &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]
    ));
}

#[test]
fn the_width_is_kept() {
    for width in [60, 80, 160] {
        let run = analyze(&[&fixture("a01_dcsync_krbtgt"), "--width", &width.to_string()]);
        let widest = run.out.lines().map(|it| it.chars().count()).max().unwrap();
        assert!(widest <= width, "{widest} of {width}");
    }
}

#[test]
fn the_page_goes_to_the_file() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("report.html").display().to_string();
    let run = analyze(&[
        &fixture("a01_dcsync_krbtgt"),
        "--format",
        "html",
        "--out",
        &out,
    ]);
    assert_eq!((run.status, run.out.as_str()), (10, ""));
    let page = fs::read_to_string(out).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("id=\"alert-1\""));
}

#[test]
fn packets_of_an_alert_are_exactly_its_evidence() {
    let folder = tempdir().unwrap();
    let packets = folder.path().join("packets");
    let run = analyze(&[
        &fixture("a01_dcsync_krbtgt"),
        "--format",
        "jsonl",
        "--pcap",
        &packets.display().to_string(),
    ]);
    let alert = run.lines("alert").remove(0);
    let evidence = alert["evidence"].as_array().unwrap().len();
    let mut files: Vec<_> = fs::read_dir(&packets)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    files.sort();
    let name = files[0].file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("001-") && name.ends_with(".pcap"),
        "{name}"
    );
    assert!(name.contains(alert["detector"].as_str().unwrap()), "{name}");
    let again = analyze(&[files[0].as_os_str(), "--format".as_ref(), "jsonl".as_ref()]);
    assert_eq!(again.lines("summary")[0]["packets"], evidence);
}

#[test]
fn a_reason_of_a_user_names_an_alert_and_the_sum_is_exact() {
    let run = analyze(&[&fixture("a01_dcsync_krbtgt"), "--format", "jsonl"]);
    let user = run.lines("user").remove(0);
    let reasons = user["reasons"].as_array().unwrap();
    let sum: f64 = reasons
        .iter()
        .map(|it| it["decibans"].as_f64().unwrap())
        .sum();
    assert!((sum - user["decibans"].as_f64().unwrap()).abs() < 1e-9);
    assert_eq!(reasons[0]["alert"], 1);
}
