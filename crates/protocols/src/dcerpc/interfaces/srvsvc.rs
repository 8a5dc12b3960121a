//! The server service (MS-SRVS section 3.1.4): shares, sessions, open files.

use super::shapes::NAMES_MAX;
use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns};
use crate::wire::ParseError;
use realmward_event::rpc::Arguments;

/// `srvsvc`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x4b324fc8_1670_01d3_1278_5a47bf6ee188,
    3,
    "srvsvc",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (8, "NetrConnectionEnum"),
    (9, "NetrFileEnum"),
    (10, "NetrFileGetInfo"),
    (11, "NetrFileClose"),
    (12, "NetrSessionEnum"),
    (13, "NetrSessionDel"),
    (14, "NetrShareAdd"),
    (15, "NetrShareEnum"),
    (16, "NetrShareGetInfo"),
    (17, "NetrShareSetInfo"),
    (18, "NetrShareDel"),
    (19, "NetrShareDelSticky"),
    (20, "NetrShareCheck"),
    (21, "NetrServerGetInfo"),
    (22, "NetrServerSetInfo"),
    (23, "NetrServerDiskEnum"),
    (24, "NetrServerStatisticsGet"),
    (25, "NetrServerTransportAdd"),
    (26, "NetrServerTransportEnum"),
    (27, "NetrServerTransportDel"),
    (28, "NetrRemoteTOD"),
    (30, "NetprPathType"),
    (31, "NetprPathCanonicalize"),
    (32, "NetprPathCompare"),
    (33, "NetprNameValidate"),
    (34, "NetprNameCanonicalize"),
    (35, "NetprNameCompare"),
    (36, "NetrShareEnumSticky"),
    (37, "NetrShareDelStart"),
    (38, "NetrShareDelCommit"),
    (39, "NetrpGetFileSecurity"),
    (40, "NetrpSetFileSecurity"),
    (41, "NetrServerTransportAddEx"),
    (43, "NetrDfsGetVersion"),
    (44, "NetrDfsCreateLocalPartition"),
    (45, "NetrDfsDeleteLocalPartition"),
    (46, "NetrDfsSetLocalVolumeState"),
    (48, "NetrDfsCreateExitPoint"),
    (49, "NetrDfsDeleteExitPoint"),
    (50, "NetrDfsModifyPrefix"),
    (51, "NetrDfsFixLocalVolume"),
    (52, "NetrDfsManagerReportSiteInfo"),
    (53, "NetrServerTransportDelEx"),
    (54, "NetrServerAliasAdd"),
    (55, "NetrServerAliasEnum"),
    (56, "NetrServerAliasDel"),
    (57, "NetrShareDelEx"),
];

/// What gives away sessions or shares, and what names a share.
const DECODED: &[u16] = &[
    SESSION_ENUM,
    SHARE_ENUM,
    16,
    17,
    SHARE_DEL,
    SHARE_ENUM_STICKY,
];

/// `NetrSessionEnum(...) -> (InfoStruct, TotalEntries, ResumeHandle, status)`, `NetrShareEnum` alike;
/// `NetrShareGetInfo(ServerName, NetName, ...)` and its sisters.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    match clear.opnum {
        SESSION_ENUM => {
            let sessions = sessions(clear.response?).ok()?;
            Some(Meaning::Arguments(Arguments::Sessions(sessions)))
        }
        SHARE_ENUM | SHARE_ENUM_STICKY => {
            let shares = shares(clear.response?).ok()?;
            Some(Meaning::Arguments(Arguments::Shares(shares)))
        }
        _ => {
            let mut request = clear.request;
            request.unique_wide_string(0).ok()?;
            let share = request.wide_string(NAME_CHARACTERS_MAX).ok()?;
            Some(Meaning::Arguments(Arguments::Shares(vec![share])))
        }
    }
}

