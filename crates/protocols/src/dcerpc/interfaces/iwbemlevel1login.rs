//! Logon to WMI (MS-WMI section 3.1.4.1).

use super::iactivation::orpc_this;
use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Returns};
use realmward_event::rpc::Arguments;

/// `iwbemlevel1login`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xf309ad18_d86a_11d0_a075_00c04fb68820,
    0,
    "iwbemlevel1login",
    Returns::HResult,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "EstablishPosition"),
    (4, "RequestChallenge"),
    (5, "WBEMLogin"),
    (6, "NTLMLogin"),
];

/// `NTLMLogin`.
const DECODED: &[u16] = &[6];

/// `NTLMLogin(orpcthis, wszNetworkResource, ...)`: the namespace.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    orpc_this(&mut request).ok()?;
    let object = request.unique_wide_string(NAME_CHARACTERS_MAX).ok()??;
    let method = None;
    Some(Meaning::Arguments(Arguments::Wmi { object, method }))
}
