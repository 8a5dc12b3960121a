//! IPv4 and IPv6 with extension headers, then TCP and UDP, as far as the snap length left them.

use crate::flow::Transport;
use crate::packet::{TcpFlags, TcpHead};
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

/// Reads the transport layer; `None` for anything but TCP and UDP, and for cut headers.
pub(crate) fn segment(protocol: u8, octets: &[u8], cut: usize) -> Option<Segment<'_>> {
    match IpNumber(protocol) {
        IpNumber::TCP => tcp(octets, cut),
        IpNumber::UDP => udp(octets, cut),
        _ => None,
    }
}

fn tcp(octets: &[u8], cut: usize) -> Option<Segment<'_>> {
    let header = TcpHeaderSlice::from_slice(octets).ok()?;
    Some(Segment {
        transport: Transport::Tcp,
        source: header.source_port(),
        destination: header.destination_port(),
        tcp: Some(TcpHead {
            sequence: header.sequence_number(),
            acknowledged: header.acknowledgment_number(),
            flags: TcpFlags(octets.get(13).copied().unwrap_or_default()),
        }),
        payload: octets.get(header.slice().len()..).unwrap_or_default(),
        cut,
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
