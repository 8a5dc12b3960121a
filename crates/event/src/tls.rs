//! TLS sessions: what both ends say before they are alone (RFC 8446, RFC 5246).

use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};

/// Client and server agreed on a TLS session, or tried to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsNegotiated {
    /// Version chosen: `0x0303` TLS 1.2, `0x0304` TLS 1.3; `None` if the server's hello was not seen.
    pub version: Option<u16>,
    /// Cipher suite chosen.
    pub cipher_suite: Option<u16>,
    /// `server_name` that the client asked for.
    pub server_name: Option<String>,
    /// Application protocols offered (ALPN), at most 8.
    pub alpn: Vec<String>,
    /// The application protocol chosen; under TLS 1.3 this is hidden.
    pub alpn_chosen: Option<String>,
    /// The server's certificate; under TLS 1.3, and where a session is taken up again, it is not seen.
    pub certificate: Option<Certificate>,
    /// The certificate with which the client logs on.
    pub client_certificate: Option<Certificate>,
    /// The protocol in which TLS was begun (`ldap`, `rdp`, `tds`); empty where it comes first.
    pub within: String,
}

/// A certificate as it was shown; nobody verified it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Its subject, at most 256 octets.
    pub subject: String,
    /// Who says so, at most 256 octets.
    pub issuer: String,
    /// Its serial number in hexadecimal.
    pub serial: String,
    /// Names in it: DNS names, addresses, mail addresses and user principal names, at most 16.
    pub names: Vec<String>,
    /// From when it holds.
    pub not_before: EventTime,
    /// Until when it holds.
    pub not_after: EventTime,
    /// SHA-256 of the whole, in hexadecimal.
    pub sha256: String,
}
