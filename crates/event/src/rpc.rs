//! DCE/RPC: bindings, calls and endpoint mappings (C706, MS-RPCE).

use crate::{Outcome, SessionPrincipal};
use realmward_vocab::{AccountName, DomainName, Guid};
use serde::{Deserialize, Serialize};

/// What carried the RPC conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// A TCP connection of its own.
    #[default]
    Tcp,
    /// A named pipe over SMB, by name in lower case without leading backslash; empty if unknown.
    Pipe(String),
    /// Datagrams of the connectionless protocol (C706 section 12.5).
    Udp,
    /// A TCP connection that begins with HTTP (MS-RPCH).
    Http,
}

/// A presentation context was asked for and, perhaps, accepted (C706 section 12.6.4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpcBound {
    /// The interface.
    pub interface: Guid,
    /// Its standard short name, like `drsuapi`, if known.
    pub interface_name: Option<String>,
    /// Its version, the major number in the low half; 0 if not told.
    #[serde(default)]
    pub version: u32,
    /// `p_cont_id`.
    pub context: u16,
    /// How many contexts the same bind asked for.
    pub contexts_asked: u16,
    /// Whether the same bind offered bind-time feature negotiation (MS-RPCE section 3.3.1.5.3).
    pub bind_time_features: bool,
    /// Whether the same bind offered NDR64 (MS-RPCE section 2.2.5), as Windows does.
    #[serde(default)]
    pub ndr64: bool,
    /// Whether the same bind offered to sign headers (`PFC_SUPPORT_HEADER_SIGN`).
    #[serde(default)]
    pub header_signing: bool,
    /// `assoc_group_id` of the answer: connections of one association share it; 0 if not told.
    #[serde(default)]
    pub association_group: u32,
    /// `provider_reject_reason` of a `bind_nak`.
    #[serde(default)]
    pub reject_reason: Option<u16>,
    /// Whether the server accepted; `None` if the answer was not seen.
    pub accepted: Option<bool>,
    /// `auth_type` (9 SPNEGO, 10 NTLM, 16 Kerberos, 68 netlogon), 0 for none.
    pub auth_type: u8,
    /// `auth_level` (5 integrity, 6 privacy), 0 for none.
    pub auth_level: u8,
    /// What carried it.
    pub transport: Transport,
    /// Who.
    pub principal: SessionPrincipal,
}

/// A request was sent and, perhaps, answered (C706 section 12.6.4.9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpcCalled {
    /// The interface, if its bind was seen.
    pub interface: Option<Guid>,
    /// Its standard short name, if known.
    pub interface_name: Option<String>,
    /// The operation number.
    pub opnum: u16,
    /// The standard's name of the operation, if known.
    pub operation: Option<String>,
    /// `p_cont_id`.
    pub context: u16,
    /// Object UUID of the request, if present (DCOM).
    pub object: Option<Guid>,
    /// `auth_level` of the call (6: sealed), 0 for none.
    pub auth_level: u8,
    /// Octets of request stub data over all fragments.
    pub request_octets: u32,
    /// Octets of response stub data over all fragments; `None` if no response was seen.
    pub response_octets: Option<u32>,
    /// `status` of a fault, if the answer was one.
    pub fault: Option<u32>,
    /// Return code at the end of a clear response: Win32, NTSTATUS or HRESULT by interface.
    pub return_code: Option<u32>,
    /// How it ended, as far as that can be read.
    pub outcome: Outcome,
    /// Arguments worth keeping, as far as they were in clear.
    pub arguments: Arguments,
    /// What carried it.
    pub transport: Transport,
    /// Who.
    pub principal: SessionPrincipal,
}

/// What a clear stub says, by interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Arguments {
    /// Not decoded: sealed, unknown or of no use.
    #[default]
    None,
    /// A service of the service control manager.
    Service {
        /// `lpServiceName`.
        name: String,
        /// `lpBinaryPathName`, if the call carries one.
        binary_path: Option<String>,
    },
    /// A scheduled task.
    Task {
        /// Path of the task.
        path: String,
        /// The command, if it was read.
        command: Option<String>,
    },
    /// A COM class was activated.
    Activation {
        /// The class.
        class: Guid,
    },
    /// Sessions that NetrSessionEnum gave away: user and client computer.
    Sessions(Vec<(String, String)>),
    /// Accounts, groups, aliases or domains, by name or number (MS-SAMR, MS-LSAT).
    Accounts(Box<Accounts>),
    /// Rights of an account are given, taken or asked for (MS-LSAD section 3.1.4.5).
    Rights {
        /// The account's SID; empty if the call asks who has a right.
        account: String,
        /// The rights: `SeDebugPrivilege`.
        rights: Vec<String>,
    },
    /// A secret or private data of the local security authority (MS-LSAD section 3.1.4.6).
    Secret {
        /// Its name: `G$BCKUPKEY_PREFERRED` leads to the domain's backup key.
        name: String,
    },
    /// A machine, or who claims to be it, at its secure channel (MS-NRPC section 3.5.4.4).
    SecureChannel(Box<SecureChannel>),
    /// A logon that a machine passes on through its secure channel (MS-NRPC section 3.5.4.5).
    PassedLogon(Box<PassedLogon>),
    /// Paths that the server is asked to open, to look at or to load: who names a path on another
    /// host makes the server log on there.
    Paths(Vec<String>),
    /// Shares that the call names or that the answer gave away.
    Shares(Vec<String>),
    /// Users that NetrWkstaUserEnum gave away: user and domain of the logon.
    LoggedOn(Vec<(String, String)>),
    /// A key of the registry (MS-RRP).
    Registry {
        /// The key from its root on, as far as its opening was seen: `HKLM\SECURITY`.
        key: String,
        /// The value, if the call names one; of a save, the file.
        value: Option<String>,
    },
    /// An event log (MS-EVEN, MS-EVEN6).
    EventLog {
        /// Its name, as far as its opening was seen.
        name: String,
        /// The file it is copied to before it is cleared, if one is named.
        backup: Option<String>,
    },
    /// An operation of the DNS server (MS-DNSP section 3.1.4).
    DnsServer(Box<DnsServer>),
    /// What the backup key protocol was asked for (MS-BKRP section 3.1.4.1).
    BackupKey {
        /// `pguidActionAgent`: restore, retrieve the domain's public key, or wrap.
        action: Guid,
    },
    /// A certificate is asked for (MS-ICPR section 3.2.4.1.1, MS-WCCE).
    Certificate(Box<CertificateRequest>),
    /// WMI (MS-WMI section 3.1.4).
    Wmi {
        /// The namespace, the path of the object or the query.
        object: String,
        /// The method, if one is executed.
        method: Option<String>,
    },
    /// A call of directory replication (MS-DRSR section 4.1).
    Replication(Box<Replication>),
}

