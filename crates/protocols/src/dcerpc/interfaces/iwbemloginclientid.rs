//! A WMI client names itself (MS-WMI section 3.1.4.6).

use super::{Interface, Returns};

/// `iwbemloginclientid`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xd4781cd6_e5d3_44df_ad94_930efe48a887,
    0,
    "iwbemloginclientid",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "SetClientInfo"),
];
