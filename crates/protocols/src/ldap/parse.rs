//! Octets to messages. No state.
//!
//! Strings and numbers are read as they are: a name that is no UTF-8 or a result that no standard
//! knows must not cost the message. LDAP allows BER, so a length may be written in more octets than
//! it needs, and Active Directory does so throughout.

mod change;
mod control;

pub(crate) use change::{ModifyDn, add, compare, extended, modify, modify_dn};
pub(crate) use control::controls;

use super::filter;
use super::limits::{ATTRIBUTES_MAX, MESSAGE_OCTETS_PLAUSIBLE};
use super::message::{
    AuthenticationChoice, BindRequest, Envelope, LdapResult, Operation, SearchRequest,
};
use crate::wire::{ParseError, Reader, der};

/// Reads what stands before the content of an operation.
///
/// ```text
/// LDAPMessage ::= SEQUENCE { messageID INTEGER (0 .. maxInt), protocolOp CHOICE {...}, controls [0] OPTIONAL }
/// ```
pub(crate) fn envelope(octets: &[u8]) -> Result<Envelope, ParseError> {
    let mut reader = Reader::new(octets);
    let place = |reader: &Reader<'_>| octets.len().saturating_sub(reader.len());
    if octets.first().is_some_and(|tag| *tag != SEQUENCE) {
        return Err(ParseError::Malformed {
            field: "LDAPMessage",
        });
    }
    let (_, length) = der::header(&mut reader)?;
    let total = place(&reader).saturating_add(length);
    if MESSAGE_OCTETS_PLAUSIBLE < total {
        return Err(ParseError::Malformed {
            field: "LDAPMessage",
        });
    }
    let message_id = message_id(&mut reader)?;
    let operation = Operation(Reader::new(reader.rest()).u8()?);
    if operation.is_request().is_none() {
        return Err(ParseError::Malformed {
            field: "protocolOp",
        });
    }
    let (_, length) = der::header(&mut reader)?;
    let start = place(&reader);
    if total < start.saturating_add(length) {
        return Err(ParseError::Malformed {
            field: "protocolOp",
        });
    }
    Ok(Envelope {
        message_id,
        operation,
        content: (start, length),
        total,
    })
}

/// Octets that show whether an entry names an object, once its envelope is known.
pub(crate) const OBJECT_NAME_HEADER: usize = 6;

/// Whether the content of a `SearchResultEntry` begins with an empty `objectName`: the root DSE's.
pub(crate) fn is_root_entry(content: &[u8]) -> bool {
    der::header(&mut Reader::new(content)) == Ok((OCTET_STRING, 0))
}

/// Reads the content of a `BindRequest`.
///
/// ```text
/// BindRequest ::= [APPLICATION 0] SEQUENCE { version INTEGER (1 .. 127), name LDAPDN, authentication AuthenticationChoice }
/// ```
pub(crate) fn bind_request(content: &[u8]) -> Result<BindRequest<'_>, ParseError> {
    let mut reader = Reader::new(content);
    der::expect(&mut reader, INTEGER, "version")?;
    let name = der::expect(&mut reader, OCTET_STRING, "name")?;
    let choice = der::element(&mut reader)?;
    let authentication = match choice.tag {
        0x80 => AuthenticationChoice::Simple {
            has_password: !choice.content.is_empty(),
        },
        0xa3 => {
            let mut reader = Reader::new(choice.content);
            AuthenticationChoice::Sasl {
                mechanism: der::expect(&mut reader, OCTET_STRING, "mechanism")?,
                credentials: if reader.is_empty() {
                    &[]
                } else {
                    der::expect(&mut reader, OCTET_STRING, "credentials")?
                },
            }
        }
        0x89..=0x8b => AuthenticationChoice::Sicily {
            is_response: choice.tag == 0x8b,
            token: choice.content,
        },
        _ => AuthenticationChoice::Other,
    };
    Ok(BindRequest {
        name,
        authentication,
    })
}

/// Reads the content of an answer that is an `LDAPResult`.
///
/// ```text
/// LDAPResult ::= SEQUENCE { resultCode ENUMERATED, matchedDN LDAPDN, diagnosticMessage LDAPString, referral [3] OPTIONAL }
/// BindResponse ::= [APPLICATION 1] SEQUENCE { COMPONENTS OF LDAPResult, serverSaslCreds [7] OPTIONAL }
/// ```
pub(crate) fn result(content: &[u8]) -> Result<LdapResult<'_>, ParseError> {
    let mut reader = Reader::new(content);
    let code = der::integer(der::expect(&mut reader, ENUMERATED, "resultCode")?)?;
    let mut result = LdapResult {
        result_code: u32::try_from(code).map_err(|_| ParseError::Malformed {
            field: "resultCode",
        })?,
        matched_dn: &[],
        diagnostic_message: &[],
        server_sasl_creds: &[],
    };
    // A result is worth having without what follows it.
    let mut text = || der::expect(&mut reader, OCTET_STRING, "matchedDN").unwrap_or_default();
    result.matched_dn = text();
    result.diagnostic_message = text();
    while let Ok(element) = der::element(&mut reader) {
        if element.tag == 0x87 {
            result.server_sasl_creds = element.content;
        }
    }
    Ok(result)
}

