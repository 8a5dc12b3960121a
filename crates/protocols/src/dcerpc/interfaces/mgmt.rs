//! Remote management of RPC servers (C706 appendix Q).

use super::{Interface, Returns};

/// `mgmt`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xafa8bd80_7d8a_11c9_bef4_08002b102989,
    1,
    "mgmt",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "rpc_mgmt_inq_if_ids"),
    (1, "rpc_mgmt_inq_stats"),
    (2, "rpc_mgmt_is_server_listening"),
    (3, "rpc_mgmt_stop_server_listening"),
    (4, "rpc_mgmt_inq_princ_name"),
];