/// `SHARE_ENUM_STRUCT` (MS-SRVS section 2.2.4.38), of levels 0, 1, 2 and 502: the name of each share.
fn shares(mut ndr: Ndr<'_>) -> Result<Vec<String>, ParseError> {
    let level = ndr.u32()?;
    let Some(count) = ndr.rows()? else {
        return Ok(Vec::new());
    };
    let mut rows = Vec::new();
    for _ in 0..count {
        rows.push(share_row(level, &mut ndr)?);
    }
    let mut shares = Vec::new();
    for [name, others @ .., descriptor] in rows.into_iter().take(NAMES_MAX) {
        if name {
            shares.push(ndr.wide_string(NAME_CHARACTERS_MAX)?);
        }
        for _ in others.iter().filter(|it| **it) {
            ndr.wide_string(0)?;
        }
        if descriptor {
            let octets = ndr.size()?;
            ndr.take(octets)?;
        }
    }
    Ok(shares)
}

/// Which of a row's pointees follow: name, remark, path, password, security descriptor.
fn share_row(level: u32, ndr: &mut Ndr<'_>) -> Result<[bool; 5], ParseError> {
    let mut present = [ndr.pointer()?, false, false, false, false];
    let [_, remark, path, password, descriptor] = &mut present;
    if matches!(level, 1 | 2 | 502) {
        ndr.u32()?; // type
        *remark = ndr.pointer()?;
    }
    if matches!(level, 2 | 502) {
        for _ in 0..3 {
            ndr.u32()?; // permissions max_uses current_uses
        }
        *path = ndr.pointer()?;
        *password = ndr.pointer()?;
    }
    match level {
        0..=2 => Ok(present),
        502 => {
            ndr.u32()?; // reserved
            *descriptor = ndr.pointer()?;
            Ok(present)
        }
        _ => Err(ParseError::Malformed { field: "Level" }),
    }
}

/// `SESSION_ENUM_STRUCT`: `Level`, a union with a container of `EntriesRead Buffer`, whose rows come
/// first and their strings after them, in order (MS-SRVS section 2.2.4.21).
fn sessions(mut ndr: Ndr<'_>) -> Result<Vec<(String, String)>, ParseError> {
    let level = ndr.u32()?;
    let Some(count) = ndr.rows()? else {
        return Ok(Vec::new());
    };
    let row = Row::of_level(level)?;
    let mut rows: Vec<[bool; 4]> = Vec::new();
    for _ in 0..count.min(SESSIONS_MAX) {
        rows.push(row.read(&mut ndr)?);
    }
    let mut sessions = Vec::new();
    for present in rows {
        let [client, user, ..] = ndr.wide_strings(present, NAME_CHARACTERS_MAX)?;
        sessions.push((user, client));
    }
    Ok(sessions)
}

/// `SESSION_INFO_n`: client name, perhaps user name, numbers, perhaps more names.
struct Row {
    /// Pointers before the numbers.
    names: usize,
    /// 32-bit numbers.
    numbers: usize,
    /// Pointers after the numbers.
    more: usize,
}

impl Row {
    fn of_level(level: u32) -> Result<Self, ParseError> {
        let (names, numbers, more) = match level {
            0 => (1, 0, 0),
            1 => (2, 4, 0),
            2 => (2, 4, 1),
            10 => (2, 2, 0),
            502 => (2, 4, 2),
            _ => return Err(ParseError::Malformed { field: "Level" }),
        };
        Ok(Self {
            names,
            numbers,
            more,
        })
    }

    /// Which of the row's strings follow.
    fn read(&self, ndr: &mut Ndr<'_>) -> Result<[bool; 4], ParseError> {
        let mut present = [false; 4];
        let (names, more) = present.split_at_mut(2);
        for name in names.iter_mut().take(self.names) {
            *name = ndr.pointer()?;
        }
        for _ in 0..self.numbers {
            ndr.u32()?;
        }
        for name in more.iter_mut().take(self.more) {
            *name = ndr.pointer()?;
        }
        Ok(present)
    }
}

/// Rows kept of an answer: a file server has thousands of sessions, the first ones show what was given.
const SESSIONS_MAX: usize = 256;
const SESSION_ENUM: u16 = 12;
const SHARE_ENUM: u16 = 15;
const SHARE_DEL: u16 = 18;
const SHARE_ENUM_STICKY: u16 = 36;
