//! The remote registry (MS-RRP section 3.1.5).

use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Returns};
use realmward_event::rpc::Arguments;

/// `winreg`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x338cd001_2244_31f1_aaaa_900038001003,
    1,
    "winreg",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "OpenClassesRoot"),
    (1, "OpenCurrentUser"),
    (2, "OpenLocalMachine"),
    (3, "OpenPerformanceData"),
    (4, "OpenUsers"),
    (5, "BaseRegCloseKey"),
    (6, "BaseRegCreateKey"),
    (7, "BaseRegDeleteKey"),
    (8, "BaseRegDeleteValue"),
    (9, "BaseRegEnumKey"),
    (10, "BaseRegEnumValue"),
    (11, "BaseRegFlushKey"),
    (12, "BaseRegGetKeySecurity"),
    (13, "BaseRegLoadKey"),
    (15, "BaseRegOpenKey"),
    (16, "BaseRegQueryInfoKey"),
    (17, "BaseRegQueryValue"),
    (18, "BaseRegReplaceKey"),
    (19, "BaseRegRestoreKey"),
    (20, "BaseRegSaveKey"),
    (21, "BaseRegSetKeySecurity"),
    (22, "BaseRegSetValue"),
    (23, "BaseRegUnLoadKey"),
    (26, "BaseRegGetVersion"),
    (27, "OpenCurrentConfig"),
    (29, "BaseRegQueryMultipleValues"),
    (31, "BaseRegSaveKeyEx"),
    (32, "OpenPerformanceText"),
    (33, "OpenPerformanceNlsText"),
    (34, "BaseRegQueryMultipleValues2"),
    (35, "BaseRegDeleteKeyEx"),
];

/// What opens, makes, reads, changes, saves and closes keys.
const DECODED: &[u16] = &[
    0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 15, 17, 18, 19, 20, 22, 31, 32, 33,
];

fn decode(clear: &Clear<'_>, handles: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    if let Some(root) = root(clear.opnum) {
        opened(clear, handles, root);
        return registry(root.to_owned(), None);
    }
    let handle = request.handle().ok()?;
    if clear.opnum == CLOSE {
        handles.forget(handle);
        return None;
    }
    let key = handles.name(handle).unwrap_or_default().to_owned();
    let named = request.unicode(NAME_CHARACTERS_MAX).ok()?;
    match clear.opnum {
        CREATE | DELETE | LOAD | OPEN => {
            let key = match (key.is_empty(), named.is_empty()) {
                (true, _) => named,
                (false, true) => key,
                (false, false) => format!("{key}\\{named}"),
            };
            let key: String = key.chars().take(KEY_CHARACTERS_MAX).collect();
            if matches!(clear.opnum, CREATE | OPEN) {
                opened(clear, handles, &key);
            }
            registry(key, None)
        }
        _ => registry(key, Some(named)),
    }
}

/// The root that an operation opens.
const fn root(opnum: u16) -> Option<&'static str> {
    Some(match opnum {
        0 => "HKCR",
        1 => "HKCU",
        2 => "HKLM",
        3 => "HKPD",
        4 => "HKU",
        32 => "HKPT",
        33 => "HKPN",
        _ => return None,
    })
}

/// The response begins with the new handle.
fn opened(clear: &Clear<'_>, handles: &mut Handles, key: &str) {
    if let Some(handle) = clear.response.and_then(|mut it| it.handle().ok()) {
        handles.remember(handle, key);
    }
}

fn registry(key: String, value: Option<String>) -> Option<Meaning> {
    Some(Meaning::Arguments(Arguments::Registry { key, value }))
}

const CLOSE: u16 = 5;
const CREATE: u16 = 6;
const DELETE: u16 = 7;
const LOAD: u16 = 13;
const OPEN: u16 = 15;
/// Characters kept of a key from its root on.
const KEY_CHARACTERS_MAX: usize = 512;
