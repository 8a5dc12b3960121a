//! Group keys (MS-GKDI section 3.1.4): passwords of managed service accounts derive from them.

use super::{Interface, Returns};

/// `gkdi`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xb9785960_524f_11df_8b6d_83dcded72085,
    1,
    "gkdi",
    Returns::HResult,
    OPERATIONS,
);

const OPERATIONS: &[(u16, &str)] = &[(0, "GetKey")];
