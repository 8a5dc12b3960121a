//! References to COM objects (MS-DCOM section 3.1.1.5.6).

use super::{Interface, Returns};

/// `iremunknown`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x00000131_0000_0000_c000_000000000046,
    0,
    "iremunknown",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "RemQueryInterface"),
    (4, "RemAddRef"),
    (5, "RemRelease"),
];