/// Reads the content of a `SearchRequest`, which may be cut at our bound.
///
/// ```text
/// SearchRequest ::= [APPLICATION 3] SEQUENCE { baseObject LDAPDN, scope ENUMERATED, derefAliases ENUMERATED,
///     sizeLimit INTEGER, timeLimit INTEGER, typesOnly BOOLEAN, filter Filter, attributes SEQUENCE OF LDAPString }
/// ```
///
/// # Errors
///
/// When not even base and scope can be read.
pub(crate) fn search_request(content: &[u8]) -> Result<SearchRequest<'_>, ParseError> {
    let mut reader = Reader::new(content);
    let base_object = der::expect(&mut reader, OCTET_STRING, "baseObject")?;
    let scope = der::integer(der::expect(&mut reader, ENUMERATED, "scope")?)?;
    let mut request = SearchRequest {
        base_object,
        scope: u8::try_from(scope).map_err(|_| ParseError::Malformed { field: "scope" })?,
        filter: String::new(),
        encoded_filter: &[],
        attributes: Vec::new(),
        fault: None,
    };
    request.fault = search_details(&mut reader, &mut request).err();
    Ok(request)
}

fn search_details<'a>(
    reader: &mut Reader<'a>,
    request: &mut SearchRequest<'a>,
) -> Result<(), ParseError> {
    der::expect(reader, ENUMERATED, "derefAliases")?;
    der::expect(reader, INTEGER, "sizeLimit")?;
    der::expect(reader, INTEGER, "timeLimit")?;
    der::expect(reader, BOOLEAN, "typesOnly")?;
    let before = reader.rest();
    // A filter cut at a bound of ours was passed over whole: what follows is in its place.
    match filter::write(reader, &mut request.filter) {
        Err(ParseError::Limit { bound }) => {
            request.encoded_filter = read_of(before, reader);
            let _ = attributes(reader, request);
            Err(ParseError::Limit { bound })
        }
        Err(error) => Err(error),
        Ok(()) => {
            request.encoded_filter = read_of(before, reader);
            attributes(reader, request)
        }
    }
}

/// What of `before` was read.
fn read_of<'a>(before: &'a [u8], reader: &Reader<'a>) -> &'a [u8] {
    let length = before.len().saturating_sub(reader.len());
    before.get(..length).unwrap_or_default()
}

fn attributes<'a>(
    reader: &mut Reader<'a>,
    request: &mut SearchRequest<'a>,
) -> Result<(), ParseError> {
    let mut attributes = Reader::new(der::expect(reader, SEQUENCE, "attributes")?);
    while !attributes.is_empty() {
        let attribute = der::expect(&mut attributes, OCTET_STRING, "attributes")?;
        if ATTRIBUTES_MAX <= request.attributes.len() {
            return Err(ParseError::Limit {
                bound: "ldap_attributes",
            });
        }
        request.attributes.push(attribute);
    }
    Ok(())
}

/// The `messageID` that an `AbandonRequest` names: its content is the bare INTEGER.
pub(crate) fn abandoned(content: &[u8]) -> Result<u32, ParseError> {
    number(content)
}

/// Hands each attribute of a `SearchResultEntry` and its values to `attribute`.
///
/// ```text
/// SearchResultEntry ::= [APPLICATION 4] SEQUENCE { objectName LDAPDN, attributes SEQUENCE OF PartialAttribute }
/// PartialAttribute ::= SEQUENCE { type AttributeDescription, vals SET OF AttributeValue }
/// ```
pub(crate) fn entry<'a>(
    content: &'a [u8],
    mut attribute: impl FnMut(&'a [u8], Values<'a>),
) -> Result<(), ParseError> {
    let mut reader = Reader::new(content);
    der::expect(&mut reader, OCTET_STRING, "objectName")?;
    let mut list = Reader::new(der::expect(&mut reader, SEQUENCE, "attributes")?);
    while !list.is_empty() {
        let mut partial = Reader::new(der::expect(&mut list, SEQUENCE, "PartialAttribute")?);
        let kind = der::expect(&mut partial, OCTET_STRING, "type")?;
        let values = der::expect(&mut partial, SET, "vals")?;
        attribute(kind, Values(Reader::new(values)));
    }
    Ok(())
}

/// The values of an attribute, up to the first that cannot be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values<'a>(Reader<'a>);

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        der::expect(&mut self.0, OCTET_STRING, "vals").ok()
    }
}

fn message_id(reader: &mut Reader<'_>) -> Result<u32, ParseError> {
    let mut ahead = *reader;
    let (tag, length) = der::header(&mut ahead)?;
    if tag != INTEGER || MESSAGE_ID_OCTETS_MAX < length {
        return Err(ParseError::Malformed { field: "messageID" });
    }
    let id = number(ahead.take(length)?)?;
    *reader = ahead;
    Ok(id)
}

fn number(content: &[u8]) -> Result<u32, ParseError> {
    u32::try_from(der::integer(content)?).map_err(|_| ParseError::Malformed { field: "messageID" })
}

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// `maxInt` needs four; BER may pad.
const MESSAGE_ID_OCTETS_MAX: usize = 5;
