//! DFS namespaces (MS-DFSNM section 3.1.4); a root on another host makes the server log on there.

use super::shapes;
use super::{COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, Returns};

/// `dfsnm`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x4fc742e0_4a10_11cf_8273_00aa004ae673,
    3,
    "dfsnm",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode)
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

/// What names a server and its root, or a link.
const DECODED: &[u16] = &[1, 2, 4, 10, 11, 12, 13, 15];

/// `NetrDfsAddStdRoot(ServerName, RootShare, ...)` and its sisters; the links begin with a path.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    let mut paths = vec![request.wide_string(COMMAND_CHARACTERS_MAX).ok()?];
    if 10 <= clear.opnum {
        paths.extend(request.wide_string(COMMAND_CHARACTERS_MAX));
    }
    shapes::paths(paths)
}
