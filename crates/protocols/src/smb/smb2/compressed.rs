//! Compressed messages (MS-SMB2 section 2.2.42): nothing is decompressed, but the beginning of most is
//! in clear, and that is where the header stands.

use super::super::limits::MESSAGE_OCTETS_MAX;
use super::super::nbss::Head;
use super::parse::HEADER_OCTETS;
use crate::wire::{ParseError, Reader};

/// What a SMB2 COMPRESSION_TRANSFORM_HEADER says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Compressed {
    /// `OriginalCompressedSegmentSize`.
    pub(crate) original_octets: u32,
    /// `Offset` of one that is not chained: octets in clear.
    pub(crate) offset: u32,
    /// Where the octets in clear begin.
    clear_at: usize,
    /// How many there are.
    clear_octets: usize,
    is_chained: bool,
}

impl Compressed {
    /// Whether the sizes contradict each other, in a message of so many octets. The receiver adds both
    /// and copies `Offset` octets (CVE-2020-0796).
    pub(crate) fn contradicts(&self, message_octets: usize) -> bool {
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        !self.is_chained
            && (self.original_octets.checked_add(self.offset).is_none()
                || message_octets.saturating_sub(TRANSFORM_OCTETS) < offset)
    }

    /// What is there in clear of the message, if its header is.
    pub(crate) fn clear<'a>(&self, message: &'a [u8]) -> Option<&'a [u8]> {
        let there = message.get(self.clear_at..)?;
        let clear = there.get(..self.clear_octets).unwrap_or(there);
        (HEADER_OCTETS <= clear.len()).then_some(clear)
    }
}

/// How much of a message of `length` octets matters.
pub(crate) fn head(message: &[u8], length: usize) -> Head {
    if message.len() < TRANSFORM_OCTETS.min(length) {
        return Head::Need(TRANSFORM_OCTETS);
    }
    match read(message) {
        Ok(it) => {
            let wanted = it.clear_at.saturating_add(it.clear_octets);
            Head::Only(wanted.clamp(TRANSFORM_OCTETS, MESSAGE_OCTETS_MAX))
        }
        Err(_) => Head::Only(TRANSFORM_OCTETS),
    }
}

/// ```text
/// ProtocolId(4) OriginalCompressedSegmentSize(4) CompressionAlgorithm(2) Flags(2)=0 Offset(4); clear
/// ProtocolId(4) OriginalCompressedSegmentSize(4), then payloads of
///   CompressionAlgorithm(2) Flags(2) Length(4); clear if the algorithm is none
/// ```
pub(crate) fn read(message: &[u8]) -> Result<Compressed, ParseError> {
    let mut reader = Reader::new(message);
    reader.skip(4)?;
    let original_octets = reader.u32_le()?;
    let algorithm = reader.u16_le()?;
    let is_chained = reader.u16_le()? & FLAG_CHAINED != 0;
    let size = reader.u32_le()?;
    let octets = usize::try_from(size).unwrap_or(usize::MAX);
    Ok(Compressed {
        original_octets,
        offset: if is_chained { 0 } else { size },
        clear_at: TRANSFORM_OCTETS,
        clear_octets: match is_chained && algorithm != ALGORITHM_NONE {
            true => 0,
            false => octets,
        },
        is_chained,
    })
}

/// Octets of either header up to its first payload.
const TRANSFORM_OCTETS: usize = 16;

/// `SMB2_COMPRESSION_FLAG_CHAINED`.
const FLAG_CHAINED: u16 = 1;

/// `NONE`.
const ALGORITHM_NONE: u16 = 0;
