//! Results of single WMI calls (MS-WMI section 3.1.4.2).

use super::{Interface, Returns};

/// `iwbemcallresult`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x44aca675_e8fc_11d0_a07c_00c04fb68820,
    0,
    "iwbemcallresult",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "GetResultObject"),
    (4, "GetResultString"),
    (5, "GetResultServices"),
    (6, "GetCallStatus"),
];
