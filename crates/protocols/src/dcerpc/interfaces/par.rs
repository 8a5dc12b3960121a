//! The print spooler over TCP (MS-PAR section 3.1.4).

use super::{Clear, Handles, Interface, Meaning, Returns, rprn, shapes};

/// `par`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x76f03f96_cdfd_44fc_a22c_64950a001209,
    1,
    "par",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "RpcAsyncOpenPrinter"),
    (1, "RpcAsyncAddPrinter"),
    (2, "RpcAsyncSetJob"),
    (3, "RpcAsyncGetJob"),
    (4, "RpcAsyncEnumJobs"),
    (5, "RpcAsyncAddJob"),
    (6, "RpcAsyncScheduleJob"),
    (7, "RpcAsyncDeletePrinter"),
    (8, "RpcAsyncSetPrinter"),
    (9, "RpcAsyncGetPrinter"),
    (10, "RpcAsyncStartDocPrinter"),
    (11, "RpcAsyncStartPagePrinter"),
    (12, "RpcAsyncWritePrinter"),
    (13, "RpcAsyncEndPagePrinter"),
    (14, "RpcAsyncEndDocPrinter"),
    (15, "RpcAsyncAbortPrinter"),
    (16, "RpcAsyncGetPrinterData"),
    (17, "RpcAsyncGetPrinterDataEx"),
    (18, "RpcAsyncSetPrinterData"),
    (19, "RpcAsyncSetPrinterDataEx"),
    (20, "RpcAsyncClosePrinter"),
    (21, "RpcAsyncAddForm"),
    (22, "RpcAsyncDeleteForm"),
    (23, "RpcAsyncGetForm"),
    (24, "RpcAsyncSetForm"),
    (25, "RpcAsyncEnumForms"),
    (26, "RpcAsyncGetPrinterDriver"),
    (27, "RpcAsyncEnumPrinterData"),
    (28, "RpcAsyncEnumPrinterDataEx"),
    (29, "RpcAsyncEnumPrinterKey"),
    (30, "RpcAsyncDeletePrinterData"),
    (31, "RpcAsyncDeletePrinterDataEx"),
    (32, "RpcAsyncDeletePrinterKey"),
    (33, "RpcAsyncXcvData"),
    (34, "RpcAsyncSendRecvBidiData"),
    (35, "RpcAsyncCreatePrinterIC"),
    (36, "RpcAsyncPlayGdiScriptOnPrinterIC"),
    (37, "RpcAsyncDeletePrinterIC"),
    (38, "RpcAsyncEnumPrinters"),
    (39, "RpcAsyncAddPrinterDriver"),
    (40, "RpcAsyncEnumPrinterDrivers"),
    (41, "RpcAsyncGetPrinterDriverDirectory"),
    (42, "RpcAsyncDeletePrinterDriver"),
    (43, "RpcAsyncDeletePrinterDriverEx"),
    (44, "RpcAsyncAddPrintProcessor"),
    (45, "RpcAsyncEnumPrintProcessors"),
    (46, "RpcAsyncGetPrintProcessorDirectory"),
    (47, "RpcAsyncEnumPorts"),
    (48, "RpcAsyncEnumMonitors"),
    (49, "RpcAsyncAddPort"),
    (50, "RpcAsyncSetPort"),
    (51, "RpcAsyncAddMonitor"),
    (52, "RpcAsyncDeleteMonitor"),
    (53, "RpcAsyncDeletePrintProcessor"),
    (54, "RpcAsyncEnumPrintProcessorDatatypes"),
    (55, "RpcAsyncAddPerMachineConnection"),
    (56, "RpcAsyncDeletePerMachineConnection"),
    (57, "RpcAsyncEnumPerMachineConnections"),
    (58, "RpcSyncRegisterForRemoteNotifications"),
    (59, "RpcSyncUnRegisterForRemoteNotifications"),
    (60, "RpcSyncRefreshRemoteNotifications"),
    (61, "RpcAsyncGetRemoteNotifications"),
    (62, "RpcAsyncInstallPrinterDriverFromPackage"),
    (63, "RpcAsyncUploadPrinterDriverPackage"),
    (64, "RpcAsyncGetCorePrinterDrivers"),
    (65, "RpcAsyncCorePrinterDriverInstalled"),
    (66, "RpcAsyncGetPrinterDriverPackagePath"),
    (67, "RpcAsyncDeletePrinterDriverPackage"),
    (68, "RpcAsyncReadPrinter"),
    (69, "RpcAsyncResetPrinter"),
];

/// `RpcAsyncOpenPrinter`, `RpcAsyncAddPrinterDriver`: their arguments are those of `rprn`.
const DECODED: &[u16] = &[OPEN, CLOSE, ADD_DRIVER];

fn decode(clear: &Clear<'_>, handles: &mut Handles) -> Option<Meaning> {
    match clear.opnum {
        OPEN => rprn::printer(clear, handles),
        ADD_DRIVER => shapes::paths(rprn::driver(clear.request).ok()?),
        _ => {
            let mut request = clear.request;
            handles.forget(request.handle().ok()?);
            None
        }
    }
}

const OPEN: u16 = 0;
const CLOSE: u16 = 20;
const ADD_DRIVER: u16 = 39;
