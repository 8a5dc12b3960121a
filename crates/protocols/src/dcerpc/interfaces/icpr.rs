//! Certificate enrolment without DCOM (MS-ICPR section 3.2.4).

use super::{Interface, Returns};

/// `icpr`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x91ae6020_9e3c_11cf_8d7c_00aa00c091be,
    0,
    "icpr",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[(0, "CertServerRequest")];
