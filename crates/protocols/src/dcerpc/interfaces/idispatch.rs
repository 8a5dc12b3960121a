//! OLE automation (MS-OAUT section 3.1.4): methods of COM objects by name.

use super::{Interface, Returns};

/// `idispatch`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x00020400_0000_0000_c000_000000000046,
    0,
    "idispatch",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "GetTypeInfoCount"),
    (4, "GetTypeInfo"),
    (5, "GetIDsOfNames"),
    (6, "Invoke"),
];
