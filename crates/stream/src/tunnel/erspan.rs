//! Cisco's mirror over GRE (draft-foschiano-erspan-03): frames behind a header of 0, 8, 12 or 20
//! octets.

use crate::link;

/// The IP packet in a mirrored frame.
pub(super) fn inside(kind: u16, numbered: bool, message: &[u8]) -> Option<&[u8]> {
    match (kind, message.first()? >> 4) {
        // Type I has no header of its own, and no sequence number either.
        (TYPE_1_OR_2, _) if !numbered => link::ethernet(message),
        (TYPE_1_OR_2, 1) => link::ethernet(message.get(HEADER_2..)?),
        (_, 2) => type_3(message),
        _ => None,
    }
}

fn type_3(message: &[u8]) -> Option<&[u8]> {
    let last = link::pair(message, 10)?;
    let header = if last & PLATFORM == 0 {
        HEADER_3
    } else {
        HEADER_3 + PLATFORM_HEADER
    };
    let payload = message.get(header..)?;
    match last >> 10 & FRAME_TYPE {
        0 => link::ethernet(payload),
        2 => Some(payload),
        _ => None,
    }
}

/// EtherType of types I and II.
pub(super) const TYPE_1_OR_2: u16 = 0x88be;
/// EtherType of type III.
pub(super) const TYPE_3: u16 = 0x22eb;
const HEADER_2: usize = 8;
const HEADER_3: usize = 12;
const PLATFORM_HEADER: usize = 8;
/// Whether the header of the platform follows.
const PLATFORM: u16 = 1;
/// What is mirrored: 0 Ethernet, 2 IP.
const FRAME_TYPE: u16 = 0x1f;
