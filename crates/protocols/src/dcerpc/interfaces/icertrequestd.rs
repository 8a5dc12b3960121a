//! Certificate enrolment by DCOM (MS-WCCE section 3.2.1.4.2).

use super::iactivation::orpc_this;
use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Returns, icpr};
use crate::wire::ParseError;
use realmward_event::rpc::CertificateRequest;

/// `icertrequestd`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xd99e6e70_fc88_11d0_b498_00a0c90312f3,
    0,
    "icertrequestd",
    Returns::HResult,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "Request"),
    (4, "GetCACert"),
    (5, "Ping"),
];

/// `Request`.
const DECODED: &[u16] = &[3];

fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut it = CertificateRequest::default();
    // What was read before a fault counts.
    let _ = asked(clear, &mut it);
    icpr::certificate(it)
}

/// `Request(orpcthis, dwFlags, pwszAuthority, pdwRequestId, pwszAttributes, pctbRequest)`.
fn asked(clear: &Clear<'_>, it: &mut CertificateRequest) -> Result<(), ParseError> {
    let mut request = clear.request;
    orpc_this(&mut request)?;
    request.u32()?;
    let authority = request.unique_wide_string(NAME_CHARACTERS_MAX)?;
    it.authority = authority.unwrap_or_default();
    request.u32()?;
    let attributes = request.unique_wide_string(NAME_CHARACTERS_MAX)?;
    it.attributes = attributes.unwrap_or_default();
    it.names = icpr::principal_names(icpr::blob(&mut request)?);
    Ok(())
}
