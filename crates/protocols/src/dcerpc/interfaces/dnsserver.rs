//! Management of DNS servers (MS-DNSP section 3.1.4).

use super::{
    COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns,
};
use crate::wire::ParseError;
use realmward_event::rpc::{Arguments, DnsServer};

/// `dnsserver`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x50abc2a4_574d_40b3_9d66_ee4fd5fba076,
    5,
    "dnsserver",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "R_DnssrvOperation"),
    (1, "R_DnssrvQuery"),
    (2, "R_DnssrvComplexOperation"),
    (3, "R_DnssrvEnumRecords"),
    (4, "R_DnssrvUpdateRecord"),
    (5, "R_DnssrvOperation2"),
    (6, "R_DnssrvQuery2"),
    (7, "R_DnssrvComplexOperation2"),
    (8, "R_DnssrvEnumRecords2"),
    (9, "R_DnssrvUpdateRecord2"),
];

/// Operations, queries, and changes of records; those from 5 on have two words more.
const DECODED: &[u16] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut it = DnsServer::default();
    // What was read before a fault counts.
    let _ = asked(clear, &mut it);
    (it != DnsServer::default()).then(|| Meaning::Arguments(Arguments::DnsServer(Box::new(it))))
}

/// `R_DnssrvOperation(pwszServerName, pszZone, dwContext, pszOperation, dwTypeId, pData)`,
/// `R_DnssrvQuery(pwszServerName, pszZone, pszOperation)`, `R_DnssrvUpdateRecord(pwszServerName,
/// pszZone, pszNodeName, ...)`.
fn asked(clear: &Clear<'_>, it: &mut DnsServer) -> Result<(), ParseError> {
    let mut request = clear.request;
    if FIRST_WITH_VERSION <= clear.opnum {
        request.u32()?; // dwClientVersion
        request.u32()?; // dwSettingFlags
    }
    request.unique_wide_string(0)?;
    it.zone = unique(&mut request)?;
    match clear.opnum % FIRST_WITH_VERSION {
        OPERATION => {
            request.u32()?;
            it.operation = unique(&mut request)?;
            it.value = value(&mut request)?;
        }
        UPDATE_RECORD => it.operation = request.narrow_string(NAME_CHARACTERS_MAX)?,
        _ => it.operation = unique(&mut request)?,
    }
    Ok(())
}

/// `dwTypeId` and its union (MS-DNSP section 2.2.1.1.5), if it is text or a number.
fn value(request: &mut Ndr<'_>) -> Result<Option<String>, ParseError> {
    request.u32()?; // dwTypeId, which the union says again
    let kind = request.u32()?;
    Ok(match kind {
        TYPE_DWORD => Some(request.u32()?.to_string()),
        TYPE_LPSTR if request.pointer()? => Some(request.narrow_string(COMMAND_CHARACTERS_MAX)?),
        TYPE_LPWSTR if request.pointer()? => Some(request.wide_string(COMMAND_CHARACTERS_MAX)?),
        TYPE_NAME_AND_PARAM if request.pointer()? => {
            let number = request.u32()?;
            let has_name = request.pointer()?;
            let name = match has_name {
                true => request.narrow_string(NAME_CHARACTERS_MAX)?,
                false => String::new(),
            };
            Some(format!("{name} {number}"))
        }
        _ => None,
    })
}

fn unique(request: &mut Ndr<'_>) -> Result<String, ParseError> {
    match request.pointer()? {
        true => request.narrow_string(NAME_CHARACTERS_MAX),
        false => Ok(String::new()),
    }
}

const OPERATION: u16 = 0;
const UPDATE_RECORD: u16 = 4;
/// `R_DnssrvOperation2`; its sisters follow in the order of the older ones.
const FIRST_WITH_VERSION: u16 = 5;
const TYPE_DWORD: u32 = 1;
const TYPE_LPSTR: u32 = 2;
const TYPE_LPWSTR: u32 = 3;
const TYPE_NAME_AND_PARAM: u32 = 15;
