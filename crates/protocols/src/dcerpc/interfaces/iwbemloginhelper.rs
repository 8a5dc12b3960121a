//! Local logon to WMI (MS-WMI section 3.1.4.7).

use super::{Interface, Returns};

/// `iwbemloginhelper`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x541679ab_2e5f_11d3_b34e_00104bcc4b4a,
    0,
    "iwbemloginhelper",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "SetEvent"),
];
