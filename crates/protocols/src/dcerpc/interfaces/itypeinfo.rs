//! Descriptions of automation objects (MS-OAUT section 3.7.4): tools read them before they call.

use super::{Interface, Returns};

/// `itypeinfo`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x00020401_0000_0000_c000_000000000046,
    0,
    "itypeinfo",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "GetTypeAttr"),
    (4, "GetTypeComp"),
    (5, "GetFuncDesc"),
    (6, "GetVarDesc"),
    (7, "GetNames"),
];
