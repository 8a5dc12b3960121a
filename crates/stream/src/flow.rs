//! Flows: who speaks with whom. A flow is the same whichever end speaks: its key has the lower end
//! first.

use std::net::{IpAddr, Ipv6Addr};

/// The protocol that carries a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// RFC 9293.
    Tcp,
    /// RFC 768.
    Udp,
}

/// One end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End {
    /// The address; IPv4 in the IPv4-mapped form.
    pub address: u128,
    /// The port.
    pub port: u16,
}

impl End {
    /// The address, IPv4 as such.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        IpAddr::V6(Ipv6Addr::from_bits(self.address)).to_canonical()
    }
}

/// Which end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The end that sorts first.
    Low,
    /// The other.
    High,
}

impl Side {
    /// The other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }
}

/// Both ends and the transport, the lower end first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowKey {
    /// The end that sorts first.
    pub low: End,
    /// The other.
    pub high: End,
    /// The transport.
    pub transport: Transport,
}

impl FlowKey {
    /// The key of a packet, and which end sent it.
    #[must_use]
    pub fn new(transport: Transport, source: End, destination: End) -> (Self, Side) {
        let (low, high, from) = if source <= destination {
            (source, destination, Side::Low)
        } else {
            (destination, source, Side::High)
        };
        (
            Self {
                low,
                high,
                transport,
            },
            from,
        )
    }

    /// One of the ends.
    #[must_use]
    pub const fn end(&self, side: Side) -> End {
        match side {
            Side::Low => self.low,
            Side::High => self.high,
        }
    }

    /// The end with the lower port: a server's, unless the content says otherwise.
    #[must_use]
    pub const fn lower_port(&self) -> Option<Side> {
        if self.low.port == self.high.port {
            None
        } else if self.low.port < self.high.port {
            Some(Side::Low)
        } else {
            Some(Side::High)
        }
    }

    /// A hash that is the same in every run and version, to spread flows over workers.
    #[must_use]
    pub fn stable_hash(&self) -> u64 {
        let ports = u64::from(self.low.port) << 16 | u64::from(self.high.port);
        let words = [
            high_half(self.low.address),
            low_half(self.low.address),
            high_half(self.high.address),
            low_half(self.high.address),
            ports << 1 | u64::from(self.transport == Transport::Udp),
        ];
        words.iter().fold(0x9e37_79b9_7f4a_7c15, |hash, word| {
            let mixed = (hash ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
            mixed ^ (mixed >> 32)
        })
    }
}

const fn high_half(address: u128) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = address.to_be_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

const fn low_half(address: u128) -> u64 {
    let [.., a, b, c, d, e, f, g, h] = address.to_be_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(port: u16) -> FlowKey {
        let end = |address, port| End { address, port };
        FlowKey::new(Transport::Tcp, end(9, port), end(1, 445)).0
    }

    #[test]
    fn both_directions_have_one_key_and_one_hash() {
        let (a, b) = (
            End {
                address: 2,
                port: 7,
            },
            End {
                address: 1,
                port: 9,
            },
        );
        let (there, from_a) = FlowKey::new(Transport::Udp, a, b);
        let (back, from_b) = FlowKey::new(Transport::Udp, b, a);
        assert_eq!(there, back);
        assert_eq!(from_a, from_b.other());
        assert_eq!(there.end(from_a), a);
        let tcp = FlowKey::new(Transport::Tcp, a, b).0;
        assert_ne!(there.stable_hash(), tcp.stable_hash());
        // Written down: it must be the same in every version.
        assert_eq!(key(1).stable_hash(), 8_427_814_610_098_751_472);
    }

    #[test]
    fn hashes_spread_flows_evenly() {
        let mut lanes = [0_u32; 16];
        for port in 0..16_000 {
            lanes[usize::try_from(key(port).stable_hash() % 16).unwrap()] += 1;
        }
        assert!(
            lanes.iter().all(|count| (850..1150).contains(count)),
            "{lanes:?}"
        );
    }
}
