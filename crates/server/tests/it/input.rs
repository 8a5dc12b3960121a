//! What can be read, and what is said of what cannot.

use crate::captures::{fixture, frame, pcap};
use crate::run::{analyze, with_input};
use std::fs;
use tempfile::tempdir;

#[test]
fn a_quiet_capture_is_status_0_and_says_what_was_watched() {
    let run = analyze(&[fixture("b05_kinit_aes")]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    assert!(run.out.contains("No alerts"), "{}", run.out);
    assert!(run.out.contains("Encrypted"), "{}", run.out);
}

#[test]
fn an_attack_is_status_10() {
    let run = analyze(&[fixture("a01_dcsync_krbtgt")]);
    assert_eq!((run.status, run.err.as_str()), (10, ""));
    assert!(run.out.contains("▲ HIGH"), "{}", run.out);
    assert!(run.out.contains("MDI 2006"), "{}", run.out);
}

#[test]
fn what_is_unusable_is_status_2_and_one_line_that_names_it() {
    let folder = tempdir().unwrap();
    let at = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    for (path, fault) in [
        (at("empty.pcap", b""), "the file is empty"),
        (
            at("letter.pcap", b"Dear Sir or Madam"),
            "neither pcap nor pcapng",
        ),
        (
            folder.path().join("missing.pcap").display().to_string(),
            "there is no such file",
        ),
    ] {
        let run = analyze(&[&path]);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{path}");
        assert!(run.complaint().contains(&path), "{}", run.err);
        assert!(run.complaint().contains(fault), "{}", run.err);
    }
}

#[test]
fn a_damaged_capture_is_reported_as_far_as_it_goes() {
    let folder = tempdir().unwrap();
    let whole = pcap(1_000, &[&frame(), &frame(), &frame()]);
    let path = folder.path().join("cut.pcap");
    fs::write(&path, whole.get(..whole.len() - 5).unwrap()).unwrap();
    let run = analyze(&[path.as_os_str(), "--format".as_ref(), "jsonl".as_ref()]);
    assert_eq!(run.status, 0);
    assert!(run.complaint().contains("at byte "), "{}", run.err);
    let summary = run.lines("summary").remove(0);
    assert_eq!(summary["packets"], 2);
    let damage = summary["inputs"][0]["damage"].as_str().unwrap();
    assert!(run.err.contains(damage), "{damage}");
}

#[test]
fn a_capture_without_packets_is_no_fault() {
    let run = with_input(&["-"], &pcap(0, &[]), &[]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    assert!(run.out.contains("0 packets"), "{}", run.out);
}

#[test]
fn standard_input_gives_what_the_file_gives() {
    let path = fixture("a01_dcsync_krbtgt");
    let file = analyze(&[&path, "--format", "jsonl"]);
    let piped = with_input(&["-", "--format", "jsonl"], &fs::read(&path).unwrap(), &[]);
    assert_eq!(piped.status, 10);
    assert_eq!(piped.out.replace("\"-\"", &format!("\"{path}\"")), file.out);
}

#[test]
fn two_halves_in_any_order_tell_what_the_whole_tells() {
    let folder = tempdir().unwrap();
    let write = |name: &str, start, frames: &[&[u8]]| {
        let path = folder.path().join(name);
        fs::write(&path, pcap(start, frames)).unwrap();
        path.display().to_string()
    };
    let whole = write("whole.pcap", 1_000, &[&frame(), &frame(), &frame()]);
    let (early, late) = (
        write("early.pcap", 1_000, &[&frame(), &frame()]),
        write("late.pcap", 1_002, &[&frame()]),
    );
    let summary = |paths: &[&str]| {
        let run = analyze(&[paths, &["--format", "jsonl"]].concat());
        let mut summary = run.lines("summary").remove(0);
        summary.as_object_mut().unwrap().remove("inputs");
        summary
    };
    assert_eq!(summary(&[&late, &early]), summary(&[&whole]));
    assert_eq!(summary(&[&whole])["seconds"], 2.0);
}

#[test]
fn a_folder_is_read_by_content_and_the_rest_is_counted() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("inner")).unwrap();
    fs::write(folder.path().join("b.data"), pcap(0, &[&frame()])).unwrap();
    fs::write(folder.path().join("inner/a.cap"), pcap(0, &[&frame()])).unwrap();
    fs::write(folder.path().join("notes.pcap"), "nothing").unwrap();
    let run = analyze(&[
        folder.path().as_os_str(),
        "--format".as_ref(),
        "jsonl".as_ref(),
    ]);
    let summary = run.lines("summary").remove(0);
    assert_eq!(summary["packets"], 2);
    assert_eq!(summary["skipped_files"], 1);
    assert!(
        summary["inputs"][0]["file"]
            .as_str()
            .unwrap()
            .ends_with("b.data")
    );
}

#[test]
fn a_folder_without_captures_is_unusable() {
    let folder = tempdir().unwrap();
    let run = analyze(&[folder.path()]);
    assert_eq!(run.status, 2);
    assert!(
        run.complaint()
            .contains("there is no capture in this folder")
    );
}
