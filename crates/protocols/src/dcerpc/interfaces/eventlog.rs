//! The event log (MS-EVEN section 3.1.4).

use super::shapes;
use super::{
    COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Returns,
};
use realmward_event::rpc::Arguments;

/// `eventlog`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x82273fdc_e32a_18c3_3f78_827929dc23ea,
    0,
    "eventlog",
    Returns::NtStatus,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "ElfrClearELFW"),
    (1, "ElfrBackupELFW"),
    (2, "ElfrCloseEL"),
    (3, "ElfrDeregisterEventSource"),
    (4, "ElfrNumberOfRecords"),
    (5, "ElfrOldestRecord"),
    (6, "ElfrChangeNotify"),
    (7, "ElfrOpenELW"),
    (8, "ElfrRegisterEventSourceW"),
    (9, "ElfrOpenBELW"),
    (10, "ElfrReadELW"),
    (11, "ElfrReportEventW"),
    (12, "ElfrClearELFA"),
    (13, "ElfrBackupELFA"),
    (14, "ElfrOpenELA"),
    (15, "ElfrRegisterEventSourceA"),
    (16, "ElfrOpenBELA"),
    (17, "ElfrReadELA"),
    (18, "ElfrReportEventA"),
    (22, "ElfrGetLogInformation"),
    (24, "ElfrReportEventAndSourceW"),
    (25, "ElfrReportEventExW"),
    (26, "ElfrReportEventExA"),
];

/// What opens, clears, copies and closes logs.
const DECODED: &[u16] = &[CLEAR, BACKUP, CLOSE, OPEN, OPEN_BACKUP];

/// `ElfrOpenELW(UNCServerName, ModuleName, ...)`, `ElfrOpenBELW(UNCServerName, BackupFileName, ...)`,
/// `ElfrClearELFW(LogHandle, BackupFileName)`, `ElfrBackupELFW(LogHandle, BackupFileName)`.
fn decode(clear: &Clear<'_>, handles: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    if matches!(clear.opnum, OPEN | OPEN_BACKUP) {
        if request.pointer().ok()? {
            request.u16().ok()?; // UNCServerName is one character, and says nothing
        }
        let name = request.unicode(COMMAND_CHARACTERS_MAX).ok()?;
        if clear.opnum == OPEN_BACKUP {
            return shapes::paths(vec![name]);
        }
        if let Some(handle) = clear.response.and_then(|mut it| it.handle().ok()) {
            handles.remember(handle, &name);
        }
        return log(name, None);
    }
    let handle = request.handle().ok()?;
    if clear.opnum == CLOSE {
        handles.forget(handle);
        return None;
    }
    let backup = match clear.opnum {
        CLEAR if !request.pointer().unwrap_or_default() => None,
        _ => request.unicode(NAME_CHARACTERS_MAX).ok(),
    };
    log(handles.name(handle).unwrap_or_default().to_owned(), backup)
}

fn log(name: String, backup: Option<String>) -> Option<Meaning> {
    Some(Meaning::Arguments(Arguments::EventLog { name, backup }))
}

const CLEAR: u16 = 0;
const BACKUP: u16 = 1;
const CLOSE: u16 = 2;
const OPEN: u16 = 7;
const OPEN_BACKUP: u16 = 9;
