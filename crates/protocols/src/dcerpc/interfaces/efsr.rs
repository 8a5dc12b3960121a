//! The encrypting file system on its own pipe (MS-EFSR section 3.1.4); a path that names another host makes the server log on there.

use super::{Interface, Returns};

/// `efsr`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xdf1941c5_fe89_4e79_bf10_463657acf44d,
    1,
    "efsr",
    Returns::Win32,
    OPERATIONS,
)
.unjudged(&[3]);

pub(super) const OPERATIONS: &[(u16, &str)] = &[
    (0, "EfsRpcOpenFileRaw"),
    (1, "EfsRpcReadFileRaw"),
    (2, "EfsRpcWriteFileRaw"),
    (3, "EfsRpcCloseRaw"),
    (4, "EfsRpcEncryptFileSrv"),
    (5, "EfsRpcDecryptFileSrv"),
    (6, "EfsRpcQueryUsersOnFile"),
    (7, "EfsRpcQueryRecoveryAgents"),
    (8, "EfsRpcRemoveUsersFromFile"),
    (9, "EfsRpcAddUsersToFile"),
    (11, "EfsRpcNotSupported"),
    (12, "EfsRpcFileKeyInfo"),
    (13, "EfsRpcDuplicateEncryptionInfoFile"),
    (15, "EfsRpcAddUsersToFileEx"),
    (16, "EfsRpcFileKeyInfoEx"),
    (18, "EfsRpcGetEncryptedFileMetadata"),
    (19, "EfsRpcSetEncryptedFileMetadata"),
    (20, "EfsRpcFlushEfsCache"),
    (21, "EfsRpcEncryptFileExSrv"),
    (22, "EfsRpcQueryProtectors"),
];
