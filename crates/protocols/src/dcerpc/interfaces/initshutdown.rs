//! Remote shutdown (MS-RSP section 3.2.4).

use super::{Interface, Returns};

/// `initshutdown`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x894de0c0_0d55_11d3_a322_00c04fa321a1,
    1,
    "initshutdown",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "BaseInitiateShutdown"),
    (1, "BaseAbortShutdown"),
    (2, "BaseInitiateShutdownEx"),
];
