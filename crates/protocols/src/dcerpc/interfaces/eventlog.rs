//! The event log (MS-EVEN section 3.1.4).

use super::{Interface, Returns};

/// `eventlog`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x82273fdc_e32a_18c3_3f78_827929dc23ea,
    0,
    "eventlog",
    Returns::NtStatus,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "ElfrClearELFW"),
    (1, "ElfrBackupELFW"),
    (2, "ElfrCloseEL"),
    (3, "ElfrDeregisterEventSource"),
    (4, "ElfrNumberOfRecords"),
    (5, "ElfrOldestRecord"),
    (6, "ElfrChangeNotify"),
    (7, "ElfrOpenELW"),
    (8, "ElfrRegisterEventSourceW"),
    (9, "ElfrOpenBELW"),
    (10, "ElfrReadELW"),
    (11, "ElfrReportEventW"),
    (12, "ElfrClearELFA"),
    (13, "ElfrBackupELFA"),
    (14, "ElfrOpenELA"),
    (15, "ElfrRegisterEventSourceA"),
    (16, "ElfrOpenBELA"),
    (17, "ElfrReadELA"),
    (18, "ElfrReportEventA"),
    (22, "ElfrGetLogInformation"),
    (24, "ElfrReportEventAndSourceW"),
    (25, "ElfrReportEventExW"),
    (26, "ElfrReportEventExA"),
];
