//! A fixture taken apart: its octets, where its records end, and its packets.

use anyhow::{Context as _, Result, ensure};
use realmward_stream::{CaptureReader, Input};
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;

/// A fixture.
pub(super) struct Subject {
    /// The file's name.
    pub(super) name: String,
    /// The file as it is.
    pub(super) packed: Shared,
    /// The capture, uncompressed.
    pub(super) octets: Shared,
    /// Where the capture may end without a fault: after the file header and after each record.
    pub(super) edges: Vec<usize>,
    pub(super) packets: Vec<Packet>,
    pub(super) link: u16,
}

/// One packet of a capture.
#[derive(Clone, Debug)]
pub(super) struct Packet {
    /// Nanoseconds since 1970.
    pub(super) time: i64,
    /// Where its record ends in the capture.
    pub(super) end: usize,
    pub(super) data: Vec<u8>,
}

/// Octets that many readers share.
pub(super) type Shared = Arc<[u8]>;

impl Subject {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let name = path.file_name().map(|it| it.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let packed = std::fs::read(path).with_context(|| name.clone())?;
        let octets = zstd::decode_all(packed.as_slice()).with_context(|| name.clone())?;
        let edges = edges(&octets);
        ensure!(edges.last() == Some(&octets.len()), "{name}: not whole");
        let mut subject = Self {
            name,
            packed: packed.into(),
            octets: octets.into(),
            edges,
            packets: Vec::new(),
            link: 0,
        };
        let mut reader = subject.reader(subject.octets.len())?;
        while reader.advance()? {
            let (frame, start) = (reader.frame(), usize::try_from(reader.offset())?);
            subject.link = frame.link.0;
            subject.packets.push(Packet {
                time: frame.time.unix_nanoseconds(),
                end: subject
                    .edges
                    .iter()
                    .copied()
                    .find(|it| start < *it)
                    .unwrap_or_default(),
                data: frame.data.to_vec(),
            });
        }
        Ok(subject)
    }

    /// Reads the capture up to `cut`.
    pub(super) fn reader(
        &self,
        cut: usize,
    ) -> Result<CaptureReader, realmward_stream::CaptureFault> {
        CaptureReader::new(self.name.clone(), source(&self.octets, cut))
    }
}

/// The first `cut` octets as an input.
pub(super) fn input(name: &str, octets: &Shared, cut: usize) -> Input {
    Input::Stream(name.to_owned(), source(octets, cut))
}

/// The first `cut` octets.
pub(super) fn source(octets: &Shared, cut: usize) -> Box<dyn Read + Send> {
    Box::new(Cursor::new(Arc::clone(octets)).take(cut as u64))
}

/// A capture of these packets, of nanosecond resolution; `captured` says how much of each is there.
pub(super) fn pcap(link: u16, packets: &[Packet], captured: impl Fn(&Packet) -> usize) -> Shared {
    let size: usize = packets.iter().map(|it| 16 + it.data.len()).sum();
    let mut file = Vec::with_capacity(24 + size);
    for number in [0xa1b2_3c4d, 0x0004_0002, 0, 0, 0x4_0000, u32::from(link)] {
        file.extend(number.to_le_bytes());
    }
    for packet in packets {
        let data = packet.data.get(..captured(packet)).unwrap_or_default();
        let seconds = packet.time.div_euclid(1_000_000_000);
        let fraction = packet.time.rem_euclid(1_000_000_000);
        for number in [seconds, fraction] {
            file.extend(u32::try_from(number).unwrap_or_default().to_le_bytes());
        }
        for length in [data.len(), packet.data.len()] {
            file.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        }
        file.extend(data);
    }
    file.into()
}

/// Where records end, read without the code under test.
fn edges(octets: &[u8]) -> Vec<usize> {
    let number = |at: usize| {
        let field = octets.get(at..).and_then(<[u8]>::first_chunk::<4>)?;
        usize::try_from(u32::from_le_bytes(*field)).ok()
    };
    let is_pcapng = octets.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]);
    let mut edges = Vec::new();
    let mut at = if is_pcapng { 0 } else { 24 };
    while at <= octets.len() {
        if 0 < at {
            edges.push(at);
        }
        let Some(length) = (match is_pcapng {
            true => number(at + 4).filter(|it| 0 < *it),
            false => number(at + 8).map(|captured| 16 + captured),
        }) else {
            break;
        };
        at += length;
    }
    edges
}
