//! Link layers: from a frame to the IP packet in it.

use crate::capture::LinkType;

/// The IP packet in a frame, or `None` when there is none that we know how to find.
pub(crate) fn internet(link: LinkType, frame: &[u8]) -> Option<&[u8]> {
    match link {
        LinkType::ETHERNET => ethernet(frame),
        LinkType::RAW
        | LinkType::RAW_BSD
        | LinkType::RAW_OPENBSD
        | LinkType::IPV4
        | LinkType::IPV6 => Some(frame),
        LinkType::LINUX_SLL => ether(frame.get(14..)?),
        LinkType::LINUX_SLL2 => ether_type(pair(frame, 0)?, frame.get(20..)?),
        LinkType::NULL | LinkType::LOOP => family(frame),
        _ => None,
    }
}

/// The IP packet in a frame of Ethernet.
pub(crate) fn ethernet(frame: &[u8]) -> Option<&[u8]> {
    ether(frame.get(12..)?)
}

/// Octets that begin with an EtherType.
fn ether(octets: &[u8]) -> Option<&[u8]> {
    ether_type(pair(octets, 0)?, octets.get(2..)?)
}

/// Looks through VLAN tags (IEEE 802.1Q, 802.1ad and the older 0x9100), MPLS (RFC 3032) and PPPoE
/// (RFC 2516).
pub(crate) fn ether_type(mut kind: u16, mut octets: &[u8]) -> Option<&[u8]> {
    for _ in 0..TAGS_MAX {
        match kind {
            0x0800 | 0x86dd => return Some(octets),
            0x8100 | 0x88a8 | 0x9100 => {
                kind = pair(octets, 2)?;
                octets = octets.get(4..)?;
            }
            0x8864 => {
                let protocol = pair(octets, 6)?;
                return matches!(protocol, 0x0021 | 0x0057)
                    .then(|| octets.get(8..))
                    .flatten();
            }
            MPLS | MPLS_MULTICAST => {
                octets = under_labels(octets)?;
                match octets.first()? >> 4 {
                    4 | 6 => return Some(octets),
                    // The control word of a pseudowire (RFC 4385): Ethernet follows.
                    0 => {
                        kind = pair(octets, 4 + 12)?;
                        octets = octets.get(4 + 14..)?;
                    }
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
    None
}

/// What follows the label at the bottom of the stack.
fn under_labels(mut octets: &[u8]) -> Option<&[u8]> {
    for _ in 0..TAGS_MAX {
        let (label, rest) = octets.split_first_chunk::<4>()?;
        if label[2] & 1 == 1 {
            return Some(rest);
        }
        octets = rest;
    }
    None
}

/// BSD loopback: the address family in the byte order of whoever wrote it.
fn family(frame: &[u8]) -> Option<&[u8]> {
    let (head, packet) = frame.split_first_chunk::<4>()?;
    let family = match u32::from_le_bytes(*head) {
        family @ 0..=0xffff => family,
        _ => u32::from_be_bytes(*head),
    };
    // IPv6 has another number on each system: Linux and Windows 10 and 23, the BSDs 24, 28 and 30.
    matches!(family, 2 | 10 | 23 | 24 | 28 | 30).then_some(packet)
}

pub(crate) fn pair(octets: &[u8], at: usize) -> Option<u16> {
    octets
        .get(at..)?
        .first_chunk()
        .map(|pair| u16::from_be_bytes(*pair))
}

/// EtherType of MPLS.
pub(crate) const MPLS: u16 = 0x8847;
const MPLS_MULTICAST: u16 = 0x8848;

/// Two tags are usual at providers; what has more than this is an attack on our time.
const TAGS_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    const IP: &[u8] = &[0x45, 1, 2, 3];

    fn check(link: LinkType, header: &[u8], found: bool) {
        let frame = [header, IP].concat();
        assert_eq!(
            internet(link, &frame),
            found.then_some(IP),
            "{link:?} {header:02x?}"
        );
        for cut in 0..frame.len() {
            let _ = internet(link, &frame[..cut]);
        }
    }

    #[test]
    fn ip_is_found_behind_every_link_layer() {
        let macs = [0_u8; 12];
        check(LinkType::ETHERNET, &[&macs[..], &[8, 0]].concat(), true);
        check(LinkType::ETHERNET, &[&macs[..], &[8, 6]].concat(), false);
        let vlan = [&macs[..], &[0x81, 0, 0, 5, 0x86, 0xdd]].concat();
        check(LinkType::ETHERNET, &vlan, true);
        let stacked = [&macs[..], &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]].concat();
        check(LinkType::ETHERNET, &stacked, true);
        let endless = [&macs[..], &[0x81, 0, 0, 5].repeat(9), &[8, 0]].concat();
        check(LinkType::ETHERNET, &endless, false);
        for raw in [12, 14, 101, 228, 229] {
            check(LinkType(raw), &[], true);
        }
        check(LinkType::LINUX_SLL, &[&[0; 14][..], &[8, 0]].concat(), true);
        check(
            LinkType::LINUX_SLL2,
            &[&[8, 0][..], &[0; 18]].concat(),
            true,
        );
        for header in [[2, 0, 0, 0], [0, 0, 0, 2], [30, 0, 0, 0], [0, 0, 0, 24]] {
            check(LinkType::NULL, &header, true);
            check(LinkType::LOOP, &header, true);
        }
        check(LinkType::NULL, &[7, 0, 0, 0], false);
        check(LinkType(105), &[], false);
    }
}
