//! The workstation service (MS-WKST section 3.2.4).

use super::shapes::NAMES_MAX;
use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns};
use crate::wire::ParseError;
use realmward_event::rpc::Arguments;

/// `wkssvc`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x6bffd098_a112_3610_9833_46c3f87e345a,
    1,
    "wkssvc",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "NetrWkstaGetInfo"),
    (1, "NetrWkstaSetInfo"),
    (2, "NetrWkstaUserEnum"),
    (5, "NetrWkstaTransportEnum"),
    (6, "NetrWkstaTransportAdd"),
    (7, "NetrWkstaTransportDel"),
    (8, "NetrUseAdd"),
    (9, "NetrUseGetInfo"),
    (10, "NetrUseDel"),
    (11, "NetrUseEnum"),
    (13, "NetrWorkstationStatisticsGet"),
    (20, "NetrGetJoinInformation"),
    (22, "NetrJoinDomain2"),
    (23, "NetrUnjoinDomain2"),
    (24, "NetrRenameMachineInDomain2"),
    (25, "NetrValidateName2"),
    (26, "NetrGetJoinableOUs2"),
    (27, "NetrAddAlternateComputerName"),
    (28, "NetrRemoveAlternateComputerName"),
    (29, "NetrSetPrimaryComputerName"),
    (30, "NetrEnumerateComputerNames"),
];

/// `NetrWkstaUserEnum`.
const DECODED: &[u16] = &[2];

fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let users = users(clear.response?).ok()?;
    Some(Meaning::Arguments(Arguments::LoggedOn(users)))
}

/// `WKSTA_USER_ENUM_STRUCT` (MS-WKST section 2.2.5.14): `Level`, a union with a container of
/// `EntriesRead Buffer`, whose rows of one or four names come first and the names after them.
fn users(mut ndr: Ndr<'_>) -> Result<Vec<(String, String)>, ParseError> {
    let columns = match ndr.u32()? {
        0 => 1,
        1 => 4, // wkui1_username wkui1_logon_domain wkui1_oth_domains wkui1_logon_server
        _ => return Err(ParseError::Malformed { field: "Level" }),
    };
    let Some(count) = ndr.rows()? else {
        return Ok(Vec::new());
    };
    let mut present = Vec::new();
    for _ in 0..count {
        let mut row = [false; 4];
        for name in row.iter_mut().take(columns) {
            *name = ndr.pointer()?;
        }
        present.push(row);
    }
    let mut users = Vec::new();
    for row in present.into_iter().take(NAMES_MAX) {
        let [user, domain, ..] = ndr.wide_strings(row, NAME_CHARACTERS_MAX)?;
        users.push((user, domain));
    }
    Ok(users)
}
