//! Octets to records, without state.

use super::framing::Form;
use crate::Recognised;
use crate::wire::{ParseError, Reader};
use realmward_vocab::Direction;

/// The extent of the record of MC-NMF section 2.2.3 that begins here, and what it is.
///
/// ```text
/// version := 00 major minor; mode := 01 mode; via := 02 size text; encoding := 03 encoding
/// upgrade request := 09 size text; upgrade response := 0a; preamble ack := 0b; preamble end := 0c
/// fault := 08 size text
/// ```
pub(super) fn record(octets: &[u8]) -> Result<(Form, usize), ParseError> {
    let mut reader = Reader::new(octets);
    let kind = reader.u8()?;
    let form = match kind {
        0x00 => return Ok((Form::Record, 3)),
        0x01 | 0x03 => return Ok((Form::Record, 2)),
        0x0a..=0x0c => return Ok((Form::Record, 1)),
        0x02 => Form::Via,
        0x08 => Form::Record,
        0x09 => Form::Upgrade,
        _ => return Err(ParseError::Malformed { field: "record" }),
    };
    let size = size(&mut reader)?;
    if TEXT_OCTETS_PLAUSIBLE < size {
        return Err(ParseError::Malformed { field: "size" });
    }
    let before = octets.len().saturating_sub(reader.len());
    Ok((form, before.saturating_add(size)))
}

/// A size in seven bits an octet, least significant first (section 2.2.2).
fn size(reader: &mut Reader<'_>) -> Result<usize, ParseError> {
    let mut size = 0_usize;
    for place in 0..SIZE_OCTETS_MAX {
        let octet = reader.u8()?;
        size |= usize::from(octet & 0x7f) << (7 * place);
        if octet & 0x80 == 0 {
            return Ok(size);
        }
    }
    Err(ParseError::Malformed { field: "size" })
}

/// The text of a record with a size, at most `TEXT_OCTETS_MAX` of it.
pub(super) fn text(record: &[u8]) -> String {
    let mut reader = Reader::new(record);
    let read = reader.u8().and_then(|_| size(&mut reader));
    let text = match read {
        Ok(_) => reader.rest(),
        Err(_) => &[],
    };
    let shown = text.get(..TEXT_OCTETS_MAX).unwrap_or(text);
    String::from_utf8_lossy(shown).into_owned()
}

/// Whether an upgrade request asks for the negotiate stream.
pub(super) fn is_negotiate(record: &[u8]) -> bool {
    record.ends_with(b"application/negotiate")
}

pub(super) fn is_upgrade_response(record: &[u8]) -> bool {
    record == [0x0a]
}

/// The extent of a message of MS-NNS section 2.2.1: `MessageId, MajorVersion, MinorVersion, size:u16`.
pub(super) fn handshake_length(octets: &[u8]) -> Result<usize, ParseError> {
    let mut reader = Reader::new(octets);
    if !(HANDSHAKE_DONE..=HANDSHAKE_IN_PROGRESS).contains(&reader.u8()?) {
        return Err(ParseError::Malformed { field: "MessageId" });
    }
    reader.skip(2)?;
    Ok(5 + usize::from(reader.u16_be()?))
}

/// Whether a message of the handshake is its sender's last.
pub(super) fn ends_handshake(message: &[u8]) -> bool {
    matches!(message.first(), Some(&(HANDSHAKE_DONE | HANDSHAKE_ERROR)))
}

/// Id and payload of a whole message of the handshake.
pub(super) fn handshake(message: &[u8]) -> Option<(u8, &[u8])> {
    Some((*message.first()?, message.get(5..)?))
}

/// The error in the payload of a `HandshakeError`: eight octets, the most significant first.
pub(super) fn error_code(payload: &[u8]) -> Option<u32> {
    let low = payload.get(4..8)?.first_chunk()?;
    Some(u32::from_be_bytes(*low))
}

/// The extent of a sealed buffer (MS-NNS section 2.2.2): `PayloadSize:u32`, little-endian.
pub(super) fn sealed_length(octets: &[u8]) -> Result<usize, ParseError> {
    let size = usize::try_from(Reader::new(octets).u32_le()?).unwrap_or(usize::MAX);
    if SEALED_OCTETS_PLAUSIBLE < size {
        return Err(ParseError::Malformed {
            field: "PayloadSize",
        });
    }
    Ok(4 + size)
}

/// Whether these first octets of a direction are this protocol: version 1.0, a mode, and an address.
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    match octets {
        [0, 1, 0, 1, 1..=4, 2, ..] => Recognised::Yes(Direction::ToServer),
        [] | [0] | [0, 1] | [0, 1, 0] | [0, 1, 0, 1] | [0, 1, 0, 1, 1..=4] => Recognised::TooShort,
        _ => Recognised::No,
    }
}

pub(super) const HANDSHAKE_DONE: u8 = 0x14;
pub(super) const HANDSHAKE_ERROR: u8 = 0x15;
const HANDSHAKE_IN_PROGRESS: u8 = 0x16;

/// A size has 31 bits.
const SIZE_OCTETS_MAX: u32 = 5;

/// Addresses are as long as URLs; a longer one is no record.
const TEXT_OCTETS_PLAUSIBLE: usize = 8_192;

/// Of an address this is told. Lost: its end.
const TEXT_OCTETS_MAX: usize = 512;

/// MS-NNS section 2.2.2: at most 64,512 octets before they are sealed.
const SEALED_OCTETS_PLAUSIBLE: usize = 1 << 17;
