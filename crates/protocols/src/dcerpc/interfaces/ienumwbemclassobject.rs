//! Results of WMI queries (MS-WMI section 3.1.4.4).

use super::{Interface, Returns};

/// `ienumwbemclassobject`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x027947e1_d731_11ce_a357_000000000001,
    0,
    "ienumwbemclassobject",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "Reset"),
    (4, "Next"),
    (5, "NextAsync"),
    (6, "Clone"),
    (7, "Skip"),
];