/// Accounts, groups, aliases or domains that a call or its answer names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Accounts {
    /// What the call is about, as far as its opening was seen: the SID of a domain, or `user 1104`,
    /// `group 512`, `alias 544` in it.
    pub of: String,
    /// Names, at most 64.
    pub names: Vec<String>,
    /// Relative identifiers, at most 64.
    pub rids: Vec<u32>,
    /// SIDs, at most 64.
    pub sids: Vec<String>,
    /// How many the call asks for, or its answer gave.
    pub count: u32,
    /// `DesiredAccess` of an opening.
    pub access: Option<u32>,
    /// The information class of a query or of a change.
    pub level: Option<u16>,
    /// The kind of account that is made (`AccountType`, MS-SAMR section 2.2.1.12).
    pub kind: Option<u32>,
}

/// What a call of the secure channel says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SecureChannel {
    /// `AccountName`; empty for a challenge, which names none.
    pub account: AccountName,
    /// `ComputerName`.
    pub computer: String,
    /// `SecureChannelType`: 2 workstation, 6 domain controller.
    pub kind: Option<u16>,
    /// How many of the eight octets of the client's challenge or credential are zero: all by
    /// chance once in 2^64.
    pub zero_octets: Option<u8>,
    /// `NegotiateFlags`.
    pub flags: Option<u32>,
}

/// A logon passed on to a domain controller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PassedLogon {
    /// Who logs on.
    pub user: AccountName,
    /// In which domain.
    pub domain: DomainName,
    /// From which workstation.
    pub workstation: String,
    /// `LogonLevel`: 1 interactive, 2 network.
    pub level: u16,
}

/// An operation of the DNS server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DnsServer {
    /// The zone; empty for the server itself.
    pub zone: String,
    /// `pszOperation`, or the node of a record that is changed.
    pub operation: String,
    /// The value, if it is text: the library of `ServerLevelPluginDll`.
    pub value: Option<String>,
}

/// A request for a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateRequest {
    /// The certification authority.
    pub authority: String,
    /// Attributes beside the request: `CertificateTemplate:User`, `SAN:upn=administrator@...`.
    pub attributes: String,
    /// User principal names in the request itself, at most four.
    pub names: Vec<String>,
}

/// A call of directory replication.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Replication {
    /// The naming context or object: its distinguished name.
    pub object: String,
    /// Who asks: `puuidClientDsa` of a bind, `uuidDsaObjDest` of a request.
    pub client: Option<Guid>,
    /// Whose changes: `uuidInvocIdSrc`.
    pub source: Option<Guid>,
    /// The network address of a source or a partner, if the call names one.
    pub address: String,
    /// `ulFlags`, `ulOptions`; of a bind, `dwFlags` of its extensions.
    pub flags: u32,
    /// `ulExtendedOp`: 6 replicates a single object, 7 its secrets.
    pub extended_operation: u32,
    /// `cMaxObjects`.
    pub objects_max: u32,
    /// Names to be translated, at most 64.
    pub names: Vec<String>,
}

/// A call of the endpoint mapper answered with a tower (C706 appendix O, `ept_map`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointMapped {
    /// The interface asked for.
    pub interface: Guid,
    /// Its standard short name, if known.
    pub interface_name: Option<String>,
    /// TCP port where it listens, if the answer was seen.
    pub port: Option<u16>,
    /// The object asked for, if one is named.
    #[serde(default)]
    pub object: Option<Guid>,
    /// The pipe where it listens, in lower case without `\pipe\`.
    #[serde(default)]
    pub pipe: Option<String>,
    /// UDP port where it listens.
    #[serde(default)]
    pub udp_port: Option<u16>,
    /// TCP port where it listens for RPC over HTTP.
    #[serde(default)]
    pub http_port: Option<u16>,
}
