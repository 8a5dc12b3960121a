//! Tasks by the AT command (MS-TSCH section 3.2.5.2).

use super::{COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, Returns};
use realmward_event::rpc::Arguments;

/// `atsvc`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x1ff70682_0a51_30e8_076d_740be8cee98b,
    1,
    "atsvc",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "NetrJobAdd"),
    (1, "NetrJobDel"),
    (2, "NetrJobEnum"),
    (3, "NetrJobGetInfo"),
];

/// `NetrJobAdd`.
const DECODED: &[u16] = &[0];

/// `NetrJobAdd(ServerName, pAtInfo)`; `AT_INFO` is `JobTime DaysOfMonth DaysOfWeek Flags Command`.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    request.unique_wide_string(0).ok()?;
    request.size().ok()?; // JobTime is a DWORD_PTR
    request.u32().ok()?;
    request.u8().ok()?;
    request.u8().ok()?;
    let command = request.unique_wide_string(COMMAND_CHARACTERS_MAX).ok()?;
    Some(Meaning::Arguments(Arguments::Task {
        path: String::new(),
        command,
    }))
}
