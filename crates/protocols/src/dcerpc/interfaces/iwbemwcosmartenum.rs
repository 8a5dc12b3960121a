//! Results of WMI queries, packed (MS-WMI section 3.1.4.9).

use super::{Interface, Returns};

/// `iwbemwcosmartenum`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x423ec01e_2e35_11d2_b604_00104b703efd,
    0,
    "iwbemwcosmartenum",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "Next"),
];
