//! From a token in any wrapping to what is inside: NTLM or Kerberos.

use super::spnego::{NegTokenInit, NegotiationToken, negotiation_token};
use crate::ntlm::parse::SIGNATURE;
use crate::wire::{ParseError, Reader, der};
use rasn::prelude::ObjectIdentifier;

/// A mechanism that a side offers or speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mechanism {
    /// Kerberos, by either of its two identifiers (RFC 4121; MS-SPNG section 1.9) or as IAKERB.
    Kerberos,
    /// Kerberos user to user.
    KerberosUserToUser,
    /// NTLM (MS-NLMP section 1.9).
    Ntlm,
    /// NEGOEX.
    NegoEx,
    /// Any other.
    Other,
}

/// What a token carries, without its wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inner<'a> {
    /// An NTLM message.
    Ntlm(&'a [u8]),
    /// A Kerberos message, by its application tag.
    Kerberos(&'a [u8]),
    /// Nothing that says who logs on.
    Nothing,
}

/// How many octets are missing of a token that ends before its own outermost length says so.
pub(super) fn missing(token: &[u8]) -> Option<usize> {
    if !matches!(token.first(), Some(0x60 | 0x6e | 0xa0 | 0xa1)) {
        return None;
    }
    match der::element(&mut Reader::new(token)) {
        Err(ParseError::Incomplete { needed }) => Some(needed),
        _ => None,
    }
}

/// Whether these octets are a token from its start, whole.
pub(super) fn is_whole(token: &[u8]) -> bool {
    token.starts_with(SIGNATURE)
        || matches!(token, [0x60 | 0x6e | 0xa0 | 0xa1, 0x81..=0x83, ..])
            && der::element(&mut Reader::new(token)).is_ok()
}

/// Opens `token`, hands over the mechanisms it lists, and what it carries.
///
/// # Errors
///
/// [`ParseError`] when the token looks like SPNEGO and is none.
pub(super) fn open(
    token: &[u8],
    mechanisms: &mut dyn FnMut(&[Mechanism]),
    visit: &mut dyn FnMut(Inner<'_>),
) -> Result<(), ParseError> {
    match token.first() {
        Some(0x60) => open_initial(token, mechanisms, visit),
        Some(0xa0 | 0xa1) => open_negotiation(token, mechanisms, visit),
        _ => {
            visit(bare(token));
            Ok(())
        }
    }
}

/// `InitialContextToken ::= [APPLICATION 0] IMPLICIT SEQUENCE { thisMech, innerContextToken }`
/// (RFC 2743 section 3.1).
fn open_initial(
    token: &[u8],
    mechanisms: &mut dyn FnMut(&[Mechanism]),
    visit: &mut dyn FnMut(Inner<'_>),
) -> Result<(), ParseError> {
    let content = der::expect(&mut Reader::new(token), 0x60, "InitialContextToken")?;
    let mut reader = Reader::new(content);
    let mechanism = der::expect(&mut reader, 0x06, "thisMech")?;
    if mechanism == OID_SPNEGO {
        return open_negotiation(reader.rest(), mechanisms, visit);
    }
    visit(bare(token));
    Ok(())
}

fn open_negotiation(
    octets: &[u8],
    mechanisms: &mut dyn FnMut(&[Mechanism]),
    visit: &mut dyn FnMut(Inner<'_>),
) -> Result<(), ParseError> {
    der::element(&mut Reader::new(octets))?;
    let malformed = ParseError::Malformed {
        field: "NegotiationToken",
    };
    match negotiation_token(octets).ok_or(malformed)? {
        NegotiationToken::Init(init) => {
            let offered = offered(&init);
            mechanisms(&offered);
            if let Some(inner) = init.mech_token {
                visit(bare(&inner));
            }
        }
        NegotiationToken::Resp(resp) => {
            if let Some(inner) = resp.response_token {
                visit(bare(&inner));
            }
        }
    }
    Ok(())
}

/// A token without SPNEGO around it: NTLM, Kerberos in GSS wrapping (RFC 4121 section 4.1), or a
/// Kerberos message alone, as DCE style carries it (RFC 4757 section 7.3).
fn bare(token: &[u8]) -> Inner<'_> {
    if token.starts_with(SIGNATURE) {
        return Inner::Ntlm(token);
    }
    match token.first() {
        Some(0x6e | 0x6f | 0x7e) => Inner::Kerberos(token),
        Some(0x60) => wrapped(token).unwrap_or(Inner::Nothing),
        _ => Inner::Nothing,
    }
}

fn wrapped(token: &[u8]) -> Option<Inner<'_>> {
    let mut reader = Reader::new(token);
    let (_, length) = der::header(&mut reader).ok()?;
    let mut reader = Reader::new(reader.rest().get(..length).unwrap_or(reader.rest()));
    let mechanism = der::expect(&mut reader, 0x06, "thisMech").ok()?;
    match by_content(mechanism) {
        Mechanism::Kerberos | Mechanism::KerberosUserToUser => {
            let _token_id = reader.u16_be().ok()?;
            Some(Inner::Kerberos(reader.rest()))
        }
        Mechanism::Ntlm => Some(Inner::Ntlm(reader.rest())),
        _ => None,
    }
}

fn offered(init: &NegTokenInit) -> Vec<Mechanism> {
    init.mech_types
        .iter()
        .flatten()
        .take(MECHANISMS_MAX)
        .map(by_arcs)
        .collect()
}

fn by_arcs(oid: &ObjectIdentifier) -> Mechanism {
    match oid.as_ref() {
        [1, 2, 840, 113_554, 1, 2, 2] | [1, 2, 840, 48_018, 1, 2, 2] | [1, 3, 6, 1, 5, 2, 5] => {
            Mechanism::Kerberos
        }
        [1, 2, 840, 113_554, 1, 2, 2, 3] => Mechanism::KerberosUserToUser,
        [1, 3, 6, 1, 4, 1, 311, 2, 2, 10] => Mechanism::Ntlm,
        [1, 3, 6, 1, 4, 1, 311, 2, 2, 30] => Mechanism::NegoEx,
        _ => Mechanism::Other,
    }
}

fn by_content(oid: &[u8]) -> Mechanism {
    match oid {
        OID_KERBEROS | OID_KERBEROS_MS | OID_IAKERB => Mechanism::Kerberos,
        OID_KERBEROS_USER_TO_USER => Mechanism::KerberosUserToUser,
        OID_NTLM => Mechanism::Ntlm,
        _ => Mechanism::Other,
    }
}

/// 1.3.6.1.5.5.2
const OID_SPNEGO: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];
/// 1.2.840.113554.1.2.2
const OID_KERBEROS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
/// 1.2.840.48018.1.2.2, the same mechanism by a slip of the pen that shipped.
const OID_KERBEROS_MS: &[u8] = &[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02];
/// 1.3.6.1.5.2.5: IAKERB, in which a client without a way to its KDC speaks to it through the service,
/// and then presents its ticket as ever.
const OID_IAKERB: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x02, 0x05];
/// 1.2.840.113554.1.2.2.3
const OID_KERBEROS_USER_TO_USER: &[u8] =
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03];
/// 1.3.6.1.4.1.311.2.2.10
const OID_NTLM: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a];

/// Windows offers five; a longer list is noise, and what stands behind the sixteenth is not kept.
const MECHANISMS_MAX: usize = 16;
