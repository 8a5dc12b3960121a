//! Classic pcap: a header of 24 octets, then records (draft-ietf-opsawg-pcap).

use super::window::Window;
use super::{CaptureDamage, LinkType, PACKET_OCTETS_MAX, Placed};
use realmward_vocab::EventTime;

/// How this file writes its numbers and times.
#[derive(Debug)]
pub(super) struct Layout {
    big_endian: bool,
    nanoseconds: bool,
    record_header: usize,
    link: LinkType,
}

impl Layout {
    /// Reads the file header, whose `magic` was seen.
    pub(super) fn read(magic: [u8; 4], window: &mut Window) -> Result<Self, CaptureDamage> {
        let (big_endian, nanoseconds, record_header) = match magic {
            [0xd4, 0xc3, 0xb2, 0xa1] => (false, false, RECORD_HEADER),
            [0xa1, 0xb2, 0xc3, 0xd4] => (true, false, RECORD_HEADER),
            [0x4d, 0x3c, 0xb2, 0xa1] => (false, true, RECORD_HEADER),
            [0xa1, 0xb2, 0x3c, 0x4d] => (true, true, RECORD_HEADER),
            [0x34, 0xcd, 0xb2, 0xa1] => (false, false, MODIFIED_RECORD_HEADER),
            [0xa1, 0xb2, 0xcd, 0x34] => (true, false, MODIFIED_RECORD_HEADER),
            _ => return Err(CaptureDamage::UnknownFormat),
        };
        window.demand(FILE_HEADER, "the file header")?;
        let network = number(window.available(), 20, big_endian);
        window.consume(FILE_HEADER);
        Ok(Self {
            big_endian,
            nanoseconds,
            record_header,
            // The upper half says whether frames end in a check sequence.
            link: LinkType(u16::try_from(network & 0xffff).unwrap_or_default()),
        })
    }

    /// Places the next record.
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Placed>, CaptureDamage> {
        if !window.fill(self.record_header)? {
            if window.available().is_empty() {
                return Ok(None);
            }
            window.demand(self.record_header, "a record header")?;
        }
        let header = window.available();
        let field = |at| number(header, at, self.big_endian);
        let (seconds, fraction, captured, original) = (field(0), field(4), field(8), field(12));
        let length = usize::try_from(captured).unwrap_or(usize::MAX);
        if PACKET_OCTETS_MAX < length {
            return Err(CaptureDamage::Length {
                field: "a packet",
                length: captured.into(),
            });
        }
        let record = self.record_header + length;
        window.demand(record, "a packet")?;
        let unit = if self.nanoseconds { 1 } else { 1000 };
        Ok(Some(Placed {
            time: EventTime::from_unix_nanoseconds(
                i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * unit,
            ),
            link: self.link,
            original_length: original.max(captured),
            octets: self.record_header..record,
            record,
        }))
    }
}

/// The 32-bit number at `at`; 0 if it is not there.
fn number(octets: &[u8], at: usize, big_endian: bool) -> u32 {
    match octets.get(at..).and_then(<[u8]>::first_chunk::<4>) {
        Some(field) if big_endian => u32::from_be_bytes(*field),
        Some(field) => u32::from_le_bytes(*field),
        None => 0,
    }
}

const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
/// Written by some old Linux systems: an interface, a protocol and a packet type follow.
const MODIFIED_RECORD_HEADER: usize = 24;
