//! What wraps messages after a SASL bind (RFC 4422 section 3.7): four octets of length, then a buffer
//! that the mechanism signed or sealed.
//!
//! Whether a buffer is wrapped, and how, is told by its octets, not by the bind, so that a capture
//! that begins in the middle of a session is read as well. Of what is only signed the messages are
//! given back without their signature; the signature is not checked, for we have no key.

use super::limits::WRAPPED_OCTETS_PLAUSIBLE;
use super::parse;
use crate::wire::{ParseError, Reader, der};
use realmward_vocab::Direction;

/// A buffer as its first octets show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrapped {
    /// Octets of length and buffer.
    pub(crate) total: usize,
    /// What protects it.
    pub(crate) protection: Protection,
    /// Who sent it, if the wrapping says.
    pub(crate) sender: Option<Direction>,
    /// Whether the form is so particular that it is no chance.
    pub(crate) is_telling: bool,
}

/// How a buffer is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Messages are in clear.
    Signed {
        /// Where they begin and end.
        body: (usize, usize),
        /// Octets of them that Kerberos rotated to before the body. No writer is known that rotates
        /// further than its checksum, so they are not read, only accounted for.
        rotated: usize,
    },
    /// NTLM, which does not say whether content was sealed too: it stands here.
    Unsaid {
        /// Where it begins and ends.
        body: (usize, usize),
    },
    /// Content is hidden.
    Sealed,
}

/// Reads the wrapping at the start of `octets`.
///
/// # Errors
///
/// [`ParseError::Incomplete`] when more octets are needed to tell; [`ParseError::Malformed`] when
/// this is no wrapping that we know.
pub(crate) fn wrapped(octets: &[u8]) -> Result<Wrapped, ParseError> {
    let total = total(octets)?;
    match Reader::new(octets.get(LENGTH..).unwrap_or_default()).u8()? {
        0x05 => cfx(octets, total),
        0x60 => rc4(octets, total),
        0x01 => ntlm(octets, total),
        0x30 => digest(octets, total),
        _ => Err(NO_WRAPPING),
    }
}

/// Reads the length of a buffer.
///
/// # Errors
///
/// [`ParseError::Malformed`] when it cannot be one.
pub(crate) fn total(octets: &[u8]) -> Result<usize, ParseError> {
    if octets.first().is_some_and(|octet| *octet != 0) {
        return Err(NO_WRAPPING);
    }
    let length = usize::try_from(Reader::new(octets).u32_be()?).map_err(|_| NO_WRAPPING)?;
    if !(BUFFER_OCTETS_MIN..WRAPPED_OCTETS_PLAUSIBLE).contains(&length) {
        return Err(NO_WRAPPING);
    }
    Ok(LENGTH + length)
}

/// A Wrap token of Kerberos with AES (RFC 4121 section 4.2.6.2).
///
/// ```text
/// token := 05 04 Flags:u8 ff EC:u16 RRC:u16 SND_SEQ:u64 data
/// data, signed only := rotate_right(message checksum[EC], RRC)
/// ```
fn cfx(octets: &[u8], total: usize) -> Result<Wrapped, ParseError> {
    let mut reader = Reader::new(octets.get(LENGTH..).unwrap_or_default());
    let [0x05, 0x04, flags @ 0..=7, 0xff] = reader.array::<4>()? else {
        return Err(NO_WRAPPING);
    };
    let (ec, rrc) = (usize::from(reader.u16_be()?), usize::from(reader.u16_be()?));
    let sender = if flags & 0x01 == 0 {
        Direction::ToServer
    } else {
        Direction::ToClient
    };
    let start = LENGTH + 16;
    let length = total.saturating_sub(start);
    if flags & 0x02 == 0 && length < ec {
        return Err(ParseError::Malformed { field: "EC" });
    }
    let protection = if flags & 0x02 == 0 {
        let message = length - ec;
        let begin = rrc.checked_rem(length).unwrap_or_default();
        let direct = message.min(length - begin);
        Protection::Signed {
            body: (start + begin, start + begin + direct),
            rotated: message - direct,
        }
    } else {
        Protection::Sealed
    };
    Ok(Wrapped {
        total,
        protection,
        sender: Some(sender),
        is_telling: true,
    })
}

/// A Wrap token of Kerberos with RC4 (RFC 4757 section 7.3).
///
/// ```text
/// token := 60 length OID 02 01 SGN_ALG:u16 SEAL_ALG:u16 ff ff SND_SEQ[8] SGN_CKSUM[8] confounder[8] message padding
/// ```
fn rc4(octets: &[u8], total: usize) -> Result<Wrapped, ParseError> {
    let mut reader = Reader::new(octets.get(LENGTH..).unwrap_or_default());
    der::header(&mut reader)?;
    if reader.array()? != KERBEROS_WRAP {
        return Err(NO_WRAPPING);
    }
    reader.skip(2)?;
    let sealing = reader.u16_be()?;
    reader.skip(2 + 8 + 8 + 8)?;
    let start = octets.len() - reader.len();
    // RFC 4757 asks for one octet of padding whatever the message.
    let body = (start, total.saturating_sub(1).max(start));
    Ok(Wrapped {
        total,
        protection: if sealing == 0xffff {
            Protection::Signed { body, rotated: 0 }
        } else {
            Protection::Sealed
        },
        sender: None,
        is_telling: true,
    })
}

/// A signature of NTLM before the content (MS-NLMP section 2.2.2.9).
///
/// ```text
/// buffer := Version:u32=1 Checksum[8] SeqNum:u32 content
/// ```
fn ntlm(octets: &[u8], total: usize) -> Result<Wrapped, ParseError> {
    let mut reader = Reader::new(octets.get(LENGTH..).unwrap_or_default());
    if reader.u32_le()? != 1 || total < LENGTH + 16 {
        return Err(NO_WRAPPING);
    }
    Ok(Wrapped {
        total,
        protection: Protection::Unsaid {
            body: (LENGTH + 16, total),
        },
        sender: None,
        is_telling: false,
    })
}

/// DIGEST-MD5 with integrity puts its signature of 16 octets at the end (RFC 2831 section 2.3).
fn digest(octets: &[u8], total: usize) -> Result<Wrapped, ParseError> {
    let envelope = parse::envelope(octets.get(LENGTH..).unwrap_or_default())?;
    if total < LENGTH + envelope.total + 16 {
        return Err(NO_WRAPPING);
    }
    let body = (LENGTH, total - 16);
    Ok(Wrapped {
        total,
        protection: Protection::Signed { body, rotated: 0 },
        sender: None,
        is_telling: true,
    })
}

const LENGTH: usize = 4;

/// The shortest signature that a mechanism adds.
const BUFFER_OCTETS_MIN: usize = 16;

/// `1.2.840.113554.1.2.2` and the identifier of a Wrap token.
const KERBEROS_WRAP: [u8; 13] = [
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x02, 0x01,
];

const NO_WRAPPING: ParseError = ParseError::Malformed {
    field: "SASL buffer",
};
