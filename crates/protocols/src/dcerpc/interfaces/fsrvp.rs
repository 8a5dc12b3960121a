//! Shadow copies of shares (MS-FSRVP section 3.1.4); a path that names another host makes the server log on there.

use super::shapes;
use super::{COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, Returns};

/// `fsrvp`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xa8e0653c_2744_4389_a61d_7373df8b2292,
    1,
    "fsrvp",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "GetSupportedVersion"),
    (1, "SetContext"),
    (2, "StartShadowCopySet"),
    (3, "AddToShadowCopySet"),
    (4, "CommitShadowCopySet"),
    (5, "ExposeShadowCopySet"),
    (6, "RecoveryCompleteShadowCopySet"),
    (7, "AbortShadowCopySet"),
    (8, "IsPathSupported"),
    (9, "IsPathShadowCopied"),
    (10, "GetShareMapping"),
    (11, "DeleteShareMapping"),
    (12, "PrepareShadowCopySet"),
];

/// What names a share.
const DECODED: &[u16] = &[ADD, 8, 9];

/// `IsPathSupported(ShareName)`, `IsPathShadowCopied(ShareName)`,
/// `AddToShadowCopySet(ClientShadowCopyId, ShadowCopySetId, ShareName)`.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    if clear.opnum == ADD {
        request.guid().ok()?;
        request.guid().ok()?;
    }
    shapes::paths(vec![request.wide_string(COMMAND_CHARACTERS_MAX).ok()?])
}

const ADD: u16 = 3;
