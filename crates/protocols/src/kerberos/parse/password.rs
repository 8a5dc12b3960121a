//! Messages about passwords (RFC 3244 section 2), without state.

use super::{ap_req, encrypted_data, message, walk};
use crate::kerberos::message::{Body, KrbPriv, Message, Password, PasswordContent};
use crate::wire::{ParseError, Reader, der};

/// Whether these octets are a message about a password, by their length and version.
#[must_use]
pub fn is_password(octets: &[u8]) -> bool {
    let mut reader = Reader::new(octets);
    let (Ok(length), Ok(version)) = (reader.u16_be(), reader.u16_be()) else {
        return false;
    };
    usize::from(length) == octets.len() && matches!(version, 0x0001 | 0xff80)
}

/// Reads a message about a password.
///
/// ```text
/// message := length:u16 version:u16 ap_length:u16 (AP-REQ | AP-REP)[ap_length] KRB-PRIV
///          | length:u16 version:u16 0:u16 KRB-ERROR
/// ```
///
/// # Errors
///
/// [`ParseError`] when a part is missing.
pub fn password(octets: &[u8]) -> Result<Password<'_>, ParseError> {
    let mut reader = Reader::new(octets);
    reader.skip(2)?;
    let version = reader.u16_be()?;
    let ap_length = reader.u16_be()?;
    let ap = reader.take(usize::from(ap_length))?;
    let content = match ap.first() {
        None => match message(reader.rest())? {
            Message {
                body: Body::KrbError(error),
                ..
            } => PasswordContent::Error(error),
            _ => return Err(ParseError::Malformed { field: "KRB-ERROR" }),
        },
        Some(0x6e) => PasswordContent::Request(ap_req(ap)?, krb_priv(reader.rest())?),
        Some(_) => PasswordContent::Reply(krb_priv(reader.rest())?),
    };
    Ok(Password { version, content })
}

/// `KRB-PRIV ::= [APPLICATION 21] SEQUENCE { pvno [0], msg-type [1], enc-part [3] EncryptedData }`
fn krb_priv(octets: &[u8]) -> Result<KrbPriv<'_>, ParseError> {
    let content = der::expect(&mut Reader::new(octets), 0x75, "KRB-PRIV")?;
    let mut fields = walk::Fields::of_sequence(content);
    let mut found = KrbPriv::default();
    while let Some((number, content)) = fields.step() {
        if number == 3 {
            fields.read(&mut found.enc_part, content, encrypted_data);
        }
    }
    fields.fault.map_or(Ok(found), Err)
}
