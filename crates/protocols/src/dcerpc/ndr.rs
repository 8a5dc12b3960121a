//! A bounded reader of NDR (C706 chapter 14) and NDR64 (MS-RPCE section 2.2.5).
//!
//! It reads the few shapes that interface decoders need: scalars, referents, conformant varying
//! strings. There is no recursion and nothing is reserved on the sender's word: every string is cut
//! at a number of characters given by its reader, and counts are compared with what is left.

use super::message::ByteOrder;
use crate::wire::{ParseError, Reader};
use realmward_vocab::Guid;

/// A reader of one stub.
#[derive(Clone, Copy, Debug)]
pub struct Ndr<'a> {
    octets: &'a [u8],
    at: usize,
    order: ByteOrder,
    wide: bool,
}

impl<'a> Ndr<'a> {
    /// A reader over a stub. `wide`: the context's transfer syntax is NDR64.
    #[must_use]
    pub const fn new(octets: &'a [u8], order: ByteOrder, wide: bool) -> Self {
        Self {
            octets,
            at: 0,
            order,
            wide,
        }
    }

    /// The whole stub, read or not.
    #[must_use]
    pub const fn whole(&self) -> &'a [u8] {
        self.octets
    }

    /// Four octets of the stub as a number, in its byte order.
    #[must_use]
    pub const fn number(&self, octets: [u8; 4]) -> u32 {
        match self.order {
            ByteOrder::Little => u32::from_le_bytes(octets),
            ByteOrder::Big => u32::from_be_bytes(octets),
        }
    }

    /// Skips to a multiple of `size` octets from the stub's begin.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when the stub ends before.
    pub fn align(&mut self, size: usize) -> Result<(), ParseError> {
        let skipped = self.at.next_multiple_of(size.max(1)) - self.at;
        self.take(skipped).map(drop)
    }

    /// Takes `length` octets as they are.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when fewer remain.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], ParseError> {
        let rest = self.octets.get(self.at..).unwrap_or_default();
        let taken = Reader::new(rest).take(length)?;
        self.at += length;
        Ok(taken)
    }

    /// Takes a context handle (`ndr_context_handle`, C706 section 14.3.12): twenty octets.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when fewer remain.
    pub fn handle(&mut self) -> Result<[u8; HANDLE_OCTETS], ParseError> {
        self.align(4)?;
        Reader::new(self.take(HANDLE_OCTETS)?).array()
    }

    /// Reads a `small` or an octet.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when nothing remains.
    pub fn u8(&mut self) -> Result<u8, ParseError> {
        Reader::new(self.take(1)?).u8()
    }

    /// Reads an aligned `short`.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when too few octets remain.
    pub fn u16(&mut self) -> Result<u16, ParseError> {
        self.align(2)?;
        self.order.u16(&mut Reader::new(self.take(2)?))
    }

    /// Reads an aligned `long`.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when too few octets remain.
    pub fn u32(&mut self) -> Result<u32, ParseError> {
        self.align(4)?;
        self.order.u32(&mut Reader::new(self.take(4)?))
    }

    /// Reads a UUID structure.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when too few octets remain.
    pub fn guid(&mut self) -> Result<Guid, ParseError> {
        self.align(4)?;
        self.order.guid(&mut Reader::new(self.take(16)?))
    }

    /// Reads what is 32 bits wide in NDR and 64 in NDR64: a referent, a count, an `__int3264`.
    /// A number past 32 bits is refused: no stub is that long.
    ///
    /// # Errors
    ///
    /// [`ParseError`] when too few octets remain or the number is absurd.
    pub fn size(&mut self) -> Result<usize, ParseError> {
        let (low, high) = if self.wide {
            self.align(8)?;
            let (first, second) = (self.u32()?, self.u32()?);
            match self.order {
                ByteOrder::Little => (first, second),
                ByteOrder::Big => (second, first),
            }
        } else {
            (self.u32()?, 0)
        };
        match (high, usize::try_from(low)) {
            (0, Ok(number)) => Ok(number),
            _ => Err(ParseError::Malformed { field: "size" }),
        }
    }

    /// Reads a referent: whether the pointer is not null. The referent itself says nothing.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when too few octets remain.
    pub fn pointer(&mut self) -> Result<bool, ParseError> {
        let octets = if self.wide {
            self.align(8)?;
            self.take(8)?
        } else {
            self.align(4)?;
            self.take(4)?
        };
        Ok(octets.iter().any(|octet| *octet != 0))
    }

    /// Reads a `[string]` of `wchar_t` (C706 section 14.3.4.3): maximum, offset, actual count,
    /// characters. Keeps at most `characters_max`, without the terminator.
    ///
    /// # Errors
    ///
    /// [`ParseError`] when the counts pass the end of the stub.
    pub fn wide_string(&mut self, characters_max: usize) -> Result<String, ParseError> {
        let octets = self.string_octets(2)?;
        let kept = characters_max.saturating_mul(2).min(octets.len());
        let units: Vec<u16> = octets
            .get(..kept)
            .unwrap_or_default()
            .as_chunks::<2>()
            .0
            .iter()
            .map(|unit| match self.order {
                ByteOrder::Little => u16::from_le_bytes(*unit),
                ByteOrder::Big => u16::from_be_bytes(*unit),
            })
            .take_while(|unit| *unit != 0)
            .collect();
        Ok(String::from_utf16_lossy(&units))
    }

    /// Reads the strings of `wchar_t` that a row points to, in order; the others are empty.
    ///
    /// # Errors
    ///
    /// [`ParseError`] when the counts pass the end of the stub.
    pub fn wide_strings<const N: usize>(
        &mut self,
        present: [bool; N],
        characters_max: usize,
    ) -> Result<[String; N], ParseError> {
        let mut strings = [const { String::new() }; N];
        for (string, present) in strings.iter_mut().zip(present) {
            if present {
                *string = self.wide_string(characters_max)?;
            }
        }
        Ok(strings)
    }

    /// Steps behind the level of an `..._ENUM_STRUCT` (MS-SRVS, MS-WKST) to the rows of its container:
    /// how many there are; `None` without a container or a buffer.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when the stub ends before.
    pub fn rows(&mut self) -> Result<Option<usize>, ParseError> {
        self.size()?; // the union's discriminant, aligned as a union is
        if !self.pointer()? {
            return Ok(None);
        }
        self.size()?; // EntriesRead, aligned as the pointer after it
        match self.pointer()? {
            true => self.size().map(Some),
            false => Ok(None),
        }
    }

    /// Reads a `[string]` of `char`; what is not UTF-8 is replaced.
    ///
    /// # Errors
    ///
    /// [`ParseError`] when the counts pass the end of the stub.
    pub fn narrow_string(&mut self, characters_max: usize) -> Result<String, ParseError> {
        let octets = self.string_octets(1)?;
        let end = octets
            .iter()
            .take(characters_max)
            .position(|octet| *octet == 0)
            .unwrap_or(octets.len().min(characters_max));
        Ok(String::from_utf8_lossy(octets.get(..end).unwrap_or_default()).into_owned())
    }

    /// Reads a unique pointer to a string of `wchar_t`, of which the pointee follows at once.
    ///
    /// # Errors
    ///
    /// [`ParseError`] when the counts pass the end of the stub.
    pub fn unique_wide_string(
        &mut self,
        characters_max: usize,
    ) -> Result<Option<String>, ParseError> {
        match self.pointer()? {
            true => self.wide_string(characters_max).map(Some),
            false => Ok(None),
        }
    }

    /// Skips to where a structure with pointers begins.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when the stub ends before.
    pub fn structure(&mut self) -> Result<(), ParseError> {
        self.align(if self.wide { 8 } else { 4 })
    }

    /// Reads an `enum`: 16 bits in NDR, 32 in NDR64 (MS-RPCE section 2.2.5.2).
    ///
    /// # Errors
    ///
    /// [`ParseError`] when too few octets remain or the number is no `enum`'s.
    pub fn enumeration(&mut self) -> Result<u16, ParseError> {
        if !self.wide {
            return self.u16();
        }
        u16::try_from(self.u32()?).map_err(|_| ParseError::Malformed { field: "enum" })
    }

    /// Reads the fixed part of an `RPC_UNICODE_STRING` (MS-DTYP section 2.3.10): whether its
    /// characters follow, as [`Self::wide_string`] reads them.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when too few octets remain.
    pub fn counted_string(&mut self) -> Result<bool, ParseError> {
        self.structure()?;
        self.u16()?; // Length
        self.u16()?; // MaximumLength
        self.pointer()
    }

    /// Reads an `RPC_UNICODE_STRING` that stands alone.
    ///
    /// # Errors
    ///
    /// [`ParseError`] when the counts pass the end of the stub.
    pub fn unicode(&mut self, characters_max: usize) -> Result<String, ParseError> {
        match self.counted_string()? {
            true => self.wide_string(characters_max),
            false => Ok(String::new()),
        }
    }

    /// Reads an array of `count` `RPC_UNICODE_STRING`, of which the fixed parts come first. Gives
    /// those that are whole, at most `strings_max`.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when the fixed parts pass the end of the stub.
    pub fn unicode_array(
        &mut self,
        count: usize,
        (strings_max, characters_max): (usize, usize),
    ) -> Result<Vec<String>, ParseError> {
        let mut present = 0;
        for _ in 0..count {
            present += usize::from(self.counted_string()?);
        }
        let mut strings = Vec::new();
        for _ in 0..present.min(strings_max) {
            let Ok(string) = self.wide_string(characters_max) else {
                break;
            };
            strings.push(string);
        }
        Ok(strings)
    }

    /// Reads an `RPC_SID` (MS-DTYP section 2.4.2.3), conformance count first, in its text form.
    ///
    /// # Errors
    ///
    /// [`ParseError`] when it has more parts than a SID may have, or passes the end of the stub.
    pub fn sid(&mut self) -> Result<String, ParseError> {
        self.size()?; // maximum count
        self.align(4)?;
        self.u8()?; // Revision
        let count = self.u8()?;
        if SID_PARTS_MAX < count {
            return Err(ParseError::Malformed {
                field: "SubAuthorityCount",
            });
        }
        let [a, b, c, d, e, f] = Reader::new(self.take(6)?).array()?;
        let mut text = format!("S-1-{}", u64::from_be_bytes([0, 0, a, b, c, d, e, f]));
        for _ in 0..count {
            text.push_str(&format!("-{}", self.u32()?));
        }
        Ok(text)
    }

    fn string_octets(&mut self, unit: usize) -> Result<&'a [u8], ParseError> {
        self.size()?; // maximum count
        let offset = self.size()?;
        let actual = self.size()?;
        if offset != 0 {
            return Err(ParseError::Malformed { field: "offset" });
        }
        self.take(actual.saturating_mul(unit))
    }
}

