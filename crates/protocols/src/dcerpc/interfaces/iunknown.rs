//! The root of all COM interfaces (MS-DCOM section 3.1.1.5.8).

use super::{Interface, Returns};

/// `iunknown`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x00000000_0000_0000_c000_000000000046,
    0,
    "iunknown",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[(0, "QueryInterface"), (1, "AddRef"), (2, "Release")];
