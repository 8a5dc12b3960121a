//! The envelope: when, in which order, between whom, proven by what.

use crate::Fact;
use realmward_vocab::{EventTime, FlowId, HostName, NtStatus, Order, PacketRef};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One fact, and where and when it happened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Stamped by the source.
    pub time: EventTime,
    /// Place in the one order of everything; ties of `time` are broken by it.
    pub order: Order,
    /// What saw it.
    pub source: Source,
    /// Who asked.
    pub client: Endpoint,
    /// Who was asked.
    pub server: Endpoint,
    /// The packets that prove it, in order; empty when a log told it.
    pub evidence: Vec<PacketRef>,
    /// What happened.
    pub fact: Fact,
}

/// What saw the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Source {
    /// A conversation on the wire.
    Wire(FlowId),
    /// A person, at the server.
    Operator,
}

impl Default for Source {
    fn default() -> Self {
        Self::Wire(FlowId::default())
    }
}

/// One end of a conversation. Packets know the address, logs often only the name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// The address, if known; IPv4-mapped IPv6 addresses are stored as IPv4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The TCP or UDP port, 0 if unknown.
    #[serde(default)]
    pub port: u16,
    /// The name the source gave, if it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<HostName>,
}

impl Endpoint {
    /// An end known by address and port.
    #[must_use]
    pub fn new(address: IpAddr, port: u16) -> Self {
        Self {
            address: Some(address.to_canonical()),
            port,
            name: None,
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The server did what was asked.
    Success,
    /// The server refused.
    Failure,
    /// It was asked; whether it worked cannot be read.
    Attempt,
    /// Neither question nor answer says.
    #[default]
    Unknown,
}

impl From<NtStatus> for Outcome {
    fn from(status: NtStatus) -> Self {
        if status.is_error() {
            Self::Failure
        } else {
            Self::Success
        }
    }
}

/// The protocol that carried an authentication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Carrier {
    /// SMB session setup.
    #[default]
    Smb,
    /// LDAP bind.
    Ldap,
    /// DCE/RPC bind, alter context or auth3.
    Rpc,
    /// HTTP `Authorization: Negotiate` or `NTLM`.
    Http,
    /// TKEY of DNS (RFC 3645).
    Dns,
    /// SSPI in the logon of SQL Server (MS-TDS).
    Tds,
    /// A web service over bare TCP, such as Active Directory Web Services.
    WebService,
}
