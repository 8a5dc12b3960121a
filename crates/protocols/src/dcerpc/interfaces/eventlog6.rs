//! The event log since Windows Vista (MS-EVEN6 section 3.1.4).

use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Returns};
use realmward_event::rpc::Arguments;

/// `eventlog6`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xf6beaff7_1e19_4fbb_9f8f_b89e2018337c,
    1,
    "eventlog6",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "EvtRpcRegisterRemoteSubscription"),
    (1, "EvtRpcRemoteSubscriptionNextAsync"),
    (2, "EvtRpcRemoteSubscriptionNext"),
    (3, "EvtRpcRemoteSubscriptionWaitAsync"),
    (4, "EvtRpcRegisterControllableOperation"),
    (5, "EvtRpcRegisterLogQuery"),
    (6, "EvtRpcClearLog"),
    (7, "EvtRpcExportLog"),
    (8, "EvtRpcLocalizeExportLog"),
    (9, "EvtRpcMessageRender"),
    (10, "EvtRpcMessageRenderDefault"),
    (11, "EvtRpcQueryNext"),
    (12, "EvtRpcQuerySeek"),
    (13, "EvtRpcClose"),
    (14, "EvtRpcCancel"),
    (15, "EvtRpcAssertConfig"),
    (16, "EvtRpcRetractConfig"),
    (17, "EvtRpcOpenLogHandle"),
    (18, "EvtRpcGetLogFileInfo"),
    (19, "EvtRpcGetChannelList"),
    (20, "EvtRpcGetChannelConfig"),
    (21, "EvtRpcPutChannelConfig"),
    (22, "EvtRpcGetPublisherList"),
    (23, "EvtRpcGetPublisherListForChannel"),
    (24, "EvtRpcGetPublisherMetadata"),
    (25, "EvtRpcGetPublisherResourceMetadata"),
    (26, "EvtRpcGetEventMetadataEnum"),
    (27, "EvtRpcGetNextEventMetadata"),
    (28, "EvtRpcGetClassicLogDisplayName"),
];

/// `EvtRpcClearLog`.
const DECODED: &[u16] = &[6];

/// `EvtRpcClearLog(control, channelPath, backupPath, flags)`.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    request.handle().ok()?;
    let name = request.wide_string(NAME_CHARACTERS_MAX).ok()?;
    let backup = request.unique_wide_string(NAME_CHARACTERS_MAX).ok()?;
    Some(Meaning::Arguments(Arguments::EventLog { name, backup }))
}
