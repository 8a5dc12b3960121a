//! Certificate enrolment by DCOM (MS-WCCE section 3.2.1.4.2).

use super::{Interface, Returns};

/// `icertrequestd`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xd99e6e70_fc88_11d0_b498_00a0c90312f3,
    0,
    "icertrequestd",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "Request"),
    (4, "GetCACert"),
    (5, "Ping"),
];
