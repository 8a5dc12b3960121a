//! Filters (RFC 4511 section 4.5.1.7) as the text of RFC 4515.
//!
//! The text is written while the filter is read: no tree is built, so a hostile filter costs neither
//! memory nor stack, and what comes before a fault or a bound is kept.

use super::limits::{FILTER_DEPTH_MAX, FILTER_OCTETS_MAX};
use crate::wire::{ParseError, Reader, der};
use std::fmt::Write as _;

/// Reads a filter and writes its text, at most `FILTER_OCTETS_MAX` octets of it.
///
/// # Errors
///
/// [`ParseError::Limit`] when the text or the nesting was cut; the filter was passed over, and
/// `text` has what came before. As [`der::header`] when the filter itself is broken.
pub(crate) fn write(reader: &mut Reader<'_>, text: &mut String) -> Result<(), ParseError> {
    let filter = part(reader)?;
    item(filter, text, FILTER_DEPTH_MAX)
}

/// Reads an element, or as much of it as there is: the message may be cut at our bound. What is cut
/// is no end: whoever reads on after the filter finds nothing there.
fn part<'a>(reader: &mut Reader<'a>) -> Result<der::Element<'a>, ParseError> {
    let (tag, length) = der::header(reader)?;
    let content = reader.take(length.min(reader.len()))?;
    Ok(der::Element { tag, content })
}

/// Writes one filter with its parentheses.
fn item(filter: der::Element<'_>, text: &mut String, depth: usize) -> Result<(), ParseError> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(ParseError::Limit {
            bound: "ldap_filter_depth",
        });
    };
    push(text, '(')?;
    let mut reader = Reader::new(filter.content);
    match filter.tag {
        0xa0 => set(&mut reader, '&', text, depth)?,
        0xa1 => set(&mut reader, '|', text, depth)?,
        0xa2 => {
            push(text, '!')?;
            item(part(&mut reader)?, text, depth)?;
        }
        0xa3 => assertion(&mut reader, "=", text)?,
        0xa4 => substrings(&mut reader, text)?,
        0xa5 => assertion(&mut reader, ">=", text)?,
        0xa6 => assertion(&mut reader, "<=", text)?,
        0x87 => {
            value(filter.content, text)?;
            words("=*", text)?;
        }
        0xa8 => assertion(&mut reader, "~=", text)?,
        0xa9 => extensible(&mut reader, text)?,
        _ => return Err(ParseError::Malformed { field: "Filter" }),
    }
    push(text, ')')
}

/// `and`, `or`: SET OF Filter.
fn set(
    reader: &mut Reader<'_>,
    operator: char,
    text: &mut String,
    depth: usize,
) -> Result<(), ParseError> {
    push(text, operator)?;
    while !reader.is_empty() {
        item(part(reader)?, text, depth)?;
    }
    Ok(())
}

/// `AttributeValueAssertion ::= SEQUENCE { attributeDesc, assertionValue OCTET STRING }`
fn assertion(reader: &mut Reader<'_>, operator: &str, text: &mut String) -> Result<(), ParseError> {
    value(der::expect(reader, 0x04, "attributeDesc")?, text)?;
    words(operator, text)?;
    value(der::expect(reader, 0x04, "assertionValue")?, text)
}

/// `SubstringFilter ::= SEQUENCE { type, substrings SEQUENCE OF CHOICE { initial [0], any [1], final [2] } }`
fn substrings(reader: &mut Reader<'_>, text: &mut String) -> Result<(), ParseError> {
    value(der::expect(reader, 0x04, "type")?, text)?;
    push(text, '=')?;
    let mut parts = Reader::new(der::expect(reader, 0x30, "substrings")?);
    let mut last = 0x80;
    while !parts.is_empty() {
        let part = part(&mut parts)?;
        if part.tag != 0x80 {
            push(text, '*')?;
        }
        value(part.content, text)?;
        last = part.tag;
    }
    if last == 0x82 {
        return Ok(());
    }
    push(text, '*')
}

/// `MatchingRuleAssertion ::= SEQUENCE { matchingRule [1], type [2], matchValue [3], dnAttributes [4] }`
fn extensible(reader: &mut Reader<'_>, text: &mut String) -> Result<(), ParseError> {
    let (mut rule, mut kind, mut wanted, mut dn) = (None, None, None, false);
    while !reader.is_empty() {
        let part = part(reader)?;
        match part.tag {
            0x81 => rule = Some(part.content),
            0x82 => kind = Some(part.content),
            0x83 => wanted = Some(part.content),
            0x84 => dn = part.content.iter().any(|octet| *octet != 0),
            _ => {
                return Err(ParseError::Malformed {
                    field: "MatchingRuleAssertion",
                });
            }
        }
    }
    value(kind.unwrap_or_default(), text)?;
    if dn {
        words(":dn", text)?;
    }
    if let Some(rule) = rule {
        push(text, ':')?;
        value(rule, text)?;
    }
    words(":=", text)?;
    value(wanted.unwrap_or_default(), text)
}

/// Writes octets, those that RFC 4515 section 3 reserves or that are no text as `\xx`.
pub(super) fn value(octets: &[u8], text: &mut String) -> Result<(), ParseError> {
    for chunk in octets.utf8_chunks() {
        for character in chunk.valid().chars() {
            if matches!(character, '*' | '(' | ')' | '\\') || character.is_control() {
                let mut octets = [0; 4];
                for octet in character.encode_utf8(&mut octets).bytes() {
                    escape(octet, text)?;
                }
            } else {
                push(text, character)?;
            }
        }
        for octet in chunk.invalid() {
            escape(*octet, text)?;
        }
    }
    Ok(())
}

fn escape(octet: u8, text: &mut String) -> Result<(), ParseError> {
    if FILTER_OCTETS_MAX < text.len() + 3 {
        return Err(TOO_LONG);
    }
    write!(text, "\\{octet:02x}").map_err(|_| TOO_LONG)
}

fn words(words: &str, text: &mut String) -> Result<(), ParseError> {
    words.chars().try_for_each(|word| push(text, word))
}

fn push(text: &mut String, character: char) -> Result<(), ParseError> {
    if FILTER_OCTETS_MAX < text.len() + character.len_utf8() {
        return Err(TOO_LONG);
    }
    text.push(character);
    Ok(())
}

const TOO_LONG: ParseError = ParseError::Limit {
    bound: "ldap_filter_octets",
};
