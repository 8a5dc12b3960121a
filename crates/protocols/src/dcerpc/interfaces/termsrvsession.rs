//! Sessions of a terminal server (MS-TSTS section 3.3.4.1).

use super::{Interface, Returns};

/// `termsrvsession`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x484809d6_4239_471b_b5bc_61df8c23ac48,
    1,
    "termsrvsession",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "RpcOpenSession"),
    (1, "RpcCloseSession"),
    (2, "RpcConnect"),
    (3, "RpcDisconnect"),
    (4, "RpcLogoff"),
    (5, "RpcGetUserName"),
    (6, "RpcGetTerminalName"),
    (7, "RpcGetState"),
    (8, "RpcIsSessionDesktopLocked"),
    (9, "RpcShowMessageBox"),
    (10, "RpcGetTimes"),
    (11, "RpcGetSessionCounters"),
    (12, "RpcGetSessionInformation"),
    (15, "RpcGetLoggedOnCount"),
    (16, "RpcGetSessionType"),
    (17, "RpcGetSessionInformationEx"),
];
