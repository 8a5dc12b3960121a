//! Ctrl-C: the first reports what was read so far.

use crate::captures::{frame, pcap};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

#[test]
fn the_first_interrupt_reports_what_was_read_so_far() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_realmward-server"))
        .args([
            "analyze",
            "-",
            "--format",
            "jsonl",
            "--quiet",
            "--threads",
            "1",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let frame = frame();
    let capture = pcap(0, &vec![frame.as_slice(); PACKETS]);
    let mut input = child.stdin.take().unwrap();
    input.write_all(&capture).unwrap();
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupt.success());
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    assert!(said.contains("stopping"), "{said}");
    // The input never ends; only the interrupt can end the run.
    let (_, packets) = capture.split_at(24);
    while input.write_all(packets).is_ok() {}
    let mut out = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut out)
        .unwrap();
    let summary: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(summary["interrupted"], true);
    assert!(PACKETS as u64 <= summary["packets"].as_u64().unwrap());
    assert_eq!(summary["inputs"][0]["damage"], serde_json::Value::Null);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// More than a batch, so that the run has begun for sure.
const PACKETS: usize = 10_000;
