//! WMI (MS-WMI section 3.1.4.3): `ExecMethod` starts processes, `PutInstance` subscribes to events.

use super::iactivation::orpc_this;
use super::shapes;
use super::{
    COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns,
};
use crate::wire::ParseError;
use realmward_event::rpc::Arguments;

/// `iwbemservices`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x9556dc99_828c_11cf_a37e_00aa003240c7,
    0,
    "iwbemservices",
    Returns::HResult,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "OpenNamespace"),
    (4, "CancelAsyncCall"),
    (5, "QueryObjectSink"),
    (6, "GetObject"),
    (7, "GetObjectAsync"),
    (8, "PutClass"),
    (9, "PutClassAsync"),
    (10, "DeleteClass"),
    (11, "DeleteClassAsync"),
    (12, "CreateClassEnum"),
    (13, "CreateClassEnumAsync"),
    (14, "PutInstance"),
    (15, "PutInstanceAsync"),
    (16, "DeleteInstance"),
    (17, "DeleteInstanceAsync"),
    (18, "CreateInstanceEnum"),
    (19, "CreateInstanceEnumAsync"),
    (20, "ExecQuery"),
    (21, "ExecQueryAsync"),
    (22, "ExecNotificationQuery"),
    (23, "ExecNotificationQueryAsync"),
    (24, "ExecMethod"),
    (25, "ExecMethodAsync"),
];

/// What names an object, a method or a query.
const DECODED: &[u16] = &[
    3,
    6,
    10,
    16,
    EXEC_QUERY,
    21,
    22,
    23,
    EXEC_METHOD,
    EXEC_METHOD_ASYNC,
];

fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let (object, method) = asked(clear).ok()?;
    Some(Meaning::Arguments(Arguments::Wmi { object, method }))
}

/// `ExecMethod(orpcthis, strObjectPath, strMethodName, ...)`, `ExecQuery(orpcthis, strQueryLanguage,
/// strQuery, ...)`; the others begin with the object's path.
fn asked(clear: &Clear<'_>) -> Result<(String, Option<String>), ParseError> {
    let mut request = clear.request;
    orpc_this(&mut request)?;
    if (EXEC_QUERY..EXEC_METHOD).contains(&clear.opnum) {
        basic_string(&mut request, 0)?;
        return Ok((basic_string(&mut request, COMMAND_CHARACTERS_MAX)?, None));
    }
    let object = basic_string(&mut request, NAME_CHARACTERS_MAX)?;
    let method = match clear.opnum {
        EXEC_METHOD | EXEC_METHOD_ASYNC => Some(basic_string(&mut request, NAME_CHARACTERS_MAX)?),
        _ => None,
    };
    Ok((object, method))
}

/// `BSTR` (MS-OAUT section 2.2.23): a pointer to a `FLAGGED_WORD_BLOB`, whose maximum count stands
/// before `cBytes clSize asData`.
fn basic_string(request: &mut Ndr<'_>, characters_max: usize) -> Result<String, ParseError> {
    if !request.pointer()? {
        return Ok(String::new());
    }
    request.size()?; // maximum count
    request.u32()?; // cBytes
    let count = usize::try_from(request.u32()?).unwrap_or(usize::MAX);
    let octets = request.take(count.saturating_mul(2))?;
    Ok(shapes::utf16(octets, characters_max))
}

const EXEC_QUERY: u16 = 20;
const EXEC_METHOD: u16 = 24;
const EXEC_METHOD_ASYNC: u16 = 25;