/// Parts of a SID (MS-DTYP section 2.4.2).
const SID_PARTS_MAX: u8 = 15;

/// Octets of a context handle.
pub const HANDLE_OCTETS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_the_same_in_ndr_and_ndr64_and_in_both_byte_orders() {
        let ndr = [
            7, 0, 0, 0, // referent
            3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, // maximum, offset, actual
            b'h', 0, b'i', 0, 0, 0, // text
        ];
        let ndr64 = [
            7, 0, 0, 0, 0, 0, 0, 0, // referent
            3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, // counts
            b'h', 0, b'i', 0, 0, 0, // text
        ];
        let big = [
            0, 0, 0, 7, // referent
            0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 3, // maximum, offset, actual
            0, b'h', 0, b'i', 0, 0, // text
        ];
        for (octets, order, wide) in [
            (&ndr[..], ByteOrder::Little, false),
            (&ndr64, ByteOrder::Little, true),
            (&big, ByteOrder::Big, false),
        ] {
            let read = Ndr::new(octets, order, wide).unique_wide_string(9);
            assert_eq!(read, Ok(Some("hi".into())), "{order:?} {wide}");
        }
    }

    #[test]
    fn a_string_longer_than_its_stub_is_refused_and_a_longer_one_than_wanted_is_cut() {
        let octets = [4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, b'a', b'b', b'c', b'd'];
        let read = |octets: &[u8], max| {
            Ndr::new(octets, ByteOrder::Little, false)
                .narrow_string(max)
                .ok()
        };
        assert_eq!(read(&octets, 9).as_deref(), Some("abcd"));
        assert_eq!(read(&octets, 2).as_deref(), Some("ab"));
        assert_eq!(read(&octets[..15], 9), None);
        let absurd = [0xff; 16];
        assert_eq!(read(&absurd, 9), None);
    }
}
