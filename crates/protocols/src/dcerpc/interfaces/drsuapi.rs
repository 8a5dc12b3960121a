//! Directory replication (MS-DRSR section 4.1): who replicates the directory has every password hash.

use super::{Interface, Returns};

/// `drsuapi`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xe3514235_4b06_11d1_ab04_00c04fc2dcd2,
    4,
    "drsuapi",
    Returns::Win32,
    OPERATIONS,
)
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
