//! What the options do, and what is said of wrong ones.

use crate::captures::fixture;
use crate::run::analyze;
use std::fs;
use tempfile::tempdir;

#[test]
fn an_exclusion_hides_and_is_counted() {
    let path = fixture("a01_dcsync_krbtgt");
    let alert = analyze(&[&path, "--format", "jsonl"])
        .lines("alert")
        .remove(0);
    let detector = format!("detector={}", alert["detector"].as_str().unwrap());
    for exclusion in [
        "account=ADM-JANE",
        "ip=10.77.0.0/24",
        "host=10.77.0.66",
        &detector,
    ] {
        let run = analyze(&[&path, "--format", "jsonl", "--exclude", exclusion]);
        let left = run.lines("alert");
        assert!(
            left.iter().all(|it| it["detector"] != alert["detector"]),
            "{exclusion}"
        );
        let by_source = exclusion != detector;
        assert_eq!(by_source, left.is_empty() && run.status == 0, "{exclusion}");
        let excluded = run.lines("summary")[0]["excluded"].clone();
        let hidden: u64 = excluded
            .as_object()
            .unwrap()
            .values()
            .map(|it| it.as_u64().unwrap())
            .sum();
        assert!(0 < hidden, "{exclusion}: {excluded}");
    }
    let run = analyze(&[&path, "--exclude", "account=somebody-else"]);
    assert_eq!(run.status, 10);
}

#[test]
fn a_named_domain_controller_is_believed() {
    let path = fixture("a01_dcsync_krbtgt");
    let run = analyze(&[&path, "--domain-controller", "10.77.0.66"]);
    assert!(run.out.contains("10.77.0.66: named by the operator"));
}

#[test]
fn fail_on_raises_the_bar() {
    let order = ["low", "medium", "high"];
    for capture in [
        "a01_dcsync_krbtgt",
        "a25_session_enum",
        "a27_psexec",
        "b05_kinit_aes",
    ] {
        let path = fixture(capture);
        let alerts = analyze(&[&path, "--format", "jsonl"]).lines("alert");
        let worst = alerts
            .iter()
            .filter_map(|it| order.iter().position(|known| it["severity"] == *known))
            .max();
        for (bar, fail_on) in order.iter().enumerate() {
            let run = analyze(&[&path, "--fail-on", fail_on]);
            let status = if worst.is_some_and(|it| bar <= it) {
                10
            } else {
                0
            };
            assert_eq!(run.status, status, "{capture} {fail_on}");
        }
    }
}

#[test]
fn the_file_says_what_the_command_line_can_say() {
    let folder = tempdir().unwrap();
    let config = folder.path().join("realmward.toml");
    fs::write(
        &config,
        "format = \"jsonl\"\nexclude = [\"account=adm-jane\"]\n",
    )
    .unwrap();
    let config = config.display().to_string();
    let path = fixture("a01_dcsync_krbtgt");
    let run = analyze(&[&path, "--config", &config]);
    assert_eq!((run.status, run.lines("summary").len()), (0, 1));
    let run = analyze(&[&path, "--config", &config, "--format", "text"]);
    assert!(run.out.contains("hidden by --exclude"), "{}", run.out);
}

#[test]
fn a_wrong_option_is_named_in_one_line_with_status_2() {
    let folder = tempdir().unwrap();
    let config = folder.path().join("realmward.toml");
    fs::write(&config, "quiet = true\nhoneypot = []\n").unwrap();
    let config = config.display().to_string();
    let path = fixture("b05_kinit_aes");
    for (options, fault) in [
        (
            ["--exclude", "nonsense"],
            "exclusion `nonsense` is not KIND=VALUE",
        ),
        (
            ["--exclude", "detector=nonsense"],
            "there is no detector `nonsense`",
        ),
        (["--exclude", "ip=10.0.0.0/99"], "network `10.0.0.0/99`"),
        (
            ["--config", &config],
            "realmward.toml, line 2: unknown field `honeypot`",
        ),
        (["--config", "missing.toml"], "missing.toml: No such file"),
        (
            ["--out", "missing/report.txt"],
            "missing/report.txt: No such file",
        ),
    ] {
        let run = analyze(&[&path, options[0], options[1]]);
        assert_eq!(run.status, 2, "{options:?}");
        assert!(run.complaint().contains(fault), "{}", run.err);
    }
}

#[test]
fn an_unknown_value_lists_the_known_ones() {
    let path = fixture("b05_kinit_aes");
    for (option, known) in [
        ("--format", "text, jsonl, html"),
        ("--fail-on", "low, medium, high"),
        ("--color", "auto, always, never"),
    ] {
        let run = analyze(&[&path, option, "xml"]);
        assert_eq!(run.status, 2);
        assert!(run.err.contains("invalid value 'xml'"), "{}", run.err);
        assert!(run.err.contains(known), "{}", run.err);
    }
}

#[test]
fn standard_input_cannot_be_read_twice() {
    for options in [&["-", "-"][..], &["-", "--pcap", "packets"]] {
        let run = analyze(options);
        assert_eq!(run.status, 2);
        assert!(run.complaint().contains("standard input"), "{}", run.err);
    }
}
