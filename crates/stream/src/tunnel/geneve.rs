//! Geneve (RFC 8926 section 3.4): a header with options, then Ethernet or what an EtherType names.

use super::gre::BRIDGED;
use crate::link;

/// What is in a message, if its header is one: the IP packet, if it has one.
pub(super) fn inside(message: &[u8]) -> Option<Option<&[u8]>> {
    let first = *message.first()?;
    if first >> 6 != VERSION {
        return None;
    }
    let options = usize::from(first & OPTIONS_LENGTH) * 4;
    let kind = link::pair(message, 2)?;
    let payload = message.get(HEADER + options..)?;
    Some(match kind {
        BRIDGED => link::ethernet(payload),
        kind => link::ether_type(kind, payload),
    })
}

/// As registered.
pub(super) const PORT: u16 = 6081;
const HEADER: usize = 8;
const VERSION: u8 = 0;
/// In units of four octets.
const OPTIONS_LENGTH: u8 = 0x3f;
