//! COM class factories.

use super::{Interface, Returns};

/// `iclassfactory`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x00000001_0000_0000_c000_000000000046,
    0,
    "iclassfactory",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "CreateInstance"),
    (4, "LockServer"),
];
