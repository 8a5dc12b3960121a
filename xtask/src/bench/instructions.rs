//! Instructions each packet, counted by callgrind: the same on every machine, however busy it is.
//!
//! Counted on the lab's captures once, among hosts of their own. The counts by function stay beside
//! the capture, for `callgrind_annotate`.

use super::{PART, PARTS, dense, load};
use anyhow::{Context as _, Result, ensure};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Counts each part, and prints.
pub(super) fn run(program: &Path) -> Result<()> {
    let folder = load::folder()?;
    let capture = folder.join("dense-1.pcap");
    dense::write(&dense::sources()?, 1, AT_ONCE, &capture)?;
    let mut text = String::from("| part | packets | instructions each packet | of floor |\n");
    text.push_str("| --- | ---: | ---: | ---: |\n");
    let mut floor = None;
    for part in PARTS {
        let (packets, each) = count(program, part, &capture, &folder)?;
        let floor = *floor.get_or_insert(each);
        writeln!(
            text,
            "| {part} | {packets} | {each:.0} | {:.1} times |",
            each / floor
        )?;
    }
    crate::tree::say(&text)
}

/// Packets of a capture, and instructions each.
pub(super) fn count(
    program: &Path,
    part: &str,
    capture: &Path,
    folder: &Path,
) -> Result<(f64, f64)> {
    let counts = folder.join(format!("callgrind.{part}"));
    let out = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(program)
        .arg("bench")
        .arg(capture)
        .env(PART, part)
        .output()
        .context("valgrind")?;
    let said = String::from_utf8_lossy(&out.stderr);
    ensure!(out.status.success(), "{part}: {said}");
    let collected = said.lines().find_map(|it| it.split_once("Collected :"));
    let instructions: f64 = collected.context("no count")?.1.trim().parse()?;
    let told = String::from_utf8_lossy(&out.stdout);
    let packets = told.split_whitespace().last().context("no packets")?;
    let packets: f64 = packets.parse()?;
    Ok((packets, instructions / packets))
}

const AT_ONCE: usize = 100;
