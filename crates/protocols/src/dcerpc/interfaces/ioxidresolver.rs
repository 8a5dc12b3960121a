//! Where COM objects live (`IObjectExporter`, MS-DCOM section 3.1.2.5.1).

use super::{Interface, Returns};

/// `ioxidresolver`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x99fcfec4_5260_101b_bbcb_00aa0021347a,
    0,
    "ioxidresolver",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "ResolveOxid"),
    (1, "SimplePing"),
    (2, "ComplexPing"),
    (3, "ServerAlive"),
    (4, "ResolveOxid2"),
    (5, "ServerAlive2"),
];
