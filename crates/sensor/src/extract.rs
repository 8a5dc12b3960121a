//! A second pass over the captures that copies the packets of evidence into a new one.

use anyhow::{Context as _, Result};
use realmward_stream::{Frame, Input, LinkType, Merge};
use realmward_vocab::{FileId, PacketRef};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

/// What [`extract`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtractReport {
    /// Packets written.
    pub written: u64,
    /// Packets asked for that no file has.
    pub missing: u64,
    /// Whether pcapng was written because link types differ.
    pub pcapng: bool,
}

/// Copies exactly the packets `wanted` of `paths` to `out`, in order of time: as nanosecond pcap, or
/// as pcapng when their link types differ. [`FileId`] is the place in `paths`.
///
/// # Errors
///
/// When `out` cannot be written. Files that cannot be read count their packets as missing.
pub fn extract(
    paths: &[PathBuf],
    wanted: &[PacketRef],
    out: &mut dyn Write,
) -> Result<ExtractReport> {
    let wanted: BTreeSet<PacketRef> = wanted.iter().copied().collect();
    // Link types first: the header of the output needs them, and memory should hold no packets.
    let mut links: BTreeSet<LinkType> = BTreeSet::new();
    let mut found = 0;
    visit(paths, &wanted, |_, frame| {
        found += 1;
        links.insert(frame.link);
        Ok(())
    })?;
    let mut report = ExtractReport {
        written: 0,
        missing: wanted.len() as u64 - found,
        pcapng: 1 < links.len(),
    };
    let links: Vec<LinkType> = links.into_iter().collect();
    if report.pcapng {
        pcapng_header(out, &links)?;
    } else {
        pcap_header(out, links.first().copied().unwrap_or(LinkType::ETHERNET))?;
    }
    visit(paths, &wanted, |_, frame| {
        if report.pcapng {
            pcapng_packet(out, &links, frame)?;
        } else {
            pcap_packet(out, frame)?;
        }
        report.written += 1;
        Ok(())
    })?;
    Ok(report)
}

/// Shows each wanted packet in order of time; reads only files that have some, and no further than
/// the last.
fn visit(
    paths: &[PathBuf],
    wanted: &BTreeSet<PacketRef>,
    mut each: impl FnMut(PacketRef, &Frame<'_>) -> Result<()>,
) -> Result<()> {
    let mut files: Vec<FileId> = wanted.iter().map(|reference| reference.file).collect();
    files.dedup();
    let path_of = |file: &FileId| paths.get(usize::try_from(file.0).ok()?).cloned();
    let (files, inputs): (Vec<FileId>, Vec<Input>) = files
        .iter()
        .filter_map(|file| Some((*file, Input::Path(path_of(file)?))))
        .unzip();
    let mut merge = Merge::open(inputs);
    let mut left = wanted.len();
    while 0 < left
        && let Some(merged) = merge.next_frame()
    {
        let place = usize::try_from(merged.file.0).unwrap_or(usize::MAX);
        let Some(file) = files.get(place).copied() else {
            continue;
        };
        let reference = PacketRef {
            file,
            packet: merged.frame.packet,
        };
        if wanted.contains(&reference) {
            each(reference, &merged.frame)?;
            left -= 1;
        }
    }
    Ok(())
}

/// Writes the header of a nanosecond pcap.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn pcap_header(out: &mut dyn Write, link: LinkType) -> Result<()> {
    write_all(
        out,
        &[
            &0xa1b2_3c4d_u32.to_le_bytes(),
            &2_u16.to_le_bytes(),
            &4_u16.to_le_bytes(),
            &[0; 8],
            &SNAP_LENGTH.to_le_bytes(),
            &u32::from(link.0).to_le_bytes(),
        ],
    )
}

/// Writes a packet below [`pcap_header`].
///
/// # Errors
///
/// When `out` cannot be written.
pub fn pcap_packet(out: &mut dyn Write, frame: &Frame<'_>) -> Result<()> {
    let nanoseconds = u64::try_from(frame.time.unix_nanoseconds()).unwrap_or_default();
    let seconds = u32::try_from(nanoseconds / 1_000_000_000).unwrap_or(u32::MAX);
    let fraction = u32::try_from(nanoseconds % 1_000_000_000).unwrap_or_default();
    write_all(
        out,
        &[
            &seconds.to_le_bytes(),
            &fraction.to_le_bytes(),
            &length(frame).to_le_bytes(),
            &frame.original_length.to_le_bytes(),
            frame.data,
        ],
    )
}

fn pcapng_header(out: &mut dyn Write, links: &[LinkType]) -> Result<()> {
    let section = [
        &0x1a2b_3c4d_u32.to_le_bytes()[..],
        &1_u16.to_le_bytes(),
        &0_u16.to_le_bytes(),
        &u64::MAX.to_le_bytes(),
    ];
    block(out, 0x0a0d_0d0a, &section)?;
    for link in links {
        // if_tsresol (9): ten to the minus nine; then opt_endofopt.
        let interface = [
            &link.0.to_le_bytes()[..],
            &[0, 0],
            &SNAP_LENGTH.to_le_bytes(),
            &[9, 0, 1, 0, 9, 0, 0, 0],
            &[0; 4],
        ];
        block(out, 1, &interface)?;
    }
    Ok(())
}

fn pcapng_packet(out: &mut dyn Write, links: &[LinkType], frame: &Frame<'_>) -> Result<()> {
    let interface = links.iter().position(|link| *link == frame.link);
    let interface = u32::try_from(interface.unwrap_or_default()).unwrap_or_default();
    let time = u64::try_from(frame.time.unix_nanoseconds()).unwrap_or_default();
    let high = u32::try_from(time >> 32).unwrap_or_default();
    let low = u32::try_from(time & 0xffff_ffff).unwrap_or_default();
    let padding = frame.data.len().next_multiple_of(4) - frame.data.len();
    let packet = [
        &interface.to_le_bytes()[..],
        &high.to_le_bytes(),
        &low.to_le_bytes(),
        &length(frame).to_le_bytes(),
        &frame.original_length.to_le_bytes(),
        frame.data,
        [0; 3].get(..padding).unwrap_or_default(),
    ];
    block(out, 6, &packet)
}

fn block(out: &mut dyn Write, kind: u32, body: &[&[u8]]) -> Result<()> {
    let octets: usize = body.iter().map(|part| part.len()).sum();
    let length = u32::try_from(octets + 12).context("a block is too long")?;
    write_all(out, &[&kind.to_le_bytes(), &length.to_le_bytes()])?;
    write_all(out, body)?;
    write_all(out, &[&length.to_le_bytes()])
}

fn write_all(out: &mut dyn Write, parts: &[&[u8]]) -> Result<()> {
    for part in parts {
        out.write_all(part).context("writing evidence")?;
    }
    Ok(())
}

fn length(frame: &Frame<'_>) -> u32 {
    u32::try_from(frame.data.len()).unwrap_or(u32::MAX)
}

/// What the capture tools write for "whole packets".
const SNAP_LENGTH: u32 = 262_144;
