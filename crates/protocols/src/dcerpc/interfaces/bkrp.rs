//! Backup of data protection keys (MS-BKRP section 3.1.4).

use super::{Clear, Handles, Interface, Meaning, Returns};
use realmward_event::rpc::Arguments;

/// `bkrp`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x3dde7c30_165d_11d1_ab8f_00805f14db40,
    1,
    "bkrp",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[(0, "BackuprKey")];

/// `BackuprKey`.
const DECODED: &[u16] = &[0];

/// `BackuprKey(pguidActionAgent, ...)`.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    let action = request.guid().ok()?;
    Some(Meaning::Arguments(Arguments::BackupKey { action }))
}
