//! The protocols we know, where they usually live, and their doors.

use realmward_event::rpc::Transport;
use realmward_protocols::{Dissector, Recognised, dcerpc, dns, kerberos, ldap, smb, tls};
use realmward_stream::{FlowKey, Side};

/// A protocol that can be recognised at the start of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Smb,
    DceRpc,
    Tls,
    Kerberos,
    Ldap,
    Dns,
}

impl Protocol {
    /// Those over TCP, the most telling first octets first.
    pub(crate) const STREAM: [Self; 6] = [
        Self::Smb,
        Self::DceRpc,
        Self::Tls,
        Self::Kerberos,
        Self::Ldap,
        Self::Dns,
    ];

    /// Those over UDP.
    pub(crate) const DATAGRAM: [Self; 3] = [Self::Kerberos, Self::Ldap, Self::Dns];

    pub(crate) fn recognise(self, over_udp: bool, octets: &[u8]) -> Recognised {
        match self {
            Self::Smb => smb::recognise(octets),
            Self::DceRpc => dcerpc::recognise(octets),
            Self::Tls => tls::recognise(octets),
            Self::Kerberos => kerberos::recognise(over_udp, octets),
            Self::Ldap => ldap::recognise(over_udp, octets),
            Self::Dns => dns::recognise(over_udp, octets),
        }
    }

    pub(crate) fn converse(self, over_udp: bool) -> Box<dyn Dissector> {
        match self {
            Self::Smb => Box::new(smb::Conversation::new()),
            Self::DceRpc => Box::new(dcerpc::Conversation::new(Transport::Tcp)),
            Self::Tls => Box::new(tls::Conversation::new()),
            Self::Kerberos => Box::new(kerberos::Conversation::new(over_udp)),
            Self::Ldap => Box::new(ldap::Conversation::new(over_udp)),
            Self::Dns => Box::new(dns::Conversation::new(over_udp)),
        }
    }

    /// Whether a look at octets in the middle of a foreign flow may believe it without its port:
    /// the first octets of DNS and TLS are too common for that.
    pub(crate) const fn is_telling(self) -> bool {
        !matches!(self, Self::Dns | Self::Tls)
    }

    /// The protocol that usually lives at one of the ports.
    pub(crate) fn of_ports(key: &FlowKey) -> Option<Self> {
        Self::of_port(key.low.port).or_else(|| Self::of_port(key.high.port))
    }

    /// The end that serves, told by the ports: a known one, else the lower.
    pub(crate) fn served_side(key: &FlowKey) -> Option<Side> {
        let low = Self::of_port(key.low.port).is_some();
        let high = Self::of_port(key.high.port).is_some();
        match (low, high) {
            (true, false) => Some(Side::Low),
            (false, true) => Some(Side::High),
            _ => key.lower_port(),
        }
    }

    const fn of_port(port: u16) -> Option<Self> {
        match port {
            53 => Some(Self::Dns),
            88 | 464 => Some(Self::Kerberos),
            135 => Some(Self::DceRpc),
            139 | 445 => Some(Self::Smb),
            389 | 3268 => Some(Self::Ldap),
            443 | 636 | 3269 => Some(Self::Tls),
            _ => None,
        }
    }
}
