//! Replication of files between domain controllers, SYSVOL among them (MS-FRS2 section 3.2.4.1).

use super::{Interface, Returns};

/// `frstrans`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x897e2e5f_93f3_4376_9c9c_fd2277495c27,
    1,
    "frstrans",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "CheckConnectivity"),
    (1, "EstablishConnection"),
    (2, "EstablishSession"),
    (3, "RequestUpdates"),
    (4, "RequestVersionVector"),
    (5, "AsyncPoll"),
    (6, "RequestRecords"),
    (7, "UpdateCancel"),
    (8, "RawGetFileData"),
    (9, "RdcGetSignatures"),
    (10, "RdcPushSourceNeeds"),
    (11, "RdcGetFileData"),
    (12, "RdcClose"),
    (13, "InitializeFileTransferAsync"),
    (15, "RawGetFileDataAsync"),
    (16, "RdcGetFileDataAsync"),
    (17, "RdcFileDataTransferKeepAlive"),
];
