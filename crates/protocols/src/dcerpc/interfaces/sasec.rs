//! Accounts of scheduled tasks (MS-TSCH section 3.2.5.3).

use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Returns};
use realmward_event::rpc::Arguments;

/// `sasec`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x378e52b0_c0a9_11cf_822d_00aa0051e40f,
    1,
    "sasec",
    Returns::HResult,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "SASetAccountInformation"),
    (1, "SASetNSAccountInformation"),
    (2, "SAGetNSAccountInformation"),
    (3, "SAGetAccountInformation"),
];

/// `SASetAccountInformation`.
const DECODED: &[u16] = &[0];

/// `SASetAccountInformation(Handle, pwszJobName, pwszAccount, pwszPassword, ...)`: the account runs
/// the job, the password is not read.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    request.unique_wide_string(0).ok()?;
    let path = request.wide_string(NAME_CHARACTERS_MAX).ok()?;
    let command = None;
    Some(Meaning::Arguments(Arguments::Task { path, command }))
}
