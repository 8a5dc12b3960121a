//! IPv4 and IPv6 with extension headers, then TCP and UDP, as far as the snap length left them.

use crate::flow::Transport;
use crate::packet::{TcpFlags, TcpHead};
use crate::tcp::Checksum;
use etherparse::{IpNumber, Ipv6ExtensionSlice, LaxIpSlice, TcpHeaderSlice, UdpHeaderSlice};

/// What an IP packet carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagram<'a> {
    /// Addresses; IPv4 in the IPv4-mapped form.
    pub(crate) source: u128,
    pub(crate) destination: u128,
    pub(crate) protocol: u8,
    pub(crate) fragment: Option<Fragment>,
    pub(crate) payload: &'a [u8],
    /// Octets of the payload that were not captured.
    pub(crate) cut: usize,
}

/// Which part of a fragmented payload it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fragment {
    pub(crate) identification: u32,
    /// In octets.
    pub(crate) offset: usize,
    pub(crate) more: bool,
}

/// What a datagram carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) transport: Transport,
    pub(crate) source: u16,
    pub(crate) destination: u16,
    pub(crate) tcp: Option<TcpHead>,
    pub(crate) payload: &'a [u8],
    pub(crate) cut: usize,
}

/// Reads the internet layer. A length of 0, as offloading senders leave it, means all that is there.
pub(crate) fn datagram(octets: &[u8]) -> Option<Datagram<'_>> {
    let (slice, _) = LaxIpSlice::from_slice(octets).ok()?;
    let (source, destination, declared, fragment) = match &slice {
        LaxIpSlice::Ipv4(ip) => {
            let header = ip.header();
            let fragment = ip.is_payload_fragmented().then(|| Fragment {
                identification: header.identification().into(),
                offset: usize::from(header.fragments_offset().value()) * 8,
                more: header.more_fragments(),
            });
            (
                mapped(header.source()),
                mapped(header.destination()),
                usize::from(header.total_len()),
                fragment,
            )
        }
        LaxIpSlice::Ipv6(ip) => {
            let header = ip.header();
            let fragment = ip.is_payload_fragmented().then(|| {
                ip.extensions()
                    .clone()
                    .into_iter()
                    .find_map(|extension| match extension {
                        Ipv6ExtensionSlice::Fragment(header) => Some(Fragment {
                            identification: header.identification(),
                            offset: usize::from(header.fragment_offset().value()) * 8,
                            more: header.more_fragments(),
                        }),
                        _ => None,
                    })
            });
            (
                u128::from_be_bytes(header.source()),
                u128::from_be_bytes(header.destination()),
                match header.payload_length() {
                    0 => 0,
                    length => usize::from(length) + IPV6_HEADER,
                },
                fragment.flatten(),
            )
        }
    };
    let payload = slice.payload();
    Some(Datagram {
        source,
        destination,
        protocol: payload.ip_number.0,
        fragment,
        payload: payload.payload,
        cut: declared.saturating_sub(octets.len()),
    })
}

/// Reads the transport layer of a datagram whose payload this is, as it came or put together; `None`
/// for anything but TCP and UDP, and for cut headers.
pub(crate) fn segment<'a>(datagram: &Datagram<'_>, payload: &'a [u8]) -> Option<Segment<'a>> {
    match IpNumber(datagram.protocol) {
        IpNumber::TCP => tcp(datagram, payload),
        IpNumber::UDP => udp(payload, datagram.cut),
        _ => None,
    }
}

fn tcp<'a>(datagram: &Datagram<'_>, octets: &'a [u8]) -> Option<Segment<'a>> {
    let header = TcpHeaderSlice::from_slice(octets).ok()?;
    let start = header.slice().len();
    let checksum = if datagram.cut == 0 {
        Checksum::of(datagram.source, datagram.destination, octets, start)
    } else {
        Checksum::Unset
    };
    Some(Segment {
        transport: Transport::Tcp,
        source: header.source_port(),
        destination: header.destination_port(),
        tcp: Some(TcpHead {
            sequence: header.sequence_number(),
            acknowledged: header.acknowledgment_number(),
            flags: TcpFlags(octets.get(13).copied().unwrap_or_default()),
            checksum,
        }),
        payload: octets.get(start..).unwrap_or_default(),
        cut: datagram.cut,
    })
}

