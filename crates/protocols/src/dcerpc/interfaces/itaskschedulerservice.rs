//! The task scheduler (MS-TSCH section 3.2.5.4).

use super::{
    COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Returns,
};
use realmward_event::rpc::Arguments;

/// `itaskschedulerservice`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x86d35949_83c9_4044_b424_db363231fd0c,
    1,
    "itaskschedulerservice",
    Returns::HResult,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "SchRpcHighestVersion"),
    (1, "SchRpcRegisterTask"),
    (2, "SchRpcRetrieveTask"),
    (3, "SchRpcCreateFolder"),
    (4, "SchRpcSetSecurity"),
    (5, "SchRpcGetSecurity"),
    (6, "SchRpcEnumFolders"),
    (7, "SchRpcEnumTasks"),
    (8, "SchRpcEnumInstances"),
    (9, "SchRpcGetInstanceInfo"),
    (10, "SchRpcStopInstance"),
    (11, "SchRpcStop"),
    (12, "SchRpcRun"),
    (13, "SchRpcDelete"),
    (14, "SchRpcRename"),
    (15, "SchRpcScheduledRuntimes"),
    (16, "SchRpcGetLastRunInfo"),
    (17, "SchRpcGetTaskInfo"),
    (18, "SchRpcGetNumberOfMissedRuns"),
    (19, "SchRpcEnableTask"),
];

/// `SchRpcRegisterTask`, `SchRpcRun`, `SchRpcDelete`.
const DECODED: &[u16] = &[REGISTER, RUN, DELETE];

/// `SchRpcRegisterTask(path, xml, ...)`; the others begin with the path.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    let (path, command) = match clear.opnum {
        REGISTER => {
            let path = request.unique_wide_string(NAME_CHARACTERS_MAX).ok()?;
            let xml = request.wide_string(XML_CHARACTERS_MAX).ok();
            (path.unwrap_or_default(), xml.as_deref().and_then(command))
        }
        _ => (request.wide_string(NAME_CHARACTERS_MAX).ok()?, None),
    };
    Some(Meaning::Arguments(Arguments::Task { path, command }))
}

/// Command and arguments of the first `Exec` action (MS-TSCH section 2.5.6). The task schema has no
/// other `Command`, so no XML reader is needed.
fn command(xml: &str) -> Option<String> {
    let (command, after) = element(xml, "Command")?;
    let mut line = unescaped(command);
    if let Some((arguments, _)) = element(after, "Arguments") {
        line.push(' ');
        line.push_str(&unescaped(arguments));
    }
    Some(line.chars().take(COMMAND_CHARACTERS_MAX).collect())
}

/// The text of the first element with this name and what follows it.
fn element<'a>(xml: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let (_, after) = xml.split_once(&format!("<{name}>"))?;
    let (text, rest) = after.split_once(&format!("</{name}>"))?;
    Some((text.trim(), rest))
}

/// The five entities of XML; `&amp;` last, so that nothing is unescaped twice.
fn unescaped(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

const REGISTER: u16 = 1;
const RUN: u16 = 12;
const DELETE: u16 = 13;
/// Characters of a task looked at: the command stands within the first thousands.
const XML_CHARACTERS_MAX: usize = 32 * 1024;
