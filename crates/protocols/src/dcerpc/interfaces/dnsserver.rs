//! Management of DNS servers (MS-DNSP section 3.1.4).

use super::{Interface, Returns};

/// `dnsserver`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x50abc2a4_574d_40b3_9d66_ee4fd5fba076,
    5,
    "dnsserver",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "R_DnssrvOperation"),
    (1, "R_DnssrvQuery"),
    (2, "R_DnssrvComplexOperation"),
    (3, "R_DnssrvEnumRecords"),
    (4, "R_DnssrvUpdateRecord"),
    (5, "R_DnssrvOperation2"),
    (6, "R_DnssrvQuery2"),
    (7, "R_DnssrvComplexOperation2"),
    (8, "R_DnssrvEnumRecords2"),
    (9, "R_DnssrvUpdateRecord2"),
];
