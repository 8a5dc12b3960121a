//! The encrypting file system on its own pipe (MS-EFSR section 3.1.4); a path that names another host makes the server log on there.

use super::shapes;
use super::{COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, Returns};

/// `efsr`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xdf1941c5_fe89_4e79_bf10_463657acf44d,
    1,
    "efsr",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode)
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

/// What names a file.
pub(super) const DECODED: &[u16] = &[0, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 18, 19, 20, 21, 22];

/// Most begin with `FileName`; `EfsRpcAddUsersToFileEx` and `EfsRpcFileKeyInfoEx` have
/// `dwFlags Reserved` before it, and `EfsRpcDuplicateEncryptionInfoFile` names two.
pub(super) fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    if matches!(clear.opnum, ADD_USERS_EX | KEY_INFO_EX) {
        request.u32().ok()?;
        if request.pointer().ok()? {
            return None; // nobody fills in what is reserved
        }
    }
    let mut paths = vec![request.wide_string(COMMAND_CHARACTERS_MAX).ok()?];
    if clear.opnum == DUPLICATE {
        paths.extend(request.wide_string(COMMAND_CHARACTERS_MAX));
    }
    shapes::paths(paths)
}

const DUPLICATE: u16 = 13;
const ADD_USERS_EX: u16 = 15;
const KEY_INFO_EX: u16 = 16;
