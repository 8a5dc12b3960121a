//! Accounts of scheduled tasks (MS-TSCH section 3.2.5.3).

use super::{Interface, Returns};

/// `sasec`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x378e52b0_c0a9_11cf_822d_00aa0051e40f,
    1,
    "sasec",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "SASetAccountInformation"),
    (1, "SASetNSAccountInformation"),
    (2, "SAGetNSAccountInformation"),
    (3, "SAGetAccountInformation"),
];
