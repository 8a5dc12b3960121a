//! Packets in packets: mirrors of switches and clouds, and tunnels between sites.
//!
//! What matters is the inner flow. The outer ends are a switch and a sensor, or two routers: they are
//! no party of the conversation, so nothing is told of them. Which tunnel, session or network number
//! a packet came by is not part of its flow: a switch sends what it received and what it sent in two
//! sessions, and both belong together. Two networks with the same addresses, told apart by nothing but
//! that number, are one to us.
//!
//! Over UDP the registered port decides, and only as destination, and only if the header is possible.
//! Whoever can send packets past the sensor can wrap others in them, just as he can forge addresses
//! without a tunnel; how many came by which tunnel is counted, so that one that nobody set up is seen.
//!
//! A tunnel more is one line in [`inside`] and a file like its neighbours.
//!
//! Deliberately absent: what is encrypted (ESP, MACsec, WireGuard), and what needs memory to follow
//! (L2TP, PPTP).

mod erspan;
mod geneve;
mod gre;
mod tzsp;
mod vxlan;

use crate::link;

/// What a packet was in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tunnel {
    /// IP in IP (RFC 2003, RFC 2473, RFC 4213).
    Ip,
    /// Generic Routing Encapsulation (RFC 2784, RFC 2890, RFC 7637).
    Gre,
    /// Cisco's mirror, types I, II and III (draft-foschiano-erspan).
    Erspan,
    /// MPLS in IP (RFC 4023).
    Mpls,
    /// Virtual eXtensible Local Area Network (RFC 7348).
    Vxlan,
    /// Generic Network Virtualization Encapsulation (RFC 8926).
    Geneve,
    /// TaZmen Sniffer Protocol, as access points and MikroTik's routers mirror.
    Tzsp,
}

impl Tunnel {
    /// All of them, in the order of counters.
    pub const ALL: [Self; 7] = [
        Self::Ip,
        Self::Gre,
        Self::Erspan,
        Self::Mpls,
        Self::Vxlan,
        Self::Geneve,
        Self::Tzsp,
    ];

    /// A stable name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "tunnel_ip",
            Self::Gre => "tunnel_gre",
            Self::Erspan => "tunnel_erspan",
            Self::Mpls => "tunnel_mpls",
            Self::Vxlan => "tunnel_vxlan",
            Self::Geneve => "tunnel_geneve",
            Self::Tzsp => "tunnel_tzsp",
        }
    }
}

/// What a datagram carries if it is a tunnel's: the IP packet in it, unless it has none that we can
/// find. `None`: it is no tunnel's.
#[inline]
pub(crate) fn inside(protocol: u8, payload: &[u8]) -> Option<(Tunnel, Option<&[u8]>)> {
    match protocol {
        TCP => None,
        UDP => over_udp(payload),
        IPV4 | IPV6 => Some((Tunnel::Ip, Some(payload))),
        GRE => gre::inside(payload),
        MPLS => Some((Tunnel::Mpls, link::ether_type(link::MPLS, payload))),
        _ => None,
    }
}

fn over_udp(datagram: &[u8]) -> Option<(Tunnel, Option<&[u8]>)> {
    let port = link::pair(datagram, 2)?;
    let message = datagram.get(UDP_HEADER..)?;
    match port {
        vxlan::PORT => vxlan::frame(message).map(|it| (Tunnel::Vxlan, link::ethernet(it))),
        geneve::PORT => geneve::inside(message).map(|it| (Tunnel::Geneve, it)),
        tzsp::PORT => tzsp::frame(message).map(|it| (Tunnel::Tzsp, link::ethernet(it))),
        _ => None,
    }
}

const IPV4: u8 = 4;
const TCP: u8 = 6;
const UDP: u8 = 17;
const IPV6: u8 = 41;
const GRE: u8 = 47;
const MPLS: u8 = 137;
const UDP_HEADER: usize = 8;

#[cfg(test)]
mod tests;
