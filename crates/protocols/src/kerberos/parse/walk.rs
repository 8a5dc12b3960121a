//! Steps through DER: fields of a SEQUENCE, and nom parsers for single elements.

use super::Parsed;
use crate::wire::{ParseError, Reader, der};
use nom::Parser;
use nom::combinator::map_parser;

/// The fields of a SEQUENCE in order, each `[number] value`.
///
/// A broken field is stepped over and its fault kept; a broken length ends the walk.
pub(super) struct Fields<'a> {
    rest: Reader<'a>,
    /// The first fault met.
    pub(super) fault: Option<ParseError>,
}

impl<'a> Fields<'a> {
    /// Over the content of a SEQUENCE.
    pub(super) const fn new(content: &'a [u8]) -> Self {
        Self {
            rest: Reader::new(content),
            fault: None,
        }
    }

    /// Over the SEQUENCE that `value` is, or the part of it that is there.
    pub(super) fn of_sequence(value: &'a [u8]) -> Self {
        let mut reader = Reader::new(value);
        match der::header(&mut reader) {
            Ok((0x30, length)) => {
                let mut fields = Self::new(reader.rest().get(..length).unwrap_or(reader.rest()));
                if reader.len() < length {
                    fields.fault = Some(ParseError::Incomplete {
                        needed: length - reader.len(),
                    });
                }
                fields
            }
            Ok(_) => Self::broken(ParseError::Malformed { field: "SEQUENCE" }),
            Err(fault) => Self::broken(fault),
        }
    }

    const fn broken(fault: ParseError) -> Self {
        Self {
            rest: Reader::new(&[]),
            fault: Some(fault),
        }
    }

    /// The next field: its number and its content, which for the last field of a message that was
    /// cut short is the part that is there.
    pub(super) fn step(&mut self) -> Option<(u8, &'a [u8])> {
        if self.rest.is_empty() {
            return None;
        }
        let mut ahead = self.rest;
        match der::header(&mut ahead) {
            Ok((tag, length)) => {
                let there = length.min(ahead.len());
                if there < length {
                    self.adopt(Some(ParseError::Incomplete {
                        needed: length - there,
                    }));
                }
                let content = ahead.take(there).ok()?;
                self.rest = ahead;
                Some((context_number(tag), content))
            }
            Err(fault) => {
                self.adopt(Some(fault));
                self.rest = Reader::new(&[]);
                None
            }
        }
    }

    /// Keeps a fault, unless there is an earlier one.
    pub(super) fn adopt(&mut self, fault: Option<ParseError>) {
        self.fault = self.fault.or(fault);
    }

    /// Fills `slot`, or keeps the fault.
    pub(super) fn set<T>(&mut self, slot: &mut T, value: Result<T, ParseError>) {
        match value {
            Ok(value) => *slot = value,
            Err(fault) => self.adopt(Some(fault)),
        }
    }

    /// Fills `slot` from `value` by `parser`, or keeps the fault.
    pub(super) fn read<T>(
        &mut self,
        slot: &mut T,
        value: &'a [u8],
        parser: impl FnOnce(&'a [u8]) -> Parsed<'a, T>,
    ) {
        self.set(slot, crate::wire::value(parser(value)));
    }

    /// As [`Fields::read`], for an optional field.
    pub(super) fn read_some<T>(
        &mut self,
        slot: &mut Option<T>,
        value: &'a [u8],
        parser: impl FnOnce(&'a [u8]) -> Parsed<'a, T>,
    ) {
        match crate::wire::value(parser(value)) {
            Ok(value) => *slot = Some(value),
            Err(fault) => self.adopt(Some(fault)),
        }
    }
}

/// The number of a constructed context tag; 255 for any other tag, which no field has.
const fn context_number(tag: u8) -> u8 {
    if tag & 0xe0 == 0xa0 { tag & 0x1f } else { 255 }
}

/// An element of this tag: its content.
pub(super) fn tlv<'a>(
    tag: u8,
    field: &'static str,
) -> impl Parser<&'a [u8], Output = &'a [u8], Error = ParseError> {
    move |input: &'a [u8]| {
        let mut reader = Reader::new(input);
        match der::expect(&mut reader, tag, field) {
            Ok(content) => Ok((reader.rest(), content)),
            Err(fault) => Err(nom::Err::Error(fault)),
        }
    }
}

/// `[number] inner`, tagged explicitly.
pub(super) fn explicit<'a, T>(
    number: u8,
    field: &'static str,
    inner: impl Parser<&'a [u8], Output = T, Error = ParseError>,
) -> impl Parser<&'a [u8], Output = T, Error = ParseError> {
    map_parser(tlv(0xa0 | number, field), inner)
}

/// `Int32`; a longer number keeps its low bits.
pub(super) fn integer(input: &[u8]) -> Parsed<'_, i32> {
    uint32.map(u32::cast_signed).parse(input)
}

/// `UInt32`; some stacks write it signed, and a longer number keeps its low bits.
pub(super) fn uint32(input: &[u8]) -> Parsed<'_, u32> {
    let (rest, content) = tlv(0x02, "INTEGER").parse(input)?;
    match der::integer(content) {
        Ok(value) => Ok((rest, low_bits(value))),
        Err(fault) => Err(nom::Err::Error(fault)),
    }
}

/// `KerberosFlags`: the first 32 bits, most significant first; the rest is ignored.
pub(super) fn flags(input: &[u8]) -> Parsed<'_, u32> {
    let (rest, content) = tlv(0x03, "KerberosFlags").parse(input)?;
    let bits = content.iter().skip(1).chain(std::iter::repeat(&0)).take(4);
    Ok((
        rest,
        bits.fold(0, |word, octet| (word << 8) | u32::from(*octet)),
    ))
}

/// The content of a string of any type: OCTET STRING, GeneralString, UTF8String, KerberosTime.
pub(super) fn octets(input: &[u8]) -> Parsed<'_, &[u8]> {
    let mut reader = Reader::new(input);
    match der::element(&mut reader) {
        Ok(element) => Ok((reader.rest(), element.content)),
        Err(fault) => Err(nom::Err::Error(fault)),
    }
}

/// The low 32 bits.
fn low_bits(value: i64) -> u32 {
    u32::try_from(value & 0xffff_ffff).unwrap_or_default()
}
