//! Backup of data protection keys (MS-BKRP section 3.1.4).

use super::{Interface, Returns};

/// `bkrp`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x3dde7c30_165d_11d1_ab8f_00805f14db40,
    1,
    "bkrp",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[(0, "BackuprKey")];
