//! Clients of a terminal server, and looking over their shoulders (MS-TSTS section 3.5.4.1).

use super::{Interface, Returns};

/// `rcmpublic`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xbde95fdf_eec0_45de_9e12_e5a61cd0d4fe,
    1,
    "rcmpublic",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "RpcGetClientData"),
    (1, "RpcGetConfigData"),
    (2, "RpcGetProtocolStatus"),
    (3, "RpcGetLastInputTime"),
    (4, "RpcGetRemoteAddress"),
    (5, "RpcShadow"),
    (6, "RpcShadowTarget"),
    (7, "RpcShadowStop"),
    (8, "RpcGetAllListeners"),
    (9, "RpcGetSessionProtocolLastInputTime"),
    (10, "RpcGetUserCertificates"),
    (11, "RpcQuerySessionData"),
];
