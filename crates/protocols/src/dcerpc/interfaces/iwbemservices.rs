//! WMI (MS-WMI section 3.1.4.3): `ExecMethod` starts processes, `PutInstance` subscribes to events.

use super::{Interface, Returns};

/// `iwbemservices`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x9556dc99_828c_11cf_a37e_00aa003240c7,
    0,
    "iwbemservices",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "OpenNamespace"),
    (4, "CancelAsyncCall"),
    (5, "QueryObjectSink"),
    (6, "GetObject"),
    (7, "GetObjectAsync"),
    (8, "PutClass"),
    (9, "PutClassAsync"),
    (10, "DeleteClass"),
    (11, "DeleteClassAsync"),
    (12, "CreateClassEnum"),
    (13, "CreateClassEnumAsync"),
    (14, "PutInstance"),
    (15, "PutInstanceAsync"),
    (16, "DeleteInstance"),
    (17, "DeleteInstanceAsync"),
    (18, "CreateInstanceEnum"),
    (19, "CreateInstanceEnumAsync"),
    (20, "ExecQuery"),
    (21, "ExecQueryAsync"),
    (22, "ExecNotificationQuery"),
    (23, "ExecNotificationQueryAsync"),
    (24, "ExecMethod"),
    (25, "ExecMethodAsync"),
];
