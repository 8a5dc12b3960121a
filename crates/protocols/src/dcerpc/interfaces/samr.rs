//! The security account manager (MS-SAMR section 3.1.5).

mod answers;

use super::shapes::{self, NAMES, NAMES_MAX};
use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns};
use crate::wire::ParseError;
use realmward_event::rpc::Accounts;

/// `samr`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x12345778_1234_abcd_ef00_0123456789ac,
    1,
    "samr",
    Returns::NtStatus,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "SamrConnect"),
    (1, "SamrCloseHandle"),
    (2, "SamrSetSecurityObject"),
    (3, "SamrQuerySecurityObject"),
    (5, "SamrLookupDomainInSamServer"),
    (6, "SamrEnumerateDomainsInSamServer"),
    (7, "SamrOpenDomain"),
    (8, "SamrQueryInformationDomain"),
    (9, "SamrSetInformationDomain"),
    (10, "SamrCreateGroupInDomain"),
    (11, "SamrEnumerateGroupsInDomain"),
    (12, "SamrCreateUserInDomain"),
    (13, "SamrEnumerateUsersInDomain"),
    (14, "SamrCreateAliasInDomain"),
    (15, "SamrEnumerateAliasesInDomain"),
    (16, "SamrGetAliasMembership"),
    (17, "SamrLookupNamesInDomain"),
    (18, "SamrLookupIdsInDomain"),
    (19, "SamrOpenGroup"),
    (20, "SamrQueryInformationGroup"),
    (21, "SamrSetInformationGroup"),
    (22, "SamrAddMemberToGroup"),
    (23, "SamrDeleteGroup"),
    (24, "SamrRemoveMemberFromGroup"),
    (25, "SamrGetMembersInGroup"),
    (26, "SamrSetMemberAttributesOfGroup"),
    (27, "SamrOpenAlias"),
    (28, "SamrQueryInformationAlias"),
    (29, "SamrSetInformationAlias"),
    (30, "SamrDeleteAlias"),
    (31, "SamrAddMemberToAlias"),
    (32, "SamrRemoveMemberFromAlias"),
    (33, "SamrGetMembersInAlias"),
    (34, "SamrOpenUser"),
    (35, "SamrDeleteUser"),
    (36, "SamrQueryInformationUser"),
    (37, "SamrSetInformationUser"),
    (38, "SamrChangePasswordUser"),
    (39, "SamrGetGroupsForUser"),
    (40, "SamrQueryDisplayInformation"),
    (41, "SamrGetDisplayEnumerationIndex"),
    (44, "SamrGetUserDomainPasswordInformation"),
    (45, "SamrRemoveMemberFromForeignDomain"),
    (46, "SamrQueryInformationDomain2"),
    (47, "SamrQueryInformationUser2"),
    (48, "SamrQueryDisplayInformation2"),
    (49, "SamrGetDisplayEnumerationIndex2"),
    (50, "SamrCreateUser2InDomain"),
    (51, "SamrQueryDisplayInformation3"),
    (52, "SamrAddMultipleMembersToAlias"),
    (53, "SamrRemoveMultipleMembersFromAlias"),
    (54, "SamrOemChangePasswordUser2"),
    (55, "SamrUnicodeChangePasswordUser2"),
    (56, "SamrGetDomainPasswordInformation"),
    (57, "SamrConnect2"),
    (58, "SamrSetInformationUser2"),
    (62, "SamrConnect4"),
    (64, "SamrConnect5"),
    (65, "SamrRidToSid"),
    (66, "SamrSetDSRMPassword"),
    (67, "SamrValidatePassword"),
    (73, "SamrUnicodeChangePasswordUser4"),
    (74, "SamrValidateComputerAccountReuseAttempt"),
];

/// What names accounts, opens them, changes them or gives their names away.
const DECODED: &[u16] = &[
    1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28, 29, 30,
    31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 46, 47, 48, 50, 51, 54, 55, 57, 58, 62, 64, 65, 73,
];

fn decode(clear: &Clear<'_>, handles: &mut Handles) -> Option<Meaning> {
    if clear.opnum == CLOSE {
        let mut request = clear.request;
        handles.forget(request.handle().ok()?);
        return None;
    }
    let mut accounts = Accounts::default();
    // What was read before a fault counts.
    let _ = asked(clear, handles, &mut accounts);
    if let Some(mut response) = clear.response {
        let _ = answers::answered(clear.opnum, &mut response, &mut accounts);
    }
    shapes::accounts(accounts)
}

