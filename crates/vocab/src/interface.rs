//! RPC interfaces that more than one room asks for, by their numbers.
//!
//! What each interface can do stands with the protocol; here is only what it is called.

use crate::Guid;

/// MS-DRSR section 2.1.
pub const DRSUAPI: Guid = Guid(0xe351_4235_4b06_11d1_ab04_00c0_4fc2_dcd2);
/// MS-SRVS section 1.9.
pub const SRVSVC: Guid = Guid(0x4b32_4fc8_1670_01d3_1278_5a47_bf6e_e188);
/// MS-WKST section 1.9.
pub const WKSSVC: Guid = Guid(0x6bff_d098_a112_3610_9833_46c3_f87e_345a);
/// MS-LSAD section 1.9.
pub const LSARPC: Guid = Guid(0x1234_5778_1234_abcd_ef00_0123_4567_89ab);
/// MS-RRP section 1.9.
pub const WINREG: Guid = Guid(0x338c_d001_2244_31f1_aaaa_9000_3800_1003);
/// MS-SCMR section 1.9.
pub const SVCCTL: Guid = Guid(0x367a_bb81_9844_35f1_ad32_98f0_3800_1003);
/// MS-TSCH section 1.9.
pub const ATSVC: Guid = Guid(0x1ff7_0682_0a51_30e8_076d_740b_e8ce_e98b);
/// MS-TSCH section 1.9.
pub const TASK_SCHEDULER: Guid = Guid(0x86d3_5949_83c9_4044_b424_db36_3231_fd0c);
/// MS-DCOM section 1.9.
pub const SYSTEM_ACTIVATOR: Guid = Guid(0x0000_01a0_0000_0000_c000_0000_0000_0046);
/// MS-DCOM section 1.9, the older one.
pub const ACTIVATION: Guid = Guid(0x4d9f_4ab8_7d1c_11cf_861e_0020_af6e_7c57);
/// MS-TSTS section 1.9.
pub const TERMINAL_ENUMERATION: Guid = Guid(0x8814_3fd0_c28d_4b2b_8fef_8d88_2f6a_9390);
/// MS-OAUT section 1.9.
pub const DISPATCH: Guid = Guid(0x0002_0400_0000_0000_c000_0000_0000_0046);
/// MS-WMI section 1.9.
pub const WBEM_SERVICES: Guid = Guid(0x9556_dc99_828c_11cf_a37e_00aa_0032_40c7);
/// MS-SAMR section 1.9.
pub const SAMR: Guid = Guid(0x1234_5778_1234_abcd_ef00_0123_4567_89ac);
