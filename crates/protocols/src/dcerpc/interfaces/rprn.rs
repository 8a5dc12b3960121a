//! The print spooler (MS-RPRN section 3.1.4).

use super::shapes;
use super::{
    COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns,
};
use crate::wire::ParseError;

/// `rprn`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x12345678_1234_abcd_ef00_0123456789ab,
    1,
    "rprn",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "RpcEnumPrinters"),
    (1, "RpcOpenPrinter"),
    (2, "RpcSetJob"),
    (3, "RpcGetJob"),
    (4, "RpcEnumJobs"),
    (5, "RpcAddPrinter"),
    (6, "RpcDeletePrinter"),
    (7, "RpcSetPrinter"),
    (8, "RpcGetPrinter"),
    (9, "RpcAddPrinterDriver"),
    (10, "RpcEnumPrinterDrivers"),
    (11, "RpcGetPrinterDriver"),
    (12, "RpcGetPrinterDriverDirectory"),
    (13, "RpcDeletePrinterDriver"),
    (14, "RpcAddPrintProcessor"),
    (15, "RpcEnumPrintProcessors"),
    (16, "RpcGetPrintProcessorDirectory"),
    (17, "RpcStartDocPrinter"),
    (18, "RpcStartPagePrinter"),
    (19, "RpcWritePrinter"),
    (20, "RpcEndPagePrinter"),
    (21, "RpcAbortPrinter"),
    (22, "RpcReadPrinter"),
    (23, "RpcEndDocPrinter"),
    (24, "RpcAddJob"),
    (25, "RpcScheduleJob"),
    (26, "RpcGetPrinterData"),
    (27, "RpcSetPrinterData"),
    (28, "RpcWaitForPrinterChange"),
    (29, "RpcClosePrinter"),
    (30, "RpcAddForm"),
    (31, "RpcDeleteForm"),
    (32, "RpcGetForm"),
    (33, "RpcSetForm"),
    (34, "RpcEnumForms"),
    (35, "RpcEnumPorts"),
    (36, "RpcEnumMonitors"),
    (39, "RpcDeletePort"),
    (40, "RpcCreatePrinterIC"),
    (41, "RpcPlayGdiScriptOnPrinterIC"),
    (42, "RpcDeletePrinterIC"),
    (46, "RpcAddMonitor"),
    (47, "RpcDeleteMonitor"),
    (48, "RpcDeletePrintProcessor"),
    (51, "RpcEnumPrintProcessorDatatypes"),
    (52, "RpcResetPrinter"),
    (53, "RpcGetPrinterDriver2"),
    (56, "RpcFindClosePrinterChangeNotification"),
    (58, "RpcReplyOpenPrinter"),
    (59, "RpcRouterReplyPrinter"),
    (60, "RpcReplyClosePrinter"),
    (61, "RpcAddPortEx"),
    (62, "RpcRemoteFindFirstPrinterChangeNotification"),
    (65, "RpcRemoteFindFirstPrinterChangeNotificationEx"),
    (66, "RpcRouterReplyPrinterEx"),
    (67, "RpcRouterRefreshPrinterChangeNotification"),
    (69, "RpcOpenPrinterEx"),
    (70, "RpcAddPrinterEx"),
    (71, "RpcSetPort"),
    (72, "RpcEnumPrinterData"),
    (73, "RpcDeletePrinterData"),
    (77, "RpcSetPrinterDataEx"),
    (78, "RpcGetPrinterDataEx"),
    (79, "RpcEnumPrinterDataEx"),
    (80, "RpcEnumPrinterKey"),
    (81, "RpcDeletePrinterDataEx"),
    (82, "RpcDeletePrinterKey"),
    (84, "RpcDeletePrinterDriverEx"),
    (85, "RpcAddPerMachineConnection"),
    (86, "RpcDeletePerMachineConnection"),
    (87, "RpcEnumPerMachineConnections"),
    (88, "RpcXcvData"),
    (89, "RpcAddPrinterDriverEx"),
    (97, "RpcSendRecvBidiData"),
    (102, "RpcGetCorePrinterDrivers"),
    (104, "RpcGetPrinterDriverPackagePath"),
    (110, "RpcGetJobNamedPropertyValue"),
    (111, "RpcSetJobNamedProperty"),
    (112, "RpcDeleteJobNamedProperty"),
    (113, "RpcEnumJobNamedProperties"),
    (116, "RpcLogJobInfoForBranchOffice"),
];

