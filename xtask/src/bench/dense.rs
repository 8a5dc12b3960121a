//! A dense capture: the lab's attacks and logons over and over, each copy among hosts of its own.
//!
//! Addresses are rewritten to ones of 10.0.0.0/8 that only the copy has, checksums follow (RFC 1624),
//! pauses are cut to a tenth of a second, and some copies go on at once, so that their packets mix.
//! What is only copying (the promotion of a domain controller) and what is no IPv4 is left out.

use anyhow::{Context as _, Result};
use realmward_sensor::{pcap_header, pcap_packet};
use realmward_stream::{CaptureReader, Frame, LinkType};
use realmward_vocab::EventTime;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// What is repeated: frames with their times, pauses cut.
pub(super) struct Source {
    frames: Vec<(i64, Vec<u8>)>,
}

/// The lab's captures without those that only copy a directory.
pub(super) fn sources() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in crate::tree::files("fixtures/captures", "zst")? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Not the scenarios, days and protocols below, of which there come to be more.
        let is_lab = path.parent().is_some_and(|it| it.ends_with("captures"));
        if is_lab && !COPYING.iter().any(|it| name.starts_with(it)) {
            sources.push(Source::read(&path)?);
        }
    }
    Ok(sources)
}

impl Source {
    fn read(path: &Path) -> Result<Self> {
        let mut reader = CaptureReader::open(path)?;
        let mut frames = Vec::new();
        let (mut now, mut before) = (0, None);
        while reader.advance()? {
            let frame = reader.frame();
            let is_ipv4 = frame.data.get(12..14) == Some(&[8, 0]);
            if frame.link != LinkType::ETHERNET || !is_ipv4 {
                continue;
            }
            let time = frame.time.unix_nanoseconds();
            let pause = time - before.replace(time).unwrap_or(time);
            now += pause.clamp(0, PAUSE_MAX);
            frames.push((now, frame.data.to_vec()));
        }
        Ok(Self { frames })
    }

    fn lasts(&self) -> i64 {
        self.frames.last().map_or(0, |it| it.0) + PAUSE_MAX
    }
}

/// Writes each source `copies` times, `at_once` of all these going on at the same time.
pub(super) fn write(sources: &[Source], copies: u32, at_once: usize, to: &Path) -> Result<()> {
    let all = sources.len() * usize::try_from(copies)?;
    let mut lanes = vec![0_i64; at_once.clamp(1, all.max(1))];
    let mut places = Vec::new();
    let mut number = 0_u32;
    for _ in 0..copies {
        for source in sources {
            // The lane that is free first.
            let lane = lanes.iter_mut().min().context("no lane")?;
            for (place, (time, _)) in source.frames.iter().enumerate() {
                places.push((*lane + time, number, place, source));
            }
            *lane += source.lasts();
            number += 1;
        }
    }
    places.sort_by_key(|it| (it.0, it.1, it.2));
    let file = File::create(to).with_context(|| to.display().to_string())?;
    let mut out = BufWriter::new(file);
    pcap_header(&mut out, LinkType::ETHERNET)?;
    let mut hosts = Hosts::default();
    let mut octets = Vec::new();
    for (packet, (time, copy, place, source)) in (1..).zip(places) {
        let Some((_, frame)) = source.frames.get(place) else {
            continue;
        };
        octets.clone_from(frame);
        hosts.rewrite(copy, &mut octets);
        let frame = Frame {
            time: EventTime::from_unix_nanoseconds(BEGIN + time),
            packet,
            link: LinkType::ETHERNET,
            original_length: u32::try_from(octets.len())?,
            data: &octets,
        };
        pcap_packet(&mut out, &frame)?;
    }
    out.flush().with_context(|| to.display().to_string())
}

/// Addresses given out, by copy and the address that was there.
#[derive(Default)]
struct Hosts {
    given: HashMap<(u32, [u8; 4]), [u8; 4]>,
}

impl Hosts {
    fn rewrite(&mut self, copy: u32, frame: &mut [u8]) {
        let Some(ip) = frame.get_mut(14..) else {
            return;
        };
        let header = usize::from(ip.first().copied().unwrap_or(0x45) & 0xf) * 4;
        let first_fragment = ip
            .get(6..8)
            .is_some_and(|it| matches!(it, [high, 0] if high & 0x1f == 0));
        let checksum = match ip.get(9) {
            Some(6) if first_fragment => Some(header + 16),
            Some(17) if first_fragment => Some(header + 6),
            _ => None,
        };
        for place in [12, 16] {
            let Some(old) = ip
                .get(place..place + 4)
                .and_then(|it| it.first_chunk::<4>())
                .copied()
            else {
                return;
            };
            if 224 <= old[0] {
                continue;
            }
            let next = u32::try_from(self.given.len()).unwrap_or_default() + FIRST_HOST;
            let new = *self
                .given
                .entry((copy, old))
                .or_insert_with(|| next.to_be_bytes());
            if let Some(address) = ip.get_mut(place..place + 4) {
                address.copy_from_slice(&new);
            }
            adjust(ip, 10, old, new);
            if let Some(checksum) = checksum {
                adjust(ip, checksum, old, new);
            }
        }
    }
}

/// A checksum after four octets under it have changed (RFC 1624, equation 3).
fn adjust(ip: &mut [u8], place: usize, old: [u8; 4], new: [u8; 4]) {
    let Some(field) = ip.get_mut(place..place + 2) else {
        return;
    };
    let word = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
    let before = match field {
        [high, low] => word(*high, *low),
        _ => return,
    };
    let mut sum = 0xffff - before;
    for at in [0, 2] {
        let (Some(old), Some(new)) = (old.get(at..at + 2), new.get(at..at + 2)) else {
            return;
        };
        if let ([a, b], [c, d]) = (old, new) {
            sum += 0xffff - word(*a, *b) + word(*c, *d);
        }
    }
    while 0xffff < sum {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let [_, _, high, low] = (0xffff - sum).to_be_bytes();
    field.copy_from_slice(&[high, low]);
}

/// Nanoseconds; longer pauses are cut to it.
const PAUSE_MAX: i64 = 100_000_000;

/// 2026-01-01.
const BEGIN: i64 = 1_767_225_600_000_000_000;

/// 10.0.0.1.
const FIRST_HOST: u32 = 0x0a00_0001;

/// Captures that are mostly one long copy of a directory.
const COPYING: [&str; 3] = ["b01_", "b03_", "b04_"];

#[cfg(test)]
mod tests {
    use super::*;

    /// The checksum of an IPv4 header, its field taken as it is: 0 if right.
    fn sum(header: &[u8]) -> u32 {
        let words = header
            .chunks(2)
            .map(|it| u32::from(u16::from_be_bytes([it[0], it[1]])));
        let mut sum: u32 = words.sum();
        while 0xffff < sum {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        0xffff - sum
    }

    #[test]
    fn checksums_follow_rewritten_addresses() {
        for source in sources().unwrap().iter().take(3) {
            let mut hosts = Hosts::default();
            for (_, frame) in source.frames.iter().take(50) {
                let mut frame = frame.clone();
                let header = 14..14 + 4 * usize::from(frame[14] & 0xf);
                assert_eq!(sum(&frame[header.clone()]), 0);
                hosts.rewrite(7, &mut frame);
                assert_eq!(frame[26], 10);
                assert_eq!(sum(&frame[header]), 0);
            }
        }
    }
}