/// What the request says, and what the handle means that it opens.
fn asked(
    clear: &Clear<'_>,
    handles: &mut Handles,
    accounts: &mut Accounts,
) -> Result<(), ParseError> {
    let mut request = clear.request;
    match clear.opnum {
        CONNECT2 | CONNECT4 | CONNECT5 => return connect(clear.opnum, &mut request, accounts),
        CHANGE_PASSWORD_OEM | CHANGE_PASSWORD | CHANGE_PASSWORD_AES => {
            accounts.names = vec![changed(clear.opnum, &mut request)?];
            return Ok(());
        }
        _ => {}
    }
    let handle = request.handle()?;
    handles
        .name(handle)
        .unwrap_or_default()
        .clone_into(&mut accounts.of);
    match clear.opnum {
        5 => accounts.names = vec![request.unicode(NAME_CHARACTERS_MAX)?],
        OPEN_DOMAIN => {
            accounts.access = Some(request.u32()?);
            let sid = request.sid()?;
            opened(clear, handles, &sid);
            accounts.sids = vec![sid];
        }
        OPEN_GROUP | OPEN_ALIAS | OPEN_USER => {
            accounts.access = Some(request.u32()?);
            let rid = request.u32()?;
            accounts.rids = vec![rid];
            opened(clear, handles, &format!("{} {rid}", class(clear.opnum)));
        }
        10 | 12 | 14 | CREATE_USER2 => {
            let name = request.unicode(NAME_CHARACTERS_MAX)?;
            opened(clear, handles, &name);
            accounts.names = vec![name];
            if clear.opnum == CREATE_USER2 {
                accounts.kind = Some(request.u32()?);
            }
            accounts.access = Some(request.u32()?);
        }
        LOOKUP_NAMES => {
            accounts.count = request.u32()?;
            let count = varying(&mut request)?;
            accounts.names = request.unicode_array(count, NAMES)?;
        }
        LOOKUP_IDS => {
            accounts.count = request.u32()?;
            let count = varying(&mut request)?;
            for _ in 0..count.min(NAMES_MAX) {
                accounts.rids.push(request.u32()?);
            }
        }
        22 | 24 | 65 => accounts.rids = vec![request.u32()?],
        31 | 32 => accounts.sids = vec![request.sid()?],
        8 | 9 | 20 | 21 | 28 | 29 | 36 | 37 | 40 | 46 | 47 | 48 | 51 | 58 => {
            accounts.level = Some(request.enumeration()?);
        }
        _ => {}
    }
    Ok(())
}

/// `SamrConnect2(ServerName, DesiredAccess)`, `SamrConnect4(ServerName, ClientRevision,
/// DesiredAccess)`, `SamrConnect5(ServerName, DesiredAccess, ...)`.
fn connect(opnum: u16, request: &mut Ndr<'_>, accounts: &mut Accounts) -> Result<(), ParseError> {
    request.unique_wide_string(0)?;
    if opnum == CONNECT4 {
        request.u32()?;
    }
    accounts.access = Some(request.u32()?);
    Ok(())
}

/// The account of `SamrOemChangePasswordUser2(ServerName, UserName, ...)` and its sisters.
fn changed(opnum: u16, request: &mut Ndr<'_>) -> Result<String, ParseError> {
    if request.pointer()? {
        match opnum {
            CHANGE_PASSWORD_OEM => {
                if request.counted_string()? {
                    request.narrow_string(0)?;
                }
            }
            _ => {
                request.unicode(0)?;
            }
        }
    }
    match opnum {
        CHANGE_PASSWORD_OEM if request.counted_string()? => {
            request.narrow_string(NAME_CHARACTERS_MAX)
        }
        CHANGE_PASSWORD_OEM => Ok(String::new()),
        _ => request.unicode(NAME_CHARACTERS_MAX),
    }
}

/// The maximum, the offset and the actual count of a conformant varying array: the last one.
fn varying(request: &mut Ndr<'_>) -> Result<usize, ParseError> {
    request.size()?;
    request.size()?;
    request.size()
}

/// The response begins with the new handle.
fn opened(clear: &Clear<'_>, handles: &mut Handles, name: &str) {
    if let Some(handle) = clear.response.and_then(|mut it| it.handle().ok()) {
        handles.remember(handle, name);
    }
}

const fn class(opnum: u16) -> &'static str {
    match opnum {
        OPEN_GROUP => "group",
        OPEN_ALIAS => "alias",
        _ => "user",
    }
}

const CLOSE: u16 = 1;
const OPEN_DOMAIN: u16 = 7;
const LOOKUP_NAMES: u16 = 17;
const LOOKUP_IDS: u16 = 18;
const OPEN_GROUP: u16 = 19;
const OPEN_ALIAS: u16 = 27;
const OPEN_USER: u16 = 34;
const CREATE_USER2: u16 = 50;
const CHANGE_PASSWORD_OEM: u16 = 54;
const CHANGE_PASSWORD: u16 = 55;
const CONNECT2: u16 = 57;
const CONNECT4: u16 = 62;
const CONNECT5: u16 = 64;
const CHANGE_PASSWORD_AES: u16 = 73;
