//! A forward-only view of untrusted bytes.

use super::ParseError;

/// A forward-only view of untrusted bytes. A failed read consumes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

macro_rules! integer {
    ($($(#[$meta:meta])* $name:ident $type:ident $from:ident;)+) => {
        $(
            $(#[$meta])*
            ///
            /// # Errors
            ///
            /// [`ParseError::Incomplete`] when too few octets remain.
            pub fn $name(&mut self) -> Result<$type, ParseError> {
                Ok($type::$from(self.array()?))
            }
        )+
    };
}

impl<'a> Reader<'a> {
    /// A reader over all of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The octets not yet read.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// How many octets are not yet read.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rest.len()
    }

    /// Whether all octets were read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes `length` octets.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when fewer remain.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], ParseError> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(ParseError::Incomplete {
                needed: length.saturating_sub(self.rest.len()),
            });
        };
        self.rest = rest;
        Ok(taken)
    }

    /// Takes `N` octets as an array.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when fewer remain.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], ParseError> {
        let Some((head, rest)) = self.rest.split_first_chunk() else {
            return Err(ParseError::Incomplete {
                needed: N.saturating_sub(self.rest.len()),
            });
        };
        self.rest = rest;
        Ok(*head)
    }

    /// A reader over the next `length` octets only: what is inside cannot reach what is outside.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when fewer remain.
    pub fn sub(&mut self, length: usize) -> Result<Self, ParseError> {
        self.take(length).map(Self::new)
    }

    /// Skips `length` octets.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when fewer remain.
    pub fn skip(&mut self, length: usize) -> Result<(), ParseError> {
        self.take(length).map(drop)
    }

    integer! {
        /// Reads an octet.
        u8 u8 from_be_bytes;
        /// Reads a big-endian 16-bit number.
        u16_be u16 from_be_bytes;
        /// Reads a big-endian 32-bit number.
        u32_be u32 from_be_bytes;
        /// Reads a little-endian 16-bit number.
        u16_le u16 from_le_bytes;
        /// Reads a little-endian 32-bit number.
        u32_le u32 from_le_bytes;
        /// Reads a little-endian 64-bit number.
        u64_le u64 from_le_bytes;
        /// Reads a little-endian 128-bit number.
        u128_le u128 from_le_bytes;
    }
}

/// The `length` octets of `bytes` from `offset` on, if they are all there.
///
/// For protocols whose fields point into the message (NTLM, SMB2): offsets come from the sender.
#[must_use]
pub fn slice_at(bytes: &[u8], offset: usize, length: usize) -> Option<&[u8]> {
    bytes.get(offset..offset.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_read_says_how_much_is_missing_and_consumes_nothing() {
        let mut reader = Reader::new(&[0, 0, 0]);
        assert_eq!(reader.u32_be(), Err(ParseError::Incomplete { needed: 1 }));
        assert_eq!(reader.take(3), Ok(&[0, 0, 0][..]));
    }

    #[test]
    fn an_offset_near_the_end_of_the_number_range_is_out_of_bounds() {
        assert_eq!(slice_at(&[1, 2], usize::MAX, 2), None);
        assert_eq!(slice_at(&[1, 2], 1, 1), Some(&[2][..]));
        assert_eq!(slice_at(&[1, 2], 2, 0), Some(&[][..]));
    }
}
