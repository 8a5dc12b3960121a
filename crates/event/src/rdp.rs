//! Remote desktops: what is said before encryption begins (MS-RDPBCGR).

use crate::Outcome;
use realmward_vocab::{AccountName, HostName};
use serde::{Deserialize, Serialize};

/// A client asked for a remote desktop.
///
/// Who logged on is under TLS; a cookie is what the client's user typed or was remembered, cut short
/// by the client and proven by nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteDesktopAsked {
    /// The user in the cookie (`mstshash=`).
    pub cookie: Option<AccountName>,
    /// `requestedProtocols`: 1 TLS, 2 CredSSP, 4 RDSTLS, 8 CredSSP with early authorisation.
    pub requested: u32,
    /// `requestFlags`: 1 restricted administration, 2 redirected authentication.
    pub request_flags: u8,
    /// `selectedProtocol`: 0 is RDP's own encryption.
    pub selected: Option<u32>,
    /// `failureCode`: 5 CredSSP required.
    pub failure: Option<u32>,
    /// `clientName`, if it is not under TLS.
    pub client_name: Option<HostName>,
    /// `clientBuild`, if it is not under TLS.
    pub client_build: Option<u32>,
    /// `keyboardLayout`, if it is not under TLS.
    pub keyboard_layout: Option<u32>,
    /// Whether the server goes on with the connection.
    pub outcome: Outcome,
}
