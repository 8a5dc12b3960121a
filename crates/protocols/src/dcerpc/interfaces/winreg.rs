//! The remote registry (MS-RRP section 3.1.5).

use super::{Interface, Returns};

/// `winreg`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x338cd001_2244_31f1_aaaa_900038001003,
    1,
    "winreg",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "OpenClassesRoot"),
    (1, "OpenCurrentUser"),
    (2, "OpenLocalMachine"),
    (3, "OpenPerformanceData"),
    (4, "OpenUsers"),
    (5, "BaseRegCloseKey"),
    (6, "BaseRegCreateKey"),
    (7, "BaseRegDeleteKey"),
    (8, "BaseRegDeleteValue"),
    (9, "BaseRegEnumKey"),
    (10, "BaseRegEnumValue"),
    (11, "BaseRegFlushKey"),
    (12, "BaseRegGetKeySecurity"),
    (13, "BaseRegLoadKey"),
    (15, "BaseRegOpenKey"),
    (16, "BaseRegQueryInfoKey"),
    (17, "BaseRegQueryValue"),
    (18, "BaseRegReplaceKey"),
    (19, "BaseRegRestoreKey"),
    (20, "BaseRegSaveKey"),
    (21, "BaseRegSetKeySecurity"),
    (22, "BaseRegSetValue"),
    (23, "BaseRegUnLoadKey"),
    (26, "BaseRegGetVersion"),
    (27, "OpenCurrentConfig"),
    (29, "BaseRegQueryMultipleValues"),
    (31, "BaseRegSaveKeyEx"),
    (32, "OpenPerformanceText"),
    (33, "OpenPerformanceNlsText"),
    (34, "BaseRegQueryMultipleValues2"),
    (35, "BaseRegDeleteKeyEx"),
];
