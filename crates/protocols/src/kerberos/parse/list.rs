//! Lists that stay encoded: walked when asked, never collected.
//!
//! An element that cannot be read ends the walk: what follows it cannot be trusted to be in step.

use super::{PaData, Ticket, pa_data, ticket, walk};
use crate::wire::{ParseError, Reader, der};

/// SEQUENCE OF strings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Octets<'a>(pub(super) &'a [u8]);

/// SEQUENCE OF Int32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Integers<'a>(pub(super) &'a [u8]);

/// SEQUENCE OF PA-DATA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaDatas<'a>(pub(super) &'a [u8]);

/// SEQUENCE OF Ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tickets<'a>(pub(super) &'a [u8]);

impl<'a> Octets<'a> {
    /// The strings in order.
    pub fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        each(self.0, walk::octets)
    }
}

impl Integers<'_> {
    /// The numbers in order.
    pub fn iter(self) -> impl Iterator<Item = i32> {
        each(self.0, walk::integer)
    }
}

impl<'a> PaDatas<'a> {
    /// The elements in order.
    pub fn iter(self) -> impl Iterator<Item = PaData<'a>> {
        each(self.0, pa_data)
    }

    /// The value of the first element of this type.
    #[must_use]
    pub fn find(self, padata_type: i32) -> Option<&'a [u8]> {
        self.iter()
            .find(|it| it.padata_type == padata_type)
            .map(|it| it.padata_value)
    }

    /// Over the METHOD-DATA that `octets` is (RFC 4120 section 5.9.1), empty if it is none.
    #[must_use]
    pub fn of_method_data(octets: &'a [u8]) -> Self {
        sequence_of(octets).map(Self).unwrap_or_default()
    }
}

impl<'a> Tickets<'a> {
    /// The tickets in order.
    pub fn iter(self) -> impl Iterator<Item = Ticket<'a>> {
        each(self.0, ticket)
    }
}

/// The content of a SEQUENCE OF.
pub(super) fn sequence_of(value: &[u8]) -> Result<&[u8], ParseError> {
    der::expect(&mut Reader::new(value), 0x30, "SEQUENCE OF")
}

/// The first NetBIOS name of `HostAddresses ::= SEQUENCE OF SEQUENCE { addr-type [0] Int32,
/// address [1] OCTET STRING }`.
pub(super) fn netbios_address(value: &[u8]) -> Option<&[u8]> {
    use nom::Parser as _;
    let address = |input| {
        nom::combinator::map_parser(
            walk::tlv(0x30, "HostAddress"),
            (
                walk::explicit(0, "addr-type", walk::integer),
                walk::explicit(1, "address", walk::octets),
            ),
        )
        .parse(input)
    };
    each(sequence_of(value).ok()?, address)
        .find(|(addr_type, _)| *addr_type == ADDRTYPE_NETBIOS)
        .map(|(_, address)| address)
}

/// The elements that `parser` reads one after the other.
fn each<'a, T>(
    content: &'a [u8],
    parser: impl Fn(&'a [u8]) -> super::Parsed<'a, T>,
) -> impl Iterator<Item = T> {
    let mut rest = content;
    std::iter::from_fn(move || {
        let (after, value) = parser(rest).ok()?;
        rest = after;
        Some(value)
    })
}

/// NetBIOS name (RFC 4120 section 7.5.3).
const ADDRTYPE_NETBIOS: i32 = 20;
