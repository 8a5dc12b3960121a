//! Directory replication (MS-DRSR section 4.1): who replicates the directory has every password hash.

use super::shapes::{self, NAMES_MAX};
use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns};
use crate::wire::ParseError;
use realmward_event::rpc::{Arguments, Replication};

/// `drsuapi`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xe3514235_4b06_11d1_ab04_00c04fc2dcd2,
    4,
    "drsuapi",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode)
.granted(GRANTED_OCTETS);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "DRSBind"),
    (1, "DRSUnbind"),
    (2, "DRSReplicaSync"),
    (3, "DRSGetNCChanges"),
    (4, "DRSUpdateRefs"),
    (5, "DRSReplicaAdd"),
    (6, "DRSReplicaDel"),
    (7, "DRSReplicaModify"),
    (8, "DRSVerifyNames"),
    (9, "DRSGetMemberships"),
    (10, "DRSInterDomainMove"),
    (11, "DRSGetNT4ChangeLog"),
    (12, "DRSCrackNames"),
    (13, "DRSWriteSPN"),
    (14, "DRSRemoveDsServer"),
    (15, "DRSRemoveDsDomain"),
    (16, "DRSDomainControllerInfo"),
    (17, "DRSAddEntry"),
    (18, "DRSExecuteKCC"),
    (19, "DRSGetReplInfo"),
    (20, "DRSAddSidHistory"),
    (21, "DRSGetMemberships2"),
    (22, "DRSReplicaVerifyObjects"),
    (23, "DRSGetObjectExistence"),
    (24, "DRSQuerySitesByCost"),
    (25, "DRSInitDemotion"),
    (26, "DRSReplicaDemotion"),
    (27, "DRSFinishDemotion"),
    (28, "DRSAddCloneDC"),
    (29, "DRSWriteNgcKey"),
    (30, "DRSReadNgcKey"),
];

/// A refused `DRSGetNCChanges` answers an empty `DRS_MSG_GETCHGREPLY` of about 160 octets. A granted
/// one names its naming context and carries the prefix table: a thousand octets and more, even
/// without an object.
const GRANTED_OCTETS: &[(u16, u32)] = &[(3, 512)];

/// What names who replicates what from whom; nearly always sealed, but not by all.
const DECODED: &[u16] = &[BIND, GET_CHANGES, UPDATE_REFS, REPLICA_ADD, CRACK_NAMES];

fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut it = Replication::default();
    // What was read before a fault counts.
    let _ = match clear.opnum {
        BIND => bind(clear.request, &mut it),
        GET_CHANGES => get_changes(clear.request, &mut it),
        UPDATE_REFS => update_refs(clear.request, &mut it),
        REPLICA_ADD => replica_add(clear.request, &mut it),
        _ => crack_names(clear.request, &mut it),
    };
    (it != Replication::default()).then(|| Meaning::Arguments(Arguments::Replication(Box::new(it))))
}

/// `IDL_DRSBind(puuidClientDsa, pextClient)`; `DRS_EXTENSIONS_INT` begins with `dwFlags`
/// (MS-DRSR section 5.39).
fn bind(mut request: Ndr<'_>, it: &mut Replication) -> Result<(), ParseError> {
    if request.pointer()? {
        it.client = Some(request.guid()?);
    }
    if request.pointer()? {
        request.size()?; // maximum count
        request.u32()?; // cb
        it.flags = request.u32()?;
    }
    Ok(())
}

/// `IDL_DRSGetNCChanges(hDrs, dwInVersion, pmsgIn)`: `DRS_MSG_GETCHGREQ` of version 5, 8 or 10
/// (MS-DRSR sections 4.1.10.2.4, 4.1.10.2.6, 4.1.10.2.7), which begin alike.
fn get_changes(mut request: Ndr<'_>, it: &mut Replication) -> Result<(), ParseError> {
    request.handle()?;
    let version = request.u32()?;
    request.u32()?; // the union's discriminant
    if !matches!(version, 5 | 8 | 10) {
        return Err(ParseError::Malformed {
            field: "dwInVersion",
        });
    }
    request.align(8)?;
    it.client = Some(request.guid()?);
    it.source = Some(request.guid()?);
    request.pointer()?; // pNC
    request.align(8)?;
    request.take(24)?; // usnvecFrom
    request.pointer()?; // pUpToDateVecDest
    it.flags = request.u32()?;
    it.objects_max = request.u32()?;
    request.u32()?; // cMaxBytes
    it.extended_operation = request.u32()?;
    request.align(8)?;
    request.take(8)?; // liFsmoInfo
    if 8 <= version {
        request.pointer()?; // pPartialAttrSet
        request.pointer()?; // pPartialAttrSetEx
        request.u32()?; // PrefixCount
        request.pointer()?; // pPrefixEntry
    }
    if version == 10 {
        request.u32()?; // ulMoreFlags
    }
    it.object = ds_name(&mut request)?;
    Ok(())
}

