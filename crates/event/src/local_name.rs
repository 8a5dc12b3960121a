//! Names that hosts of one network ask each other for, without a server: NetBIOS (RFC 1002), LLMNR
//! (RFC 4795) and mDNS (RFC 6762). Whoever answers is believed, which is what poisoners live on.

use realmward_vocab::HostName;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// How the name was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameService {
    /// NetBIOS name service.
    #[default]
    Netbios,
    /// Link-local multicast name resolution.
    Llmnr,
    /// Multicast DNS.
    Mdns,
}

/// A name, and what of it is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalName {
    /// The name.
    pub name: HostName,
    /// The QTYPE; 32 for a NetBIOS name, 33 for the status of its owner.
    pub query_type: u16,
    /// The sixteenth octet of a NetBIOS name: 0x00 host, 0x20 file server, 0x1b domain master browser,
    /// 0x1c domain controllers.
    pub suffix: Option<u8>,
}

/// A host asked the network for names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalNameAsked {
    /// How.
    pub service: NameService,
    /// The names of one message, at most 8.
    pub names: Vec<LocalName>,
}

/// A host answered for a name: its own, or one that it pretends to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalNameAnswered {
    /// How.
    pub service: NameService,
    /// The name.
    pub name: LocalName,
    /// Addresses it says the name has, at most 16.
    pub addresses: Vec<IpAddr>,
    /// Names it says the name stands for (PTR, SRV, status), at most 16.
    pub names: Vec<HostName>,
    /// 0, or why not: 3 no such name, 6 owned by another.
    pub response_code: u8,
    /// Who said so: the server of the event, or, in what is sent to all, its client.
    pub by_client: bool,
}

/// A host claimed, confirmed or gave up a NetBIOS name (RFC 1002 section 4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetbiosNameClaimed {
    /// The name.
    pub name: HostName,
    /// Its sixteenth octet.
    pub suffix: u8,
    /// Whether the name is a group's.
    pub is_group: bool,
    /// The address it is claimed for.
    pub address: Option<IpAddr>,
    /// What was done.
    pub claim: NameClaim,
    /// What a name server answered; `None` if none did, as is usual for a broadcast.
    pub response_code: Option<u8>,
}

/// What was done with a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameClaim {
    /// Claimed.
    #[default]
    Registered,
    /// Claimed again.
    Refreshed,
    /// Given up.
    Released,
}

/// A host told the network what it is (MS-BRWS section 2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostAnnounced {
    /// The host; the domain, if a domain is announced.
    pub name: HostName,
    /// 1 host, 12 domain, 15 local master browser.
    pub command: u8,
    /// Major and minor version of its system.
    pub version: (u8, u8),
    /// `ServerType`: 0x08 domain controller, 0x10 backup domain controller, 0x04 SQL server ...
    pub server_type: u32,
    /// Its comment; the master browser, if a domain is announced. At most 64 octets.
    pub comment: String,
}
