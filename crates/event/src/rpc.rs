//! DCE/RPC: bindings, calls and endpoint mappings (C706, MS-RPCE).

use crate::{Outcome, SessionPrincipal};
use realmward_vocab::Guid;
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
}

/// A presentation context was asked for and, perhaps, accepted (C706 section 12.6.4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpcBound {
    /// The interface.
    pub interface: Guid,
    /// Its standard short name, like `drsuapi`, if known.
    pub interface_name: Option<String>,
    /// `p_cont_id`.
    pub context: u16,
    /// How many contexts the same bind asked for.
    pub contexts_asked: u16,
    /// Whether the same bind offered bind-time feature negotiation (MS-RPCE section 3.3.1.5.3).
    pub bind_time_features: bool,
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
}
