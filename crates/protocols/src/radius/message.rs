//! Messages in the words of RFC 2865 and RFC 2866.

use crate::wire::{ParseError, Reader};

/// A packet (RFC 2865 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    /// `Code`.
    pub(crate) code: u8,
    /// `Identifier`: the same in request and answer.
    pub(crate) identifier: u8,
    /// `Authenticator`.
    pub(crate) authenticator: [u8; 16],
    /// `Attributes`, unread.
    pub(crate) attributes: &'a [u8],
}

/// One attribute (RFC 2865 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    /// `Type`; of a vendor's, its `Vendor-Type`.
    pub(crate) kind: u8,
    /// `Vendor-Id`, 0 if it is a standard attribute.
    pub(crate) vendor: u32,
    /// `Value`.
    pub(crate) value: &'a [u8],
}

/// Numbers of `Code`.
pub(crate) mod code {
    pub(crate) const ACCESS_REQUEST: u8 = 1;
    pub(crate) const ACCESS_ACCEPT: u8 = 2;
    pub(crate) const ACCESS_REJECT: u8 = 3;
    pub(crate) const ACCOUNTING_REQUEST: u8 = 4;
    pub(crate) const ACCOUNTING_RESPONSE: u8 = 5;
    pub(crate) const ACCESS_CHALLENGE: u8 = 11;
}

/// Microsoft (RFC 2548).
pub(crate) const MICROSOFT: u32 = 311;

impl<'a> Packet<'a> {
    /// Octets before the attributes.
    pub(crate) const HEADER_OCTETS: usize = 20;

    /// Reads a packet.
    ///
    /// ```text
    /// packet := Code:u8 Identifier:u8 Length:u16 Authenticator[16] Attribute*
    /// ```
    pub(crate) fn read(octets: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(octets);
        let code = reader.u8()?;
        let identifier = reader.u8()?;
        let length = usize::from(reader.u16_be()?);
        let authenticator = reader.array()?;
        let Some(rest) = length.checked_sub(Self::HEADER_OCTETS) else {
            return Err(ParseError::Malformed { field: "Length" });
        };
        Ok(Self {
            code,
            identifier,
            authenticator,
            // What is after the length is padding.
            attributes: reader.take(rest)?,
        })
    }

    /// The attributes as far as they can be read; a vendor's are unpacked.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        list(self.attributes).flat_map(|it| {
            let vendor = it
                .value
                .split_first_chunk()
                .filter(|_| it.kind == VENDOR_SPECIFIC);
            let (own, inner) = match vendor {
                Some((vendor, values)) => (None, Some((u32::from_be_bytes(*vendor), values))),
                None => (Some(it), None),
            };
            let inner = inner.into_iter().flat_map(|(vendor, values)| {
                list(values).map(move |it| Attribute { vendor, ..it })
            });
            own.into_iter().chain(inner)
        })
    }
}

/// ```text
/// attribute := Type:u8 Length:u8 Value
/// ```
fn list(mut rest: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    std::iter::from_fn(move || {
        let [kind, length, ..] = *rest else {
            return None;
        };
        let value = rest.get(2..usize::from(length))?;
        rest = rest.get(usize::from(length)..)?;
        Some(Attribute {
            kind,
            vendor: 0,
            value,
        })
    })
}

const VENDOR_SPECIFIC: u8 = 26;
