//! Requests to change an object, and those that have no operation of their own. No state.

use super::{ENUMERATED, OCTET_STRING, SEQUENCE, SET, Values};
use crate::wire::{ParseError, Reader, der};

/// Hands each change of a `ModifyRequest` to `change`; gives the object.
///
/// ```text
/// ModifyRequest ::= [APPLICATION 6] SEQUENCE { object LDAPDN, changes SEQUENCE OF SEQUENCE {
///     operation ENUMERATED { add (0), delete (1), replace (2), increment (3) }, modification PartialAttribute } }
/// ```
///
/// # Errors
///
/// When it cannot be read; the changes before the fault were handed over.
pub(crate) fn modify<'a>(
    content: &'a [u8],
    mut change: impl FnMut(i64, &'a [u8], Values<'a>),
) -> Result<&'a [u8], (&'a [u8], ParseError)> {
    let mut reader = Reader::new(content);
    let object = der::expect(&mut reader, OCTET_STRING, "object").map_err(|it| (&[][..], it))?;
    changes(&mut reader, &mut change).map_err(|it| (object, it))?;
    Ok(object)
}

fn changes<'a>(
    reader: &mut Reader<'a>,
    change: &mut impl FnMut(i64, &'a [u8], Values<'a>),
) -> Result<(), ParseError> {
    let mut list = Reader::new(open(reader, SEQUENCE, "changes")?);
    while !list.is_empty() {
        let mut one = Reader::new(open(&mut list, SEQUENCE, "changes")?);
        let operation = der::integer(der::expect(&mut one, ENUMERATED, "operation")?)?;
        let mut attribute = Reader::new(open(&mut one, SEQUENCE, "modification")?);
        let (kind, values) = partial(&mut attribute)?;
        change(operation, kind, values);
    }
    Ok(())
}

/// Hands each attribute of an `AddRequest` to `attribute`; gives the entry's name.
///
/// ```text
/// AddRequest ::= [APPLICATION 8] SEQUENCE { entry LDAPDN, attributes SEQUENCE OF Attribute }
/// ```
///
/// # Errors
///
/// As [`modify`].
pub(crate) fn add<'a>(
    content: &'a [u8],
    mut attribute: impl FnMut(&'a [u8], Values<'a>),
) -> Result<&'a [u8], (&'a [u8], ParseError)> {
    let mut reader = Reader::new(content);
    let entry = der::expect(&mut reader, OCTET_STRING, "entry").map_err(|it| (&[][..], it))?;
    attributes(&mut reader, &mut attribute).map_err(|it| (entry, it))?;
    Ok(entry)
}

fn attributes<'a>(
    reader: &mut Reader<'a>,
    attribute: &mut impl FnMut(&'a [u8], Values<'a>),
) -> Result<(), ParseError> {
    let mut list = Reader::new(open(reader, SEQUENCE, "attributes")?);
    while !list.is_empty() {
        let mut one = Reader::new(open(&mut list, SEQUENCE, "Attribute")?);
        let (kind, values) = partial(&mut one)?;
        attribute(kind, values);
    }
    Ok(())
}

/// `PartialAttribute ::= SEQUENCE { type AttributeDescription, vals SET OF AttributeValue }`
fn partial<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8], Values<'a>), ParseError> {
    let kind = der::expect(reader, OCTET_STRING, "type")?;
    let values = open(reader, SET, "vals")?;
    Ok((kind, Values(Reader::new(values))))
}

/// The content of an element, or as much of it as there is: the message may be cut at our bound.
fn open<'a>(
    reader: &mut Reader<'a>,
    wanted: u8,
    field: &'static str,
) -> Result<&'a [u8], ParseError> {
    let (tag, length) = der::header(reader)?;
    if tag != wanted {
        return Err(ParseError::Malformed { field });
    }
    reader.take(length.min(reader.len()))
}

/// What a `ModifyDNRequest` asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ModifyDn<'a> {
    /// `entry`.
    pub(crate) entry: &'a [u8],
    /// `newrdn`.
    pub(crate) newrdn: &'a [u8],
    /// `newSuperior`.
    pub(crate) new_superior: Option<&'a [u8]>,
}

/// Reads a `ModifyDNRequest`.
///
/// ```text
/// ModifyDNRequest ::= [APPLICATION 12] SEQUENCE { entry LDAPDN, newrdn RelativeLDAPDN, deleteoldrdn BOOLEAN,
///     newSuperior [0] LDAPDN OPTIONAL }
/// ```
pub(crate) fn modify_dn(content: &[u8]) -> Result<ModifyDn<'_>, ParseError> {
    let mut reader = Reader::new(content);
    let entry = der::expect(&mut reader, OCTET_STRING, "entry")?;
    let newrdn = der::expect(&mut reader, OCTET_STRING, "newrdn")?;
    der::expect(&mut reader, 0x01, "deleteoldrdn")?;
    let new_superior = der::expect(&mut reader, 0x80, "newSuperior").ok();
    Ok(ModifyDn {
        entry,
        newrdn,
        new_superior,
    })
}

/// Reads a `CompareRequest`: the entry, and the assertion with its header.
///
/// ```text
/// CompareRequest ::= [APPLICATION 14] SEQUENCE { entry LDAPDN, ava AttributeValueAssertion }
/// ```
pub(crate) fn compare(content: &[u8]) -> Result<(&[u8], &[u8]), ParseError> {
    let mut reader = Reader::new(content);
    let entry = der::expect(&mut reader, OCTET_STRING, "entry")?;
    Ok((entry, der::expect(&mut reader, SEQUENCE, "ava")?))
}

/// Reads an `ExtendedRequest`: its name, and whose password it changes if that is what it does.
///
/// ```text
/// ExtendedRequest ::= [APPLICATION 23] SEQUENCE { requestName [0] LDAPOID, requestValue [1] OCTET STRING OPTIONAL }
/// PasswdModifyRequestValue ::= SEQUENCE { userIdentity [0] OCTET STRING OPTIONAL, oldPasswd [1], newPasswd [2] }
/// ```
pub(crate) fn extended(content: &[u8]) -> Result<(&[u8], Option<&[u8]>), ParseError> {
    let mut reader = Reader::new(content);
    let name = der::expect(&mut reader, 0x80, "requestName")?;
    let subject = || {
        let value = der::expect(&mut reader, 0x81, "requestValue").ok()?;
        let value = der::expect(&mut Reader::new(value), SEQUENCE, "requestValue").ok()?;
        der::expect(&mut Reader::new(value), 0x80, "userIdentity").ok()
    };
    let mut subject = subject;
    Ok((name, (name == PASSWORD_MODIFY).then(&mut subject).flatten()))
}

/// RFC 3062.
const PASSWORD_MODIFY: &[u8] = b"1.3.6.1.4.1.4203.1.11.1";
