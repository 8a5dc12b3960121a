//! Remote shutdown over TCP (MS-RSP section 3.1.4).

use super::{Interface, Returns};

/// `windowsshutdown`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xd95afe70_a6d5_4259_822e_2c84da1ddb0d,
    1,
    "windowsshutdown",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[(0, "WsdrInitiateShutdown"), (1, "WsdrAbortShutdown")];
