//! The service control manager (MS-SCMR section 3.1.4): remote services run programs as the system.

use super::{
    COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns,
};
use crate::dcerpc::ndr::HANDLE_OCTETS;
use crate::wire::ParseError;
use realmward_event::rpc::Arguments;

/// `svcctl`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x367abb81_9844_35f1_ad32_98f038001003,
    2,
    "svcctl",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "RCloseServiceHandle"),
    (1, "RControlService"),
    (2, "RDeleteService"),
    (3, "RLockServiceDatabase"),
    (4, "RQueryServiceObjectSecurity"),
    (5, "RSetServiceObjectSecurity"),
    (6, "RQueryServiceStatus"),
    (7, "RSetServiceStatus"),
    (8, "RUnlockServiceDatabase"),
    (9, "RNotifyBootConfigStatus"),
    (11, "RChangeServiceConfigW"),
    (12, "RCreateServiceW"),
    (13, "REnumDependentServicesW"),
    (14, "REnumServicesStatusW"),
    (15, "ROpenSCManagerW"),
    (16, "ROpenServiceW"),
    (17, "RQueryServiceConfigW"),
    (18, "RQueryServiceLockStatusW"),
    (19, "RStartServiceW"),
    (20, "RGetServiceDisplayNameW"),
    (21, "RGetServiceKeyNameW"),
    (23, "RChangeServiceConfigA"),
    (24, "RCreateServiceA"),
    (25, "REnumDependentServicesA"),
    (26, "REnumServicesStatusA"),
    (27, "ROpenSCManagerA"),
    (28, "ROpenServiceA"),
    (29, "RQueryServiceConfigA"),
    (30, "RQueryServiceLockStatusA"),
    (31, "RStartServiceA"),
    (32, "RGetServiceDisplayNameA"),
    (33, "RGetServiceKeyNameA"),
    (35, "REnumServiceGroupW"),
    (36, "RChangeServiceConfig2A"),
    (37, "RChangeServiceConfig2W"),
    (38, "RQueryServiceConfig2A"),
    (39, "RQueryServiceConfig2W"),
    (40, "RQueryServiceStatusEx"),
    (41, "REnumServicesStatusExA"),
    (42, "REnumServicesStatusExW"),
    (44, "RCreateServiceWOW64A"),
    (45, "RCreateServiceWOW64W"),
    (47, "RNotifyServiceStatusChange"),
    (48, "RGetNotifyResults"),
    (49, "RCloseNotifyHandle"),
    (50, "RControlServiceExA"),
    (51, "RControlServiceExW"),
    (56, "RQueryServiceConfigEx"),
    (60, "RCreateWowService"),
    (64, "ROpenSCManager2"),
];

/// What opens, makes, changes, starts, stops, deletes and closes services.
const DECODED: &[u16] = &[
    CLOSE,
    CONTROL,
    DELETE,
    CHANGE_W,
    CREATE_W,
    OPEN_W,
    START_W,
    CHANGE_A,
    CREATE_A,
    OPEN_A,
    START_A,
    CREATE_WOW64_A,
    CREATE_WOW64_W,
    CREATE_WOW,
];

fn decode(clear: &Clear<'_>, handles: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    let handle = request.handle().ok()?;
    let text = match clear.opnum {
        CHANGE_A | CREATE_A | OPEN_A | CREATE_WOW64_A => Text::Narrow,
        _ => Text::Wide,
    };
    match clear.opnum {
        OPEN_W | OPEN_A => {
            let name = text.read(&mut request, NAME_CHARACTERS_MAX).ok()?;
            opened(clear, &name, handles);
            service(name, None)
        }
        CREATE_W | CREATE_A | CREATE_WOW64_A | CREATE_WOW64_W | CREATE_WOW => {
            let name = text.read(&mut request, NAME_CHARACTERS_MAX).ok()?;
            opened(clear, &name, handles);
            service(name, created_path(request, text).ok())
        }
        CHANGE_W | CHANGE_A => {
            let path = changed_path(request, text).ok()?;
            service(name_of(handle, handles), path)
        }
        CLOSE => {
            handles.forget(handle);
            None
        }
        _ => service(handles.name(handle)?.to_owned(), None),
    }
}

/// `RCreateServiceW` after `lpServiceName`: `lpDisplayName dwDesiredAccess dwServiceType dwStartType
/// dwErrorControl lpBinaryPathName ...` (MS-SCMR section 3.1.4.12); its sisters begin alike.
fn created_path(mut request: Ndr<'_>, text: Text) -> Result<String, ParseError> {
    if request.pointer()? {
        text.read(&mut request, 0)?;
    }
    for _ in 0..4 {
        request.u32()?;
    }
    text.read(&mut request, COMMAND_CHARACTERS_MAX)
}

/// `RChangeServiceConfigW` after `hService`: `dwServiceType dwStartType dwErrorControl
/// lpBinaryPathName ...` (MS-SCMR section 3.1.4.11).
fn changed_path(mut request: Ndr<'_>, text: Text) -> Result<Option<String>, ParseError> {
    for _ in 0..3 {
        request.u32()?;
    }
    match request.pointer()? {
        true => text.read(&mut request, COMMAND_CHARACTERS_MAX).map(Some),
        false => Ok(None),
    }
}

/// The response ends in the new handle and the return code.
fn opened(clear: &Clear<'_>, name: &str, handles: &mut Handles) {
    let handle = clear
        .response
        .and_then(|response| response.whole().strip_suffix(&[0; 4]))
        .and_then(|before| before.last_chunk());
    if let Some(handle) = handle {
        handles.remember(*handle, name);
    }
}

fn name_of(handle: [u8; HANDLE_OCTETS], handles: &Handles) -> String {
    handles.name(handle).unwrap_or_default().to_owned()
}

fn service(name: String, binary_path: Option<String>) -> Option<Meaning> {
    Some(Meaning::Arguments(Arguments::Service { name, binary_path }))
}

/// How an operation writes its strings.
#[derive(Clone, Copy)]
enum Text {
    Narrow,
    Wide,
}

impl Text {
    fn read(self, ndr: &mut Ndr<'_>, characters_max: usize) -> Result<String, ParseError> {
        match self {
            Self::Narrow => ndr.narrow_string(characters_max),
            Self::Wide => ndr.wide_string(characters_max),
        }
    }
}

const CLOSE: u16 = 0;
const CONTROL: u16 = 1;
const DELETE: u16 = 2;
const CHANGE_W: u16 = 11;
const CREATE_W: u16 = 12;
const OPEN_W: u16 = 16;
const START_W: u16 = 19;
const CHANGE_A: u16 = 23;
const CREATE_A: u16 = 24;
const OPEN_A: u16 = 28;
const START_A: u16 = 31;
const CREATE_WOW64_A: u16 = 44;
const CREATE_WOW64_W: u16 = 45;
const CREATE_WOW: u16 = 60;
