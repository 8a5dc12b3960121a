//! Generic Routing Encapsulation (RFC 2784), with key and sequence number (RFC 2890).

use super::{Tunnel, erspan};
use crate::link;

/// The IP packet in a GRE packet; `None` if it is of another version or asks for source routing.
pub(super) fn inside(packet: &[u8]) -> Option<(Tunnel, Option<&[u8]>)> {
    let flags = link::pair(packet, 0)?;
    let kind = link::pair(packet, 2)?;
    if flags & (ROUTING | VERSION) != 0 {
        return None;
    }
    let optional = [CHECKSUM, KEY, SEQUENCE];
    let present = optional.iter().filter(|it| flags & **it != 0).count();
    let payload = packet.get(HEADER + 4 * present..)?;
    Some(match kind {
        BRIDGED => (Tunnel::Gre, link::ethernet(payload)),
        erspan::TYPE_1_OR_2 | erspan::TYPE_3 => {
            let numbered = flags & SEQUENCE != 0;
            (Tunnel::Erspan, erspan::inside(kind, numbered, payload))
        }
        kind => (Tunnel::Gre, link::ether_type(kind, payload)),
    })
}

const HEADER: usize = 4;
const CHECKSUM: u16 = 0x8000;
/// Gone since RFC 2784.
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
/// 1 is PPTP's.
const VERSION: u16 = 0x0007;
/// Transparent Ethernet bridging: gretap, NVGRE.
pub(super) const BRIDGED: u16 = 0x6558;
