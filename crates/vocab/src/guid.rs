//! Globally unique identifiers: RPC interfaces, DCOM classes, SMB clients.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;

/// A GUID (MS-DTYP section 2.3.4), held as the number its text form shows.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub u128);

impl Guid {
    /// From the packet form of MS-DTYP section 2.3.4.2: three little-endian fields, then eight octets.
    #[must_use]
    pub const fn from_le_bytes(bytes: [u8; 16]) -> Self {
        let [a0, a1, a2, a3, b0, b1, c0, c1, rest @ ..] = bytes;
        let [d0, d1, d2, d3, d4, d5, d6, d7] = rest;
        Self(u128::from_be_bytes([
            a3, a2, a1, a0, b1, b0, c1, c0, d0, d1, d2, d3, d4, d5, d6, d7,
        ]))
    }

    /// The sixteen octets in the order in which they travel.
    #[must_use]
    pub const fn to_le_bytes(self) -> [u8; 16] {
        let [
            a3,
            a2,
            a1,
            a0,
            b1,
            b0,
            c1,
            c0,
            d0,
            d1,
            d2,
            d3,
            d4,
            d5,
            d6,
            d7,
        ] = self.0.to_be_bytes();
        [
            a0, a1, a2, a3, b0, b1, c0, c1, d0, d1, d2, d3, d4, d5, d6, d7,
        ]
    }

    /// The version digit of RFC 4122 section 4.1.3 (1 = time and hardware address, 4 = random).
    #[must_use]
    pub const fn version(self) -> u8 {
        ((self.0 >> 76) & 0xf) as u8
    }

    /// Whether all sixteen octets are ASCII letters or digits: no generator makes that by chance
    /// (one in 2^33), but some attack tools build identifiers from random letters.
    #[must_use]
    pub fn is_ascii_text(self) -> bool {
        self.to_le_bytes().iter().all(u8::is_ascii_alphanumeric)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            n >> 96,
            (n >> 80) & 0xffff,
            (n >> 64) & 0xffff,
            (n >> 48) & 0xffff,
            n & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Guid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Guid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if digits.len() != 32 {
            return Err(D::Error::custom("guid is not 32 hexadecimal digits"));
        }
        u128::from_str_radix(&digits, 16)
            .map(Self)
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_and_the_packet_form_are_the_same_number() {
        let drsuapi = Guid(0xe351_4235_4b06_11d1_ab04_00c0_4fc2_dcd2);
        assert_eq!(drsuapi.to_string(), "e3514235-4b06-11d1-ab04-00c04fc2dcd2");
        assert_eq!(Guid::from_le_bytes(drsuapi.to_le_bytes()), drsuapi);
        assert_eq!(drsuapi.to_le_bytes()[..4], [0x35, 0x42, 0x51, 0xe3]);
        assert_eq!(drsuapi.version(), 1);
    }
}
