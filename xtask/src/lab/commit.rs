//! Puts the captures of a run into the repository: cut where the scenario says so, compressed, and
//! with what is known of them in the one truth file of the fixtures.
//!
//! Captures that no scenario and no day made are left as they are, and so are those of scenarios that this run
//! did not play; what belongs to a scenario that is gone, goes.

use super::scenario::Scenario;
use super::{day, label};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Takes over the captures in `from` of those scenarios whose label stands beside them.
pub(super) fn commit(scenarios: &[Scenario], from: &Path) -> Result<()> {
    let folder = crate::tree::root().join("fixtures/captures");
    fs::create_dir_all(folder.join(SCENARIOS))?;
    let truth = folder.join("truth.json");
    let mut labels = read(&truth)?;
    let gone = |name: &String| !scenarios.iter().any(|it| it.name == *name);
    labels.retain(|it| !scenario_of(it).as_ref().is_some_and(gone));
    let mut taken = 0;
    for scenario in scenarios {
        let name = format!("{SCENARIOS}/{}.pcap.zst", scenario.name);
        let Some(label) = label::reread(scenario, from, &name)? else {
            continue;
        };
        let capture = from.join(format!("{}.pcap", scenario.name));
        compress(&capture, &folder.join(&name), scenario.octets_max)?;
        labels.retain(|it| scenario_of(it).as_ref() != Some(&scenario.name));
        labels.push(serde_json::to_string(&label)?);
        taken += 1;
    }
    let days = day::read()?;
    let is_gone = |label: &String| day_of(label).is_some_and(|it| !days.has(&it));
    labels.retain(|it| !is_gone(it));
    fs::create_dir_all(folder.join(DAYS))?;
    let called = |name: &str| format!("{DAYS}/{name}.pcap.zst");
    for (capture, name, label) in days.recorded(from, called)? {
        compress(&capture, &folder.join(&name), None)?;
        labels.retain(|it| file_of(it).as_deref() != Some(name.as_str()));
        labels.push(serde_json::to_string(&label)?);
        taken += 1;
    }
    ensure!(taken != 0, "no labelled captures in {}", from.display());
    // Those that no run made stay in front, in their order.
    labels.sort_by_key(|it| (scenario_of(it), day_of(it)));
    write(&truth, &labels)?;
    for ours in [SCENARIOS, DAYS] {
        forget(&folder, ours, &labels)?;
    }
    let octets: u64 = sizes(&folder)?.into_iter().sum();
    eprintln!("lab: {taken} captures taken over; {octets} octets in all");
    ensure!(octets <= OCTETS_MAX, "that is over {OCTETS_MAX}");
    Ok(())
}

/// The scenario whose capture a label is of.
fn scenario_of(label: &str) -> Option<String> {
    name_in(label, SCENARIOS)
}

/// The day whose capture a label is of.
fn day_of(label: &str) -> Option<String> {
    name_in(label, DAYS)
}

fn name_in(label: &str, folder: &str) -> Option<String> {
    let file = file_of(label)?;
    let name = file.strip_prefix(folder)?.strip_prefix('/')?;
    Some(name.strip_suffix(".pcap.zst")?.to_owned())
}

fn file_of(label: &str) -> Option<String> {
    let label: Value = serde_json::from_str(label).ok()?;
    Some(label.get("file")?.as_str()?.to_owned())
}

/// The labels as they are written: one a line, so that a change shows which.
fn read(truth: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(truth).with_context(|| truth.display().to_string())?;
    let all: Vec<Value> =
        serde_json::from_str(&text).with_context(|| truth.display().to_string())?;
    let lines = text.lines().map(|it| it.trim().trim_end_matches(','));
    let labels: Vec<String> = lines
        .filter(|it| it.starts_with('{'))
        .map(str::to_owned)
        .collect();
    ensure!(
        labels.len() == all.len(),
        "{}: not one label a line",
        truth.display()
    );
    Ok(labels)
}

