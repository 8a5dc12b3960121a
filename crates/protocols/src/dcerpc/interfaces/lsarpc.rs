//! The local security authority (MS-LSAD section 3.1.4, MS-LSAT section 3.1.4): policy, secrets, trusts, names.

use super::shapes::{self, NAMES, NAMES_MAX, counted};
use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns};
use crate::wire::ParseError;
use realmward_event::rpc::{Accounts, Arguments};

/// `lsarpc`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x12345778_1234_abcd_ef00_0123456789ab,
    0,
    "lsarpc",
    Returns::NtStatus,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "LsarClose"),
    (2, "LsarEnumeratePrivileges"),
    (3, "LsarQuerySecurityObject"),
    (4, "LsarSetSecurityObject"),
    (6, "LsarOpenPolicy"),
    (7, "LsarQueryInformationPolicy"),
    (8, "LsarSetInformationPolicy"),
    (10, "LsarCreateAccount"),
    (11, "LsarEnumerateAccounts"),
    (12, "LsarCreateTrustedDomain"),
    (13, "LsarEnumerateTrustedDomains"),
    (14, "LsarLookupNames"),
    (15, "LsarLookupSids"),
    (16, "LsarCreateSecret"),
    (17, "LsarOpenAccount"),
    (18, "LsarEnumeratePrivilegesAccount"),
    (19, "LsarAddPrivilegesToAccount"),
    (20, "LsarRemovePrivilegesFromAccount"),
    (23, "LsarGetSystemAccessAccount"),
    (24, "LsarSetSystemAccessAccount"),
    (25, "LsarOpenTrustedDomain"),
    (26, "LsarQueryInfoTrustedDomain"),
    (27, "LsarSetInformationTrustedDomain"),
    (28, "LsarOpenSecret"),
    (29, "LsarSetSecret"),
    (30, "LsarQuerySecret"),
    (31, "LsarLookupPrivilegeValue"),
    (32, "LsarLookupPrivilegeName"),
    (33, "LsarLookupPrivilegeDisplayName"),
    (34, "LsarDeleteObject"),
    (35, "LsarEnumerateAccountsWithUserRight"),
    (36, "LsarEnumerateAccountRights"),
    (37, "LsarAddAccountRights"),
    (38, "LsarRemoveAccountRights"),
    (39, "LsarQueryTrustedDomainInfo"),
    (40, "LsarSetTrustedDomainInfo"),
    (41, "LsarDeleteTrustedDomain"),
    (42, "LsarStorePrivateData"),
    (43, "LsarRetrievePrivateData"),
    (44, "LsarOpenPolicy2"),
    (45, "LsarGetUserName"),
    (46, "LsarQueryInformationPolicy2"),
    (47, "LsarSetInformationPolicy2"),
    (48, "LsarQueryTrustedDomainInfoByName"),
    (49, "LsarSetTrustedDomainInfoByName"),
    (50, "LsarEnumerateTrustedDomainsEx"),
    (51, "LsarCreateTrustedDomainEx"),
    (53, "LsarQueryDomainInformationPolicy"),
    (54, "LsarSetDomainInformationPolicy"),
    (55, "LsarOpenTrustedDomainByName"),
    (57, "LsarLookupSids2"),
    (58, "LsarLookupNames2"),
    (59, "LsarCreateTrustedDomainEx2"),
    (68, "LsarLookupNames3"),
    (73, "LsarQueryForestTrustInformation"),
    (74, "LsarSetForestTrustInformation"),
    (76, "LsarLookupSids3"),
    (77, "LsarLookupNames4"),
    (129, "LsarCreateTrustedDomainEx3"),
    (130, "LsarOpenPolicy3"),
];

/// What names accounts, rights and secrets.
const DECODED: &[u16] = &[
    6, 7, 14, 15, 16, 17, 28, 35, 36, 37, 38, 42, 43, 44, 46, 57, 58, 68, 76, 77,
];

fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    match clear.opnum {
        LOOKUP_NAMES4 | LOOKUP_SIDS3 => {} // these have no handle
        OPEN_POLICY | OPEN_POLICY2 => {}
        _ => {
            request.handle().ok()?;
        }
    }
    match clear.opnum {
        16 | 28 | 42 | 43 => {
            let name = request.unicode(NAME_CHARACTERS_MAX).ok()?;
            Some(Meaning::Arguments(Arguments::Secret { name }))
        }
        WITH_RIGHT | RIGHTS_OF | ADD_RIGHTS | REMOVE_RIGHTS => {
            rights(clear.opnum, &mut request).ok()
        }
        _ => {
            let mut accounts = Accounts::default();
            // What was read before a fault counts.
            let _ = named(clear.opnum, &mut request, &mut accounts);
            shapes::accounts(accounts)
        }
    }
}

fn named(opnum: u16, request: &mut Ndr<'_>, accounts: &mut Accounts) -> Result<(), ParseError> {
    match opnum {
        OPEN_POLICY | OPEN_POLICY2 => {
            // SystemName and ObjectAttributes, which nobody fills in, stand before it.
            let access = request.whole().last_chunk::<4>();
            accounts.access = access.map(|octets| request.number(*octets));
        }
        7 | 46 => accounts.level = Some(request.enumeration()?),
        17 => {
            accounts.sids = vec![request.sid()?];
            accounts.access = Some(request.u32()?);
        }
        14 | 58 | 68 | LOOKUP_NAMES4 => {
            accounts.count = request.u32()?;
            let count = request.size()?;
            accounts.names = request.unicode_array(count, NAMES)?;
        }
        15 | 57 | LOOKUP_SIDS3 => {
            let count = request.size()?;
            accounts.count = counted(count);
            if request.pointer()? {
                request.size()?;
                let mut present = 0;
                for _ in 0..count {
                    present += usize::from(request.pointer()?);
                }
                for _ in 0..present.min(NAMES_MAX) {
                    accounts.sids.push(request.sid()?);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// `LsarAddAccountRights(handle, AccountSid, UserRights)`, `LsarRemoveAccountRights(handle,
/// AccountSid, AllRights, UserRights)`, `LsarEnumerateAccountRights(handle, AccountSid)`,
/// `LsarEnumerateAccountsWithUserRight(handle, UserRight)`.
fn rights(opnum: u16, request: &mut Ndr<'_>) -> Result<Meaning, ParseError> {
    let mut account = String::new();
    let mut rights = Vec::new();
    if opnum == WITH_RIGHT {
        if request.pointer()? {
            rights.push(request.unicode(NAME_CHARACTERS_MAX)?);
        }
    } else {
        account = request.sid()?;
        if opnum == REMOVE_RIGHTS {
            request.u8()?; // AllRights
        }
    }
    if matches!(opnum, ADD_RIGHTS | REMOVE_RIGHTS) {
        let count = request.size()?;
        if request.pointer()? {
            request.size()?;
            rights = request.unicode_array(count, NAMES)?;
        }
    }
    Ok(Meaning::Arguments(Arguments::Rights { account, rights }))
}

const OPEN_POLICY: u16 = 6;
const WITH_RIGHT: u16 = 35;
const RIGHTS_OF: u16 = 36;
const ADD_RIGHTS: u16 = 37;
const REMOVE_RIGHTS: u16 = 38;
const OPEN_POLICY2: u16 = 44;
const LOOKUP_SIDS3: u16 = 76;
const LOOKUP_NAMES4: u16 = 77;
