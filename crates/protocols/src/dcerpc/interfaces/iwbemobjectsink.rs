//! A WMI client receives results (MS-WMI section 3.1.4.5).

use super::{Interface, Returns};

/// `iwbemobjectsink`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x7c857801_7381_11cf_884d_00aa004b2e24,
    0,
    "iwbemobjectsink",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "Indicate"),
    (4, "SetStatus"),
];
