//! Names that a name server answered (RFC 1035).

use realmward_vocab::HostName;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A DNS answer with something to learn: addresses of a name, the name of an address, or a service's host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameResolved {
    /// The name asked for, without the last dot.
    pub name: HostName,
    /// The QTYPE.
    pub query_type: u16,
    /// The RCODE.
    pub response_code: u8,
    /// Addresses in the answer, at most 16.
    pub addresses: Vec<IpAddr>,
    /// Names in the answer (PTR, SRV targets, CNAME), at most 16.
    pub names: Vec<HostName>,
}
