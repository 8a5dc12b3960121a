//! Diagnostic scripts of the directory service (MS-DRSR section 4.2).

use super::{Interface, Returns};

/// `dsaop`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x7c44d7d4_31d5_424c_bd5e_2b3e1f323d22,
    1,
    "dsaop",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[(0, "DSAPrepareScript"), (1, "DSAExecuteScript")];
