//! Record marks on a stream (RFC 4120 section 7.2.2), and how Kerberos looks from outside.

use super::parse::{is_message_tag, is_password};
use crate::Recognised;
use crate::wire::{Framing, ParseError, Reader, der};
use realmward_vocab::Direction;

/// The length that stands before each message on a stream.
pub(super) const MARK_OCTETS: usize = 4;

/// The next record, while the place in the stream is known.
pub(super) fn next(octets: &[u8]) -> Framing {
    match octets.first_chunk() {
        None => Framing::Need(MARK_OCTETS),
        Some(mark) => Framing::Whole(MARK_OCTETS.saturating_add(record_octets(*mark))),
    }
}

/// The next record, when the place is lost: a mark and a message of exactly that length.
pub(super) fn found(octets: &[u8]) -> Framing {
    match looks(octets) {
        Ok(record) => Framing::Whole(MARK_OCTETS.saturating_add(record)),
        Err(ParseError::Incomplete { needed }) => {
            Framing::Need(octets.len().saturating_add(needed.max(1)))
        }
        Err(_) => Framing::Drop(1),
    }
}

/// The length of a record whose mark and message agree.
fn looks(octets: &[u8]) -> Result<usize, ParseError> {
    let mut reader = Reader::new(octets);
    let record = record_octets(reader.array()?);
    let before = reader.len();
    let malformed = ParseError::Malformed { field: "msg-type" };
    if !Reader::new(reader.rest()).u8().is_ok_and(is_message_tag) && before != 0 {
        return Err(malformed);
    }
    let (_, length) = der::header(&mut reader)?;
    if before - reader.len() + length != record || RECORD_OCTETS_MAX < record {
        return Err(malformed);
    }
    Ok(record)
}

/// The high bit of the mark is reserved.
fn record_octets(mark: [u8; MARK_OCTETS]) -> usize {
    usize::try_from(u32::from_be_bytes(mark) & 0x7fff_ffff).unwrap_or(usize::MAX)
}

/// Whether these first octets of a direction are this protocol: an application tag, lengths that
/// agree with each other, `pvno` 5 and the `msg-type` that belongs to the tag.
#[must_use]
pub fn recognise(over_udp: bool, octets: &[u8]) -> Recognised {
    match opening(over_udp, octets) {
        Ok(direction) => Recognised::Yes(direction),
        Err(ParseError::Incomplete { .. }) if !over_udp => Recognised::TooShort,
        Err(_) => Recognised::No,
    }
}

fn opening(over_udp: bool, octets: &[u8]) -> Result<Direction, ParseError> {
    let mut reader = Reader::new(octets);
    let record = if over_udp {
        None
    } else {
        Some(record_octets(reader.array()?))
    };
    let before = reader.len();
    let tag = Reader::new(reader.rest()).u8()?;
    if matches!(tag, 0..=0x1f) && record.is_none_or(|it| it >> 8 == usize::from(tag)) {
        return password(record, reader);
    }
    // Requests number their fields from 1, the others from 0.
    let (field, direction) = match tag {
        0x6a | 0x6c => (0xa1, Direction::ToServer),
        0x6e => (0xa0, Direction::ToServer),
        0x6b | 0x6d | 0x7e => (0xa0, Direction::ToClient),
        _ => return Err(NOT_KERBEROS),
    };
    let (_, length) = der::header(&mut reader)?;
    let message = before - reader.len() + length;
    if record.is_some_and(|it| it != message) || RECORD_OCTETS_MAX < message {
        return Err(NOT_KERBEROS);
    }
    let (sequence, _) = der::header(&mut reader)?;
    let head: [u8; 10] = reader.array()?;
    let want = [field, 3, 2, 1, 5, field + 1, 3, 2, 1, tag & 0x1f];
    if sequence == 0x30 && head == want {
        Ok(direction)
    } else {
        Err(NOT_KERBEROS)
    }
}

/// Who sent a message about a password (RFC 3244), whose length is said twice on a stream.
fn password(record: Option<usize>, mut reader: Reader<'_>) -> Result<Direction, ParseError> {
    let whole = reader.rest();
    let length = usize::from(reader.u16_be()?);
    if !record.map_or_else(|| is_password(whole), |it| it == length) {
        return Err(NOT_KERBEROS);
    }
    let version = reader.u16_be()?;
    if !matches!(version, 0x0001 | 0xff80) {
        return Err(NOT_KERBEROS);
    }
    let ap_length = reader.u16_be()?;
    match (ap_length, reader.u8()?) {
        (0, 0x7e) => Ok(Direction::ToClient),
        (1.., 0x6e) => Ok(Direction::ToServer),
        (1.., 0x6f) => Ok(Direction::ToClient),
        _ => Err(NOT_KERBEROS),
    }
}

const NOT_KERBEROS: ParseError = ParseError::Malformed { field: "msg-type" };

/// A ticket has at most 64 KiB (the largest `MaxTokenSize` of Windows), and a TGS-REQ carries two of
/// them and its own body. A longer record is passed over and counted; its facts are lost.
pub(super) const RECORD_OCTETS_MAX: usize = 196_608;
