//! Activation of COM classes, the old way (MS-DCOM section 3.1.2.5.2.3.1).

use super::{Clear, Handles, Interface, Meaning, Ndr, Returns};
use crate::wire::ParseError;
use realmward_event::rpc::Arguments;

/// `iactivation`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x4d9f4ab8_7d1c_11cf_861e_0020af6e7c57,
    0,
    "iactivation",
    Returns::HResult,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[(0, "RemoteActivation")];

/// `RemoteActivation`.
const DECODED: &[u16] = &[0];

/// `RemoteActivation(ORPCthis, Clsid, ...)`.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    orpc_this(&mut request).ok()?;
    let class = request.guid().ok()?;
    Some(Meaning::Arguments(Arguments::Activation { class }))
}

/// `ORPCTHIS` (MS-DCOM section 2.2.13.3): `version(4) flags(4) reserved1(4) cid(16) extensions`.
/// Nobody sends extensions; who does is not read further.
pub(super) fn orpc_this(ndr: &mut Ndr<'_>) -> Result<(), ParseError> {
    ndr.take(28)?;
    match ndr.pointer()? {
        true => Err(ParseError::Malformed {
            field: "extensions",
        }),
        false => Ok(()),
    }
}
