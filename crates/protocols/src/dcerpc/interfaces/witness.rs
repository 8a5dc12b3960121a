//! Witnesses of clustered shares (MS-SWN section 3.1.4).

use super::{Interface, Returns};

/// `witness`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xccd8c074_d0e5_4a40_92b4_d074faa6ba28,
    1,
    "witness",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "WitnessrGetInterfaceList"),
    (1, "WitnessrRegister"),
    (2, "WitnessrUnRegister"),
    (3, "WitnessrAsyncNotify"),
    (4, "WitnessrRegisterEx"),
];
