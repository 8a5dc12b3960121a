//! The encrypting file system on the pipe of lsarpc (MS-EFSR section 2.1); the same operations as `efsr`.

use super::{Interface, Returns, efsr};

/// `efsr_lsarpc`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xc681d488_d850_11d0_8c52_00c04fd90f7e,
    1,
    "efsr",
    Returns::Win32,
    efsr::OPERATIONS,
)
.decoded(efsr::DECODED, efsr::decode)
.unjudged(&[3]);
