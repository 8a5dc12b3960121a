//! An interface of a pcapng section, and its clock.

use super::{CaptureDamage, LinkType};
use realmward_vocab::EventTime;

#[derive(Debug)]
pub(super) struct Interface {
    pub(super) link: LinkType,
    pub(super) snap_length: u32,
    pub(super) resolution: Resolution,
    pub(super) offset_s: i64,
}

/// Units of a timestamp (`if_tsresol`).
#[derive(Clone, Copy, Debug)]
pub(super) enum Resolution {
    /// Nanoseconds a unit, for the common powers of ten.
    Nanoseconds(u64),
    /// Units a second.
    PerSecond(u64),
}

impl Interface {
    /// The instant of a timestamp of this interface.
    pub(super) fn time(&self, units: u64) -> EventTime {
        let nanoseconds = match self.resolution {
            Resolution::Nanoseconds(factor) => i128::from(units) * i128::from(factor),
            Resolution::PerSecond(rate) => {
                i128::from(units) * 1_000_000_000 / i128::from(rate.max(1))
            }
        };
        let nanoseconds = nanoseconds + i128::from(self.offset_s) * 1_000_000_000;
        EventTime::from_unix_nanoseconds(i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 {
            i64::MIN
        } else {
            i64::MAX
        }))
    }
}

impl Default for Resolution {
    /// Microseconds, when nothing is said.
    fn default() -> Self {
        Self::Nanoseconds(1000)
    }
}

impl Resolution {
    /// Reads `if_tsresol`.
    pub(super) fn read(octet: u8) -> Result<Self, CaptureDamage> {
        let exponent = u32::from(octet & 0x7f);
        let rate = if octet & 0x80 == 0 {
            if exponent <= 9 {
                return Ok(Self::Nanoseconds(10_u64.pow(9 - exponent)));
            }
            10_u64.checked_pow(exponent)
        } else {
            1_u64.checked_shl(exponent)
        };
        rate.map(Self::PerSecond).ok_or(CaptureDamage::Malformed {
            field: "if_tsresol",
        })
    }
}
