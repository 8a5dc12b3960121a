//! The workstation service (MS-WKST section 3.2.4).

use super::{Interface, Returns};

/// `wkssvc`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x6bffd098_a112_3610_9833_46c3f87e345a,
    1,
    "wkssvc",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "NetrWkstaGetInfo"),
    (1, "NetrWkstaSetInfo"),
    (2, "NetrWkstaUserEnum"),
    (5, "NetrWkstaTransportEnum"),
    (6, "NetrWkstaTransportAdd"),
    (7, "NetrWkstaTransportDel"),
    (8, "NetrUseAdd"),
    (9, "NetrUseGetInfo"),
    (10, "NetrUseDel"),
    (11, "NetrUseEnum"),
    (13, "NetrWorkstationStatisticsGet"),
    (20, "NetrGetJoinInformation"),
    (22, "NetrJoinDomain2"),
    (23, "NetrUnjoinDomain2"),
    (24, "NetrRenameMachineInDomain2"),
    (25, "NetrValidateName2"),
    (26, "NetrGetJoinableOUs2"),
    (27, "NetrAddAlternateComputerName"),
    (28, "NetrRemoveAlternateComputerName"),
    (29, "NetrSetPrimaryComputerName"),
    (30, "NetrEnumerateComputerNames"),
];
