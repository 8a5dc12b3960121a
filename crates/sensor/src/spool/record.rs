//! Records of a segment, and how to find the next good one behind damage.
//!
//! A segment is a header and records. Header: `RWSPOOL`, a version, the mark the segment began with,
//! CRC-32. Record: `RWSR`, length of the payload, CRC-32 of all that follows it, sequence, mark,
//! payload. All numbers are little-endian.

use crate::wire;
use realmward_vocab::Order;

/// The fields of a record before its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) sequence: u64,
    pub(super) mark: Order,
    /// Octets of the payload.
    pub(super) length: usize,
}

/// A good record and where it begins in its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) header: Header,
    pub(super) at: usize,
}

/// What a segment holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) records: Vec<Placed>,
    /// Where the last good record ends.
    pub(super) end: usize,
    /// Octets between good records that are none.
    pub(super) damaged: usize,
}

/// A record as octets.
pub(super) fn record(sequence: u64, mark: Order, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let rest = [
        &sequence.to_le_bytes()[..],
        &mark.packet.to_le_bytes(),
        &mark.index.to_le_bytes(),
        payload,
    ]
    .concat();
    let crc = crc32fast::hash(&rest);
    [
        &RECORD[..],
        &length.to_le_bytes(),
        &crc.to_le_bytes(),
        &rest,
    ]
    .concat()
}

/// The record at the start of `octets`, and its payload.
pub(super) fn parse(octets: &[u8]) -> Option<(Header, &[u8])> {
    let rest = octets.strip_prefix(&RECORD)?;
    let (length, rest) = number(rest)?;
    let (crc, rest) = number(rest)?;
    let length = usize::try_from(length).ok()?;
    if wire::OCTETS_MAX < length {
        return None;
    }
    let rest = rest.get(..RECORD_OCTETS - 12 + length)?;
    if crc32fast::hash(rest) != crc {
        return None;
    }
    let (sequence, rest) = long(rest)?;
    let (mark, payload) = order(rest)?;
    let header = Header {
        sequence,
        mark,
        length,
    };
    Some((header, payload))
}

/// Reads a segment behind its header. Numbers that do not rise are damage.
pub(super) fn scan(segment: &[u8], mut last: u64) -> Scan {
    let mut scan = Scan {
        end: SEGMENT_OCTETS,
        ..Scan::default()
    };
    let (mut at, mut tries) = (SEGMENT_OCTETS, 0);
    while tries < TRIES_MAX
        && let Some(octets) = segment.get(at..)
        && !octets.is_empty()
    {
        if let Some((header, _)) = parse(octets)
            && last < header.sequence
        {
            scan.damaged += at - scan.end;
            scan.records.push(Placed { header, at });
            last = header.sequence;
            at += RECORD_OCTETS + header.length;
            scan.end = at;
            continue;
        }
        tries += 1;
        let Some(skip) = octets.get(1..).and_then(next_magic) else {
            break;
        };
        at += 1 + skip;
    }
    scan
}

fn next_magic(octets: &[u8]) -> Option<usize> {
    octets
        .windows(RECORD.len())
        .position(|window| window == RECORD)
}

/// The header of a segment.
pub(super) fn segment(mark: Order) -> Vec<u8> {
    let head = [
        &SEGMENT[..],
        &[VERSION],
        &mark.packet.to_le_bytes(),
        &mark.index.to_le_bytes(),
    ]
    .concat();
    let crc = crc32fast::hash(&head);
    [&head[..], &crc.to_le_bytes()].concat()
}

/// The mark in the header of a segment; `None` when it is damaged.
pub(super) fn segment_mark(octets: &[u8]) -> Option<Order> {
    let head = octets.get(..SEGMENT_OCTETS - 4)?;
    let (crc, _) = number(octets.get(SEGMENT_OCTETS - 4..)?)?;
    if crc32fast::hash(head) != crc {
        return None;
    }
    let (mark, _) = order(head.get(SEGMENT.len() + 1..)?)?;
    Some(mark)
}

/// The version of a segment that is not ours but a spool's.
pub(super) fn other_version(octets: &[u8]) -> Option<u8> {
    let version = *octets.strip_prefix(&SEGMENT)?.first()?;
    (version != VERSION && segment_mark(octets).is_some()).then_some(version)
}

fn order(octets: &[u8]) -> Option<(Order, &[u8])> {
    let (packet, rest) = long(octets)?;
    let (index, rest) = number(rest)?;
    Some((Order { packet, index }, rest))
}

fn number(octets: &[u8]) -> Option<(u32, &[u8])> {
    let (chunk, rest) = octets.split_first_chunk()?;
    Some((u32::from_le_bytes(*chunk), rest))
}

fn long(octets: &[u8]) -> Option<(u64, &[u8])> {
    let (chunk, rest) = octets.split_first_chunk()?;
    Some((u64::from_le_bytes(*chunk), rest))
}

/// Octets of a segment's header.
pub(super) const SEGMENT_OCTETS: usize = 24;

/// Octets of a record before its payload.
pub(super) const RECORD_OCTETS: usize = 32;

const SEGMENT: [u8; 7] = *b"RWSPOOL";
const VERSION: u8 = 1;
const RECORD: [u8; 4] = *b"RWSR";

/// Places behind damage that are tried in one segment; what looks like records may have been put
/// into payloads to cost us time.
const TRIES_MAX: usize = 1000;
