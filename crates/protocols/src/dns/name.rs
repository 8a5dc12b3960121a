//! Names with compression (RFC 1035 section 4.1.4). Netlogon's answers use the same form
//! (MS-ADTS section 6.3.7).
//!
//! Each pointer must point before the place where the labels it continues began, so no name loops;
//! a name has at most 255 octets and follows at most `POINTERS_MAX` pointers, so no message makes
//! reading its names dearer than a constant each.

use crate::wire::{ParseError, Reader};
use realmward_vocab::HostName;

/// Reads the name at the start of `reader`, which must be the tail of `message`.
/// The name is written without its last dot; the root is empty. What is not text is replaced.
pub(crate) fn read<'a>(message: &'a [u8], reader: &mut Reader<'a>) -> Result<HostName, ParseError> {
    let mut text = [0_u8; NAME_OCTETS_MAX];
    let mut written = 0;
    walk(message, reader, |label| {
        let dot = usize::from(written != 0);
        let end = written + dot + label.len();
        let room = text.get_mut(written..end).ok_or(NAME_TOO_LONG)?;
        let (separator, rest) = room.split_at_mut(dot);
        separator.fill(b'.');
        rest.copy_from_slice(label);
        written = end;
        Ok(())
    })?;
    let name = text.get(..written).unwrap_or_default();
    Ok(HostName::new(String::from_utf8_lossy(name)))
}

/// Passes over the name at the start of `reader` without following pointers.
pub(crate) fn skip(reader: &mut Reader<'_>) -> Result<(), ParseError> {
    loop {
        match reader.u8()? {
            0 => return Ok(()),
            length @ 1..=LABEL_OCTETS_MAX => reader.skip(usize::from(length))?,
            POINTER.. => return reader.skip(1),
            _ => return Err(LABEL_TYPE),
        }
    }
}

/// Hands each label to `label`, following pointers.
fn walk<'a>(
    message: &'a [u8],
    reader: &mut Reader<'a>,
    mut label: impl FnMut(&[u8]) -> Result<(), ParseError>,
) -> Result<(), ParseError> {
    let mut ahead = *reader;
    let mut pointers = 0;
    loop {
        let start = message.len().saturating_sub(ahead.len());
        let target = loop {
            match ahead.u8()? {
                0 => break None,
                length @ 1..=LABEL_OCTETS_MAX => label(ahead.take(usize::from(length))?)?,
                high @ POINTER.. => {
                    let low = ahead.u8()?;
                    break Some(usize::from(u16::from_be_bytes([high & !POINTER, low])));
                }
                _ => return Err(LABEL_TYPE),
            }
        };
        if pointers == 0 {
            *reader = ahead;
        }
        let Some(target) = target else {
            return Ok(());
        };
        pointers += 1;
        if start <= target {
            return Err(ParseError::Malformed { field: "pointer" });
        }
        if POINTERS_MAX < pointers {
            return Err(ParseError::Limit {
                bound: "dns_pointers",
            });
        }
        ahead = Reader::new(message.get(target..).unwrap_or_default());
    }
}

/// Top bits of an octet that begins a pointer.
const POINTER: u8 = 0xc0;

/// The longest label (RFC 1035 section 2.3.4).
const LABEL_OCTETS_MAX: u8 = 63;

/// The longest name as text.
const NAME_OCTETS_MAX: usize = 254;

/// Honest writers need one pointer a name; each more costs a jump and adds nothing. Lost at the
/// bound: the record.
const POINTERS_MAX: usize = 16;

const NAME_TOO_LONG: ParseError = ParseError::Malformed { field: "name" };

const LABEL_TYPE: ParseError = ParseError::Malformed { field: "label" };
