//! Who came into the network from outside, by the word of its gateways (RADIUS, RFC 2865 and 2866).
//!
//! Secrets are never kept: neither passwords nor answers to challenges are read.

use crate::Outcome;
use realmward_vocab::{AccountName, HostName, open_enum};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Who, from where and through what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkClient {
    /// `User-Name`.
    pub user: AccountName,
    /// `Framed-IP-Address` or `Framed-IPv6-Address`: the address it has inside.
    pub address: Option<IpAddr>,
    /// `Calling-Station-Id`: its address, telephone number or network card outside.
    pub calling_station: Option<String>,
    /// `Called-Station-Id`: what it called.
    pub called_station: Option<String>,
    /// `Tunnel-Client-Endpoint`: its address outside.
    pub tunnel_client: Option<String>,
    /// `MS-RAS-Client-Name`: the name it gives itself.
    pub host: Option<HostName>,
    /// `NAS-IP-Address` or `NAS-IPv6-Address`: the gateway.
    pub gateway: Option<IpAddr>,
    /// `NAS-Identifier`: the gateway's name.
    pub gateway_name: Option<HostName>,
    /// `NAS-Port-Type`: 5 virtual (VPN), 15 Ethernet, 19 wireless.
    pub port_type: Option<u32>,
    /// `Service-Type`: 2 framed, 10 call check (a network card instead of a person).
    pub service_type: Option<u32>,
}

/// A gateway asked whether somebody may come in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAccessAsked {
    /// Who.
    pub client: NetworkClient,
    /// With what it proved itself: `pap`, `chap`, `mschap`, `mschapv2`, `eap` or `none`.
    pub method: String,
    /// Yes or no; `Attempt` if the last answer was not seen or asks for more.
    pub outcome: Outcome,
}

/// A gateway told that a session began, goes on or ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSessionReported {
    /// Who.
    pub client: NetworkClient,
    /// What is told.
    pub status: AccountingStatus,
    /// `Acct-Session-Id`.
    pub session: String,
    /// `Acct-Session-Time`, in seconds.
    pub duration_s: Option<u32>,
    /// `Acct-Terminate-Cause`: 1 user request, 4 idle, 5 too long, 6 administrator.
    pub terminate_cause: Option<u32>,
    /// Octets from the client.
    pub octets_in: Option<u64>,
    /// Octets to the client.
    pub octets_out: Option<u64>,
    /// Whether the server took note.
    pub acknowledged: bool,
}

open_enum! {
    /// `Acct-Status-Type` (RFC 2866 section 5.1).
    pub struct AccountingStatus(u32);
    /// A session began.
    START = 1,
    /// A session ended.
    STOP = 2,
    /// A session goes on.
    INTERIM_UPDATE = 3,
    /// The gateway started.
    ACCOUNTING_ON = 7,
    /// The gateway stops.
    ACCOUNTING_OFF = 8,
}
