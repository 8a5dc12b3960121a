//! Logon to WMI (MS-WMI section 3.1.4.1).

use super::{Interface, Returns};

/// `iwbemlevel1login`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xf309ad18_d86a_11d0_a075_00c04fb68820,
    0,
    "iwbemlevel1login",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "EstablishPosition"),
    (4, "RequestChallenge"),
    (5, "WBEMLogin"),
    (6, "NTLMLogin"),
];