fn write(truth: &Path, labels: &[String]) -> Result<()> {
    let text = format!("[\n {}\n]\n", labels.join(",\n "));
    fs::write(truth, text).with_context(|| truth.display().to_string())
}

/// Removes captures that no label names.
fn forget(folder: &Path, ours: &str, labels: &[String]) -> Result<()> {
    for entry in fs::read_dir(folder.join(ours))? {
        let path = entry?.path();
        let file = path.strip_prefix(folder)?.to_string_lossy().into_owned();
        if !labels.iter().any(|it| file_of(it).as_ref() == Some(&file)) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn sizes(folder: &Path) -> Result<Vec<u64>> {
    let mut sizes = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        if path.is_dir() {
            sizes.extend(sizes_of_files(&path)?);
        } else {
            sizes.push(path.metadata()?.len());
        }
    }
    Ok(sizes)
}

fn sizes_of_files(folder: &Path) -> Result<Vec<u64>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.metadata()?.len()))
        .collect()
}

fn compress(capture: &Path, to: &Path, octets_max: Option<usize>) -> Result<()> {
    let whole = fs::read(capture).with_context(|| capture.display().to_string())?;
    let kept = match octets_max {
        Some(most) => cut(&whole, most).with_context(|| capture.display().to_string())?,
        None => whole,
    };
    let mut encoder = zstd::Encoder::new(fs::File::create(to)?, LEVEL)?;
    encoder.write_all(&kept)?;
    encoder.finish()?;
    Ok(())
}

/// A capture with no more than this of each frame, as a tap with a small buffer would make it.
fn cut(capture: &[u8], most: usize) -> Result<Vec<u8>> {
    let Some((head, mut rest)) = capture.split_at_checked(FILE_HEADER) else {
        bail!("the file has no header");
    };
    ensure!(head.starts_with(&MAGIC), "not a pcap file of this machine");
    let mut kept = head.to_vec();
    while let Some((header, after)) = rest.split_first_chunk::<FRAME_HEADER>() {
        let [time @ .., a, b, c, d, _, _, _, _] = header;
        let captured = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let Some((frame, after)) = after.split_at_checked(captured) else {
            bail!("the last frame is not whole");
        };
        let frame = frame.get(..most).unwrap_or(frame);
        kept.extend_from_slice(time);
        kept.extend_from_slice(&u32::try_from(frame.len())?.to_le_bytes());
        kept.extend_from_slice(header.get(12..).unwrap_or_default());
        kept.extend_from_slice(frame);
        rest = after;
    }
    Ok(kept)
}

/// Their folder in `fixtures/captures`.
const SCENARIOS: &str = "scenarios";

/// The folder of days in it.
const DAYS: &str = "days";

/// What the repository may carry of captures.
const OCTETS_MAX: u64 = 40_000_000;

/// Slow to write and small to keep: it is written once.
const LEVEL: i32 = 19;

/// The headers of a pcap file and of a frame in it; little-endian, microseconds.
const FILE_HEADER: usize = 24;
const FRAME_HEADER: usize = 16;
const MAGIC: [u8; 4] = [0xd4, 0xc3, 0xb2, 0xa1];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_capture_keeps_times_and_true_lengths_and_less_of_each_frame() {
        let mut capture = [&MAGIC[..], &[0; 20]].concat();
        for (time, length) in [(1_u32, 5_u32), (2, 2)] {
            for field in [time, 0, length, length] {
                capture.extend(field.to_le_bytes());
            }
            capture.extend(vec![0xaa; length as usize]);
        }
        let kept = cut(&capture, 3).unwrap();
        let mut expected = capture[..24].to_vec();
        for (time, captured, length) in [(1_u32, 3_u32, 5_u32), (2, 2, 2)] {
            for field in [time, 0, captured, length] {
                expected.extend(field.to_le_bytes());
            }
            expected.extend(vec![0xaa; captured as usize]);
        }
        assert_eq!(kept, expected);
        assert!(cut(&capture[..capture.len() - 1], 3).is_err());
    }
}