fn udp(octets: &[u8], cut: usize) -> Option<Segment<'_>> {
    let header = UdpHeaderSlice::from_slice(octets).ok()?;
    let rest = octets.get(UDP_HEADER..).unwrap_or_default();
    let declared = usize::from(header.length()).checked_sub(UDP_HEADER);
    let payload = declared
        .and_then(|length| rest.get(..length))
        .unwrap_or(rest);
    Some(Segment {
        transport: Transport::Udp,
        source: header.source_port(),
        destination: header.destination_port(),
        tcp: None,
        payload,
        cut: declared.map_or(cut, |length| length.saturating_sub(rest.len())),
    })
}

fn mapped(address: [u8; 4]) -> u128 {
    IPV4_MAPPED | u128::from(u32::from_be_bytes(address))
}

const IPV4_MAPPED: u128 = 0xffff_0000_0000;
const IPV6_HEADER: usize = 40;
const UDP_HEADER: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::PacketBuilder;

    fn tcp_over_ipv4(payload: &[u8]) -> Vec<u8> {
        let builder = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .tcp(40_000, 445, 1000, 64)
            .ack(77);
        let mut packet = Vec::new();
        builder.write(&mut packet, payload).unwrap();
        packet
    }

    fn read(packet: &[u8]) -> Option<Segment<'_>> {
        let datagram = datagram(packet)?;
        segment(&datagram, datagram.payload)
    }

    #[test]
    fn a_segment_cut_anywhere_gives_what_is_there_and_says_what_is_not() {
        let whole = tcp_over_ipv4(b"0123456789");
        for cut in 0..=whole.len() {
            match read(&whole[..cut]) {
                Some(segment) => {
                    assert_eq!(segment.payload, &b"0123456789"[..cut - 40]);
                    assert_eq!(segment.cut, whole.len() - cut);
                    let tcp = segment.tcp.unwrap();
                    assert_eq!((tcp.sequence, tcp.acknowledged), (1000, 77));
                    assert!(tcp.flags.has(TcpFlags::ACK) && !tcp.flags.has(TcpFlags::SYN));
                }
                None => assert!(cut < 40, "cut at {cut}"),
            }
        }
    }

    #[test]
    fn padding_is_no_payload_and_an_unset_length_means_all() {
        let mut padded = tcp_over_ipv4(b"ab");
        padded.extend([0; 6]);
        assert_eq!(read(&padded).map(|it| it.payload), Some(&b"ab"[..]));
        let mut offloaded = tcp_over_ipv4(b"ab");
        offloaded[2..4].fill(0);
        let segment = read(&offloaded).unwrap();
        assert_eq!((segment.payload, segment.cut), (&b"ab"[..], 0));
    }

    #[test]
    fn udp_over_ipv6_with_extension_headers_and_fragments() {
        let udp = [0, 53, 0x30, 0x39, 0, 10, 0, 0, b'o', b'k'];
        let hop_by_hop = [44, 0, 1, 4, 0, 0, 0, 0];
        // Fragment header: UDP, offset 8 octets, more to come, identification 5.
        let fragment = [17, 0, 0, 9, 0, 0, 0, 5];
        let mut packet = vec![0x60, 0, 0, 0, 0, 26, 0, 64];
        packet.extend([[1_u8; 16], [2; 16]].concat());
        packet.extend([&hop_by_hop[..], &fragment, &udp].concat());
        let found = datagram(&packet).unwrap();
        let part = found.fragment.unwrap();
        assert_eq!((part.identification, part.offset, part.more), (5, 8, true));
        assert_eq!((found.protocol, found.payload), (17, &udp[..]));
        let segment = segment(&found, found.payload).unwrap();
        assert_eq!((segment.source, segment.payload), (53, &b"ok"[..]));
    }

    #[test]
    fn an_ipv4_fragment_says_its_place() {
        let mut packet = tcp_over_ipv4(b"");
        packet[6..8].copy_from_slice(&[0x20, 2]);
        let part = datagram(&packet).unwrap().fragment.unwrap();
        assert_eq!((part.offset, part.more), (16, true));
    }
}