/// What names a printer, the machine to be told of changes, or a driver's files.
const DECODED: &[u16] = &[
    OPEN,
    ADD_DRIVER,
    CLOSE,
    REPLY_OPEN,
    NOTIFY,
    NOTIFY_EX,
    OPEN_EX,
    ADD_DRIVER_EX,
];

fn decode(clear: &Clear<'_>, handles: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    match clear.opnum {
        OPEN | OPEN_EX => printer(clear, handles),
        ADD_DRIVER | ADD_DRIVER_EX => shapes::paths(driver(request).ok()?),
        REPLY_OPEN => shapes::paths(vec![request.wide_string(NAME_CHARACTERS_MAX).ok()?]),
        CLOSE => {
            handles.forget(request.handle().ok()?);
            None
        }
        _ => {
            // hPrinter fdwFlags fdwOptions pszLocalMachine ...
            request.handle().ok()?;
            request.u32().ok()?;
            request.u32().ok()?;
            shapes::paths(vec![request.unique_wide_string(NAME_CHARACTERS_MAX).ok()??])
        }
    }
}

/// `RpcOpenPrinter(pPrinterName, ...)`; the printer is a path: `\\\\dc1`.
pub(super) fn printer(clear: &Clear<'_>, handles: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    let name = request.unique_wide_string(NAME_CHARACTERS_MAX).ok()??;
    if let Some(handle) = clear.response.and_then(|mut it| it.handle().ok()) {
        handles.remember(handle, &name);
    }
    shapes::paths(vec![name])
}

/// `RpcAddPrinterDriver(pName, pDriverContainer)`: the files that a `DRIVER_INFO` names (MS-RPRN
/// section 2.2.1.5). All levels have `cVersion` and five names first; each has more pointers and
/// numbers behind them, and the characters of all names come last, in order.
pub(super) fn driver(mut request: Ndr<'_>) -> Result<Vec<String>, ParseError> {
    request.unique_wide_string(0)?; // pName
    request.structure()?;
    let level = request.u32()?;
    request.size()?; // the union's discriminant, aligned as its arms are
    if !request.pointer()? {
        return Ok(Vec::new());
    }
    request.structure()?;
    request.u32()?; // cVersion
    let mut present = [false; 5];
    for name in &mut present {
        *name = request.pointer()?; // pName pEnvironment pDriverPath pDataFile pConfigFile
    }
    behind_names(level, &mut request)?;
    let mut paths = Vec::new();
    for (place, _) in present.into_iter().enumerate().filter(|(_, it)| *it) {
        let text = request.wide_string(COMMAND_CHARACTERS_MAX)?;
        if FIRST_FILE <= place {
            paths.push(text);
        }
    }
    Ok(paths)
}

/// The fixed part of a `DRIVER_INFO` behind its first five names.
fn behind_names(level: u32, request: &mut Ndr<'_>) -> Result<(), ParseError> {
    if level == 2 {
        return Ok(());
    }
    for _ in 0..3 {
        request.pointer()?; // pHelpFile pMonitorName pDefaultDataType
    }
    request.u32()?; // cchDependentFiles
    request.pointer()?;
    if level == 3 {
        return Ok(());
    }
    request.u32()?; // cchPreviousNames
    request.pointer()?;
    match level {
        4 => Ok(()),
        6 | 8 => {
            request.align(8)?;
            request.take(16)?; // ftDriverDate dwlDriverVersion
            for _ in 0..4 {
                request.pointer()?; // pMfgName pOEMUrl pHardwareID pProvider
            }
            if level == 8 {
                request.pointer()?; // pPrintProcessor
                request.pointer()?; // pVendorSetup
                for _ in 0..2 {
                    request.u32()?; // cchColorProfiles cchCoreDependencies
                    request.pointer()?;
                }
                request.align(8)?;
                request.take(20)?; // ftMinInboxDriverVerDate dwlMinInboxDriverVerVersion
            }
            Ok(())
        }
        _ => Err(ParseError::Malformed { field: "Level" }),
    }
}

const OPEN: u16 = 1;
const ADD_DRIVER: u16 = 9;
const CLOSE: u16 = 29;
const REPLY_OPEN: u16 = 58;
const NOTIFY: u16 = 62;
const NOTIFY_EX: u16 = 65;
const OPEN_EX: u16 = 69;
const ADD_DRIVER_EX: u16 = 89;
/// Behind the name and the environment, the names are those of files.
const FIRST_FILE: usize = 2;
