//! Which host has which address (DHCP, RFC 2131; DHCPv6, RFC 8415).

use realmward_vocab::HostName;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A host asked for an address, got one, was refused one or gave it back.
///
/// Question and answer are one fact where both go between the same two addresses. Where one is a
/// broadcast there are two, which `hardware_address` joins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressLeased {
    /// What the last message says.
    pub step: LeaseStep,
    /// The network card (`00:0c:29:76:64:a1`), or the client's identifier where no card is named.
    pub hardware_address: String,
    /// The address asked for, given or given back.
    pub address: Option<IpAddr>,
    /// The name the client gives itself (option 12).
    pub host: Option<HostName>,
    /// Its full name, as it wants it to be in the DNS (option 81).
    pub full_name: Option<HostName>,
    /// What the client is (option 60: `MSFT 5.0`), at most 64 octets.
    pub vendor_class: Option<String>,
    /// How long the address is given for, in seconds.
    pub lease_s: Option<u32>,
    /// The server, as it calls itself.
    pub server: Option<IpAddr>,
    /// The relay between them.
    pub relay: Option<IpAddr>,
    /// Name servers that the client is told to ask, at most 4.
    pub name_servers: Vec<IpAddr>,
    /// The domain that the client is told it is in.
    pub domain: Option<HostName>,
}

/// How far a lease is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseStep {
    /// Asked for, and no answer was seen with it.
    #[default]
    Requested,
    /// Given.
    Granted,
    /// Refused.
    Refused,
    /// Somebody else has it, says the client.
    Declined,
    /// Given back.
    Released,
    /// The client has an address and only asked for the rest.
    Informed,
}
