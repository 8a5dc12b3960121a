//! Who is at the other end of a connection.

use std::net::{IpAddr, SocketAddr};

/// The other end, put into every request of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) address: SocketAddr,
    /// SHA-256 of the certificate it proved to own, in base64url; issued by our authority.
    pub(crate) certificate: Option<String>,
}

impl Peer {
    /// Its address, IPv4 as IPv4.
    pub(crate) fn ip(&self) -> IpAddr {
        self.address.ip().to_canonical()
    }
}
