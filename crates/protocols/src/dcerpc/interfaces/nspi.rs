//! The address book that domain controllers serve beside LDAP (MS-NSPI section 3.1.4): a way to read the directory that few look at.

use super::{Interface, Returns};

/// `nspi`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xf5cc5a18_4264_101a_8c59_08002b2f8426,
    56,
    "nspi",
    Returns::Win32,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "NspiBind"),
    (1, "NspiUnbind"),
    (2, "NspiUpdateStat"),
    (3, "NspiQueryRows"),
    (4, "NspiSeekEntries"),
    (5, "NspiGetMatches"),
    (6, "NspiResortRestriction"),
    (7, "NspiDNToMId"),
    (8, "NspiGetPropList"),
    (9, "NspiGetProps"),
    (10, "NspiCompareMIds"),
    (11, "NspiModProps"),
    (12, "NspiGetSpecialTable"),
    (13, "NspiGetTemplateInfo"),
    (14, "NspiModLinkAtt"),
    (16, "NspiQueryColumns"),
    (19, "NspiResolveNames"),
    (20, "NspiResolveNamesW"),
];
