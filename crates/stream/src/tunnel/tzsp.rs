//! TZSP: a header of four octets, tagged fields, then a frame. There is no standard; this is what
//! Wireshark's dissector reads and MikroTik's sniffer sends.

use crate::link;

/// The frame in a message, if it carries one of Ethernet.
pub(super) fn frame(message: &[u8]) -> Option<&[u8]> {
    let [version, kind, ..] = *message else {
        return None;
    };
    if version != VERSION || TYPE_TRANSMIT < kind || link::pair(message, 2)? != ETHERNET {
        return None;
    }
    let mut rest = message.get(HEADER..)?;
    for _ in 0..TAGS_MAX {
        rest = match *rest {
            [TAG_END, ref frame @ ..] => return Some(frame),
            [TAG_PADDING, ref rest @ ..] => rest,
            [_, length, ref rest @ ..] => rest.get(usize::from(length)..)?,
            _ => return None,
        };
    }
    None
}

/// As registered.
pub(super) const PORT: u16 = 37_008;
const HEADER: usize = 4;
const VERSION: u8 = 1;
/// 0 is a frame that was received, 1 one to be sent; others carry none.
const TYPE_TRANSMIT: u8 = 1;
const ETHERNET: u16 = 1;
const TAG_PADDING: u8 = 0;
const TAG_END: u8 = 1;

/// There are some ten kinds of tags.
const TAGS_MAX: usize = 64;