/// `IDL_DRSUpdateRefs(hDrs, dwVersion, pmsgUpdRefs)`, version 1 (MS-DRSR section 4.1.26.1.2).
fn update_refs(mut request: Ndr<'_>, it: &mut Replication) -> Result<(), ParseError> {
    request.handle()?;
    request.u32()?;
    request.size()?; // the union's discriminant, aligned as its arms are
    request.pointer()?; // pNC
    request.pointer()?; // pszDsaDest
    it.client = Some(request.guid()?);
    it.flags = request.u32()?;
    it.object = ds_name(&mut request)?;
    it.address = request.narrow_string(NAME_CHARACTERS_MAX)?;
    Ok(())
}

/// `IDL_DRSReplicaAdd(hDrs, dwVersion, pmsgAdd)`, version 1 or 2 (MS-DRSR section 4.1.19.1).
fn replica_add(mut request: Ndr<'_>, it: &mut Replication) -> Result<(), ParseError> {
    request.handle()?;
    let version = request.u32()?;
    request.size()?; // the union's discriminant, aligned as its arms are
    request.pointer()?; // pNC
    let [has_source, has_transport] = match version {
        1 => [false, false],
        2 => [request.pointer()?, request.pointer()?],
        _ => return Err(ParseError::Malformed { field: "dwVersion" }),
    };
    request.pointer()?; // pszSourceDsaAddress
    request.take(84)?; // rtSchedule
    it.flags = request.u32()?;
    it.object = ds_name(&mut request)?;
    for present in [has_source, has_transport] {
        if present {
            ds_name(&mut request)?;
        }
    }
    it.address = request.narrow_string(NAME_CHARACTERS_MAX)?;
    Ok(())
}

/// `IDL_DRSCrackNames(hDrs, dwInVersion, pmsgIn)`, version 1 (MS-DRSR section 4.1.4.1.2).
fn crack_names(mut request: Ndr<'_>, it: &mut Replication) -> Result<(), ParseError> {
    request.handle()?;
    request.u32()?;
    request.size()?; // the union's discriminant, aligned as its arms are
    request.u32()?; // CodePage
    request.u32()?; // LocaleId
    it.flags = request.u32()?;
    request.u32()?; // formatOffered
    request.u32()?; // formatDesired
    let count = usize::try_from(request.u32()?).unwrap_or(usize::MAX);
    if !request.pointer()? {
        return Ok(());
    }
    request.size()?; // maximum count
    let mut present = 0;
    for _ in 0..count {
        present += usize::from(request.pointer()?);
    }
    for _ in 0..present.min(NAMES_MAX) {
        it.names.push(request.wide_string(NAME_CHARACTERS_MAX)?);
    }
    Ok(())
}

/// `DSNAME` (MS-DRSR section 5.50): maximum count, `structLen SidLen Guid Sid NameLen StringName`.
fn ds_name(request: &mut Ndr<'_>) -> Result<String, ParseError> {
    request.size()?;
    request.u32()?;
    request.u32()?;
    request.take(16 + 28)?;
    let count = usize::try_from(request.u32()?).unwrap_or(usize::MAX);
    let octets = request.take(count.saturating_add(1).saturating_mul(2))?;
    Ok(shapes::utf16(octets, NAME_CHARACTERS_MAX))
}

const BIND: u16 = 0;
const GET_CHANGES: u16 = 3;
const UPDATE_REFS: u16 = 4;
const REPLICA_ADD: u16 = 5;
const CRACK_NAMES: u16 = 12;
