//! Sessions of a terminal server (MS-TSTS section 3.5.4).

use super::{Interface, Returns};

/// `termsrvenumeration`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x88143fd0_c28d_4b2b_8fef_8d882f6a9390,
    1,
    "termsrvenumeration",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "RpcOpenEnum"),
    (1, "RpcCloseEnum"),
    (2, "RpcFilterByState"),
    (3, "RpcFilterByCallersName"),
    (4, "RpcEnumAddFilter"),
    (5, "RpcGetEnumResult"),
    (6, "RpcFilterBySessionType"),
    (8, "RpcGetSessionIds"),
    (9, "RpcGetEnumResultEx"),
    (10, "RpcGetAllSessions"),
    (11, "RpcGetAllSessionsEx"),
];
