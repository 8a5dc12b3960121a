//! The role of a machine in its domain (MS-DSSP section 3.2.5).

use super::{Interface, Returns};

/// `dssetup`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x3919286a_b10c_11d0_9ba8_00c04fd92ef5,
    0,
    "dssetup",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[(0, "DsRolerGetPrimaryDomainInformation")];
