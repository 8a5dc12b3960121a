//! HTTP, as far as somebody proves who they are in it (RFC 9110, RFC 4559, MS-NTHT).

use crate::{Outcome, SessionPrincipal};
use realmward_vocab::HostName;
use serde::{Deserialize, Serialize};

/// A request was answered whose sender proved, or claimed, who they are: Windows remote management,
/// enrolment of certificates, federation, mail.
///
/// One fact for each claim, and one for each further path that the connection asks for, up to eight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpAuthenticated {
    /// The method: `POST`.
    pub method: String,
    /// `Host`, without a port.
    pub host: HostName,
    /// The path, without its query, at most 256 octets.
    pub path: String,
    /// `User-Agent`, at most 256 octets.
    pub user_agent: String,
    /// `Server` of the answer, at most 256 octets.
    pub server_software: String,
    /// The scheme of `Authorization`: `Negotiate`, `NTLM`, `Kerberos`, `Basic` ...
    pub scheme: String,
    /// Schemes that the server offered last in `WWW-Authenticate`, at most 8.
    pub offered: Vec<String>,
    /// Who. A password is never kept.
    pub principal: SessionPrincipal,
    /// Whether a password crossed the wire in clear.
    pub cleartext_password: bool,
    /// Whether it is a proxy that asked: `Proxy-Authorization`.
    pub to_proxy: bool,
    /// The status of the answer; `None` if it was not seen.
    pub status: Option<u16>,
    /// [`Outcome::Failure`] after 401 and 407, [`Outcome::Success`] after any other status.
    pub outcome: Outcome,
}

/// Somebody authenticated to a web service over a bare TCP connection (MC-NMF, MS-NNS), such as Active
/// Directory Web Services at port 9389. What is asked of it is sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebServiceBound {
    /// The address asked for: `net.tcp://dc1:9389/ActiveDirectoryWebServices/Windows/Enumeration`.
    pub via: String,
    /// Who.
    pub principal: SessionPrincipal,
    /// The error with which the handshake ended, if it did.
    pub error: Option<u32>,
    /// How the handshake ended.
    pub outcome: Outcome,
}
