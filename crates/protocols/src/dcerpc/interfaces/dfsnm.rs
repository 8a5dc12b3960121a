//! DFS namespaces (MS-DFSNM section 3.1.4); a root on another host makes the server log on there.

use super::{Interface, Returns};

/// `dfsnm`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x4fc742e0_4a10_11cf_8273_00aa004ae673,
    3,
    "dfsnm",
    Returns::Win32,
    OPERATIONS,
)
.unjudged(&[0]);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "NetrDfsManagerGetVersion"),
    (1, "NetrDfsAdd"),
    (2, "NetrDfsRemove"),
    (3, "NetrDfsSetInfo"),
    (4, "NetrDfsGetInfo"),
    (5, "NetrDfsEnum"),
    (6, "NetrDfsMove"),
    (10, "NetrDfsAddFtRoot"),
    (11, "NetrDfsRemoveFtRoot"),
    (12, "NetrDfsAddStdRoot"),
    (13, "NetrDfsRemoveStdRoot"),
    (14, "NetrDfsManagerInitialize"),
    (15, "NetrDfsAddStdRootForced"),
    (16, "NetrDfsGetDcAddress"),
    (17, "NetrDfsSetDcAddress"),
    (18, "NetrDfsFlushFtTable"),
    (19, "NetrDfsAdd2"),
    (20, "NetrDfsRemove2"),
    (21, "NetrDfsEnumEx"),
    (22, "NetrDfsSetInfo2"),
    (23, "NetrDfsAddRootTarget"),
    (24, "NetrDfsRemoveRootTarget"),
    (25, "NetrDfsGetSupportedNamespaceVersion"),
];
