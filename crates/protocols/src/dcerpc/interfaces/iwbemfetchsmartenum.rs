//! Results of WMI queries, packed (MS-WMI section 3.1.4.8).

use super::{Interface, Returns};

/// `iwbemfetchsmartenum`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x1c1c45ee_4395_11d2_b60b_00104b703efd,
    0,
    "iwbemfetchsmartenum",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "GetSmartEnum"),
];
