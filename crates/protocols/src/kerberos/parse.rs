//! Octets to the messages of RFC 4120, without state, copies or allocations.
//!
//! Leaves (names, tickets, sealed parts) are nom parsers that follow the grammar line by line.
//! Messages are walked field by field: a field that cannot be read is remembered as the fault, and
//! the others are read all the same, because a defender would rather have half a message than none.
//! Nothing is decoded that no fact needs: times, checksums and addresses of hosts stay octets.

mod fast;
mod list;
mod password;
mod pkinit;
mod walk;

pub use fast::{armored, error_data, key_list, pac_options, pac_request};
pub use list::{Integers, Octets, PaDatas, Tickets};
pub use password::{is_password, password};
pub use pkinit::{Certificates, certificates};
use walk::{Fields, flags, integer, octets, uint32};

use super::message::{
    ApReq, Body, EncryptedData, KdcRep, KdcReq, KdcReqBody, KrbError, Message, PaData,
    PrincipalName, Ticket,
};
use crate::wire::{ParseError, Reader, der};
use nom::Parser as _;
use nom::combinator::{map_parser, opt};

/// What a nom parser of this module gives.
pub(super) type Parsed<'a, T> = nom::IResult<&'a [u8], T, ParseError>;

/// Reads the message at the start of `octets`; what follows it is ignored.
///
/// # Errors
///
/// [`ParseError`] when the octets are no Kerberos message, or none whose fields can be reached.
pub fn message(octets: &[u8]) -> Result<Message<'_>, ParseError> {
    let mut reader = Reader::new(octets);
    let (tag, content, cut) = outer(&mut reader)?;
    let mut fields = Fields::new(content);
    let body = match tag {
        0x6a => Body::AsReq(kdc_req(&mut fields)),
        0x6b => Body::AsRep(kdc_rep(&mut fields)),
        0x6c => Body::TgsReq(kdc_req(&mut fields)),
        0x6d => Body::TgsRep(kdc_rep(&mut fields)),
        0x6e => Body::ApReq(ap_req_fields(&mut fields)),
        0x7e => Body::KrbError(krb_error(&mut fields)),
        _ => Body::Other(tag & 0x1f),
    };
    Ok(Message {
        body,
        fault: fields.fault.or(cut),
    })
}

/// Reads an AP-REQ, as GSS tokens, DCE/RPC and PA-TGS-REQ carry it.
///
/// # Errors
///
/// [`ParseError`] when the octets are no AP-REQ, or its ticket cannot be read.
pub fn ap_req(octets: &[u8]) -> Result<ApReq<'_>, ParseError> {
    match message(octets)? {
        Message {
            body: Body::ApReq(found),
            fault,
        } if !found.ticket.enc_part.cipher.is_empty() => match fault {
            Some(fault) if found.authenticator.cipher.is_empty() => Err(fault),
            _ => Ok(found),
        },
        Message {
            fault: Some(fault), ..
        } => Err(fault),
        _ => Err(ParseError::Malformed { field: "AP-REQ" }),
    }
}

/// The application tag and what is there of the SEQUENCE inside; the third is why it is not all.
fn outer<'a>(reader: &mut Reader<'a>) -> Result<(u8, &'a [u8], Option<ParseError>), ParseError> {
    let (tag, length) = der::header(reader)?;
    if !is_message_tag(tag) {
        return Err(ParseError::Malformed { field: "msg-type" });
    }
    let needed = length.saturating_sub(reader.len());
    let cut = (needed != 0).then_some(ParseError::Incomplete { needed });
    let mut inside = Reader::new(reader.take(length.min(reader.len()))?);
    let (sequence, length) = der::header(&mut inside)?;
    if sequence != 0x30 {
        return Err(ParseError::Malformed { field: "SEQUENCE" });
    }
    let content = inside.take(length.min(inside.len()))?;
    Ok((tag, content, cut))
}

/// Whether the tag begins one of the messages of RFC 4120 section 5.10: AS-REQ to AP-REP, KRB-SAFE
/// to KRB-CRED, KRB-ERROR.
pub(super) const fn is_message_tag(tag: u8) -> bool {
    matches!(tag, 0x6a..=0x6f | 0x74..=0x76 | 0x7e)
}

fn kdc_req<'a>(fields: &mut Fields<'a>) -> KdcReq<'a> {
    let mut found = KdcReq::default();
    while let Some((number, value)) = fields.step() {
        match number {
            3 => fields.set(&mut found.padata, list::sequence_of(value).map(PaDatas)),
            4 => {
                let mut inside = Fields::of_sequence(value);
                found.req_body = kdc_req_body(&mut inside);
                fields.adopt(inside.fault);
            }
            _ => {}
        }
    }
    found
}

fn kdc_req_body<'a>(fields: &mut Fields<'a>) -> KdcReqBody<'a> {
    let mut found = KdcReqBody::default();
    while let Some((number, value)) = fields.step() {
        match number {
            0 => fields.read(&mut found.kdc_options, value, flags),
            1 => fields.read_some(&mut found.cname, value, principal_name),
            2 => fields.read(&mut found.realm, value, octets),
            3 => fields.read_some(&mut found.sname, value, principal_name),
            5 => fields.read(&mut found.till, value, octets),
            6 => fields.read_some(&mut found.rtime, value, octets),
            7 => fields.read(&mut found.nonce, value, uint32),
            8 => fields.set(&mut found.etype, list::sequence_of(value).map(Integers)),
            9 => found.netbios_address = list::netbios_address(value),
            10 => fields.read_some(&mut found.enc_authorization_data, value, encrypted_data),
            11 => fields.set(
                &mut found.additional_tickets,
                list::sequence_of(value).map(Tickets),
            ),
            _ => {}
        }
    }
    found
}

fn kdc_rep<'a>(fields: &mut Fields<'a>) -> KdcRep<'a> {
    let mut found = KdcRep::default();
    while let Some((number, value)) = fields.step() {
        match number {
            2 => fields.set(&mut found.padata, list::sequence_of(value).map(PaDatas)),
            3 => fields.read(&mut found.crealm, value, octets),
            4 => fields.read(&mut found.cname, value, principal_name),
            5 => fields.read_some(&mut found.ticket, value, ticket),
            6 => fields.read(&mut found.enc_part, value, encrypted_data),
            _ => {}
        }
    }
    if found.ticket.is_none() {
        fields.adopt(Some(ParseError::Malformed { field: "ticket" }));
    }
    found
}

fn ap_req_fields<'a>(fields: &mut Fields<'a>) -> ApReq<'a> {
    let mut found = ApReq::default();
    while let Some((number, value)) = fields.step() {
        match number {
            2 => fields.read(&mut found.ap_options, value, flags),
            3 => fields.read(&mut found.ticket, value, ticket),
            4 => fields.read(&mut found.authenticator, value, encrypted_data),
            _ => {}
        }
    }
    found
}

fn krb_error<'a>(fields: &mut Fields<'a>) -> KrbError<'a> {
    let mut found = KrbError::default();
    while let Some((number, value)) = fields.step() {
        match number {
            2 => fields.read(&mut found.ctime, value, octets),
            3 => fields.read_some(&mut found.cusec, value, uint32),
            4 => fields.read(&mut found.stime, value, octets),
            5 => fields.read_some(&mut found.susec, value, uint32),
            6 => fields.read_some(&mut found.error_code, value, integer),
            8 => fields.read_some(&mut found.cname, value, principal_name),
            9 => fields.read(&mut found.realm, value, octets),
            10 => fields.read(&mut found.sname, value, principal_name),
            12 => fields.read(&mut found.e_data, value, octets),
            _ => {}
        }
    }
    if found.error_code.is_none() {
        fields.adopt(Some(ParseError::Malformed {
            field: "error-code",
        }));
    }
    found
}

/// `Ticket ::= [APPLICATION 1] SEQUENCE { tkt-vno [0] INTEGER (5), realm [1] Realm,
/// sname [2] PrincipalName, enc-part [3] EncryptedData }`
pub(super) fn ticket(input: &[u8]) -> Parsed<'_, Ticket<'_>> {
    map_parser(
        walk::tlv(0x61, "Ticket"),
        map_parser(
            walk::tlv(0x30, "Ticket"),
            (
                opt(walk::explicit(0, "tkt-vno", integer)),
                walk::explicit(1, "realm", octets),
                walk::explicit(2, "sname", principal_name),
                walk::explicit(3, "enc-part", encrypted_data),
            ),
        ),
    )
    .map(|(tkt_vno, realm, sname, enc_part)| Ticket {
        tkt_vno: tkt_vno.unwrap_or(5),
        realm,
        sname,
        enc_part,
    })
    .parse(input)
}

/// `EncryptedData ::= SEQUENCE { etype [0] Int32, kvno [1] UInt32 OPTIONAL, cipher [2] OCTET STRING }`
fn encrypted_data(input: &[u8]) -> Parsed<'_, EncryptedData<'_>> {
    map_parser(
        walk::tlv(0x30, "EncryptedData"),
        (
            walk::explicit(0, "etype", integer),
            opt(walk::explicit(1, "kvno", uint32)),
            walk::explicit(2, "cipher", octets),
        ),
    )
    .map(|(etype, kvno, cipher)| EncryptedData {
        etype,
        kvno,
        cipher,
    })
    .parse(input)
}

/// `PrincipalName ::= SEQUENCE { name-type [0] Int32, name-string [1] SEQUENCE OF KerberosString }`
pub(super) fn principal_name(input: &[u8]) -> Parsed<'_, PrincipalName<'_>> {
    map_parser(
        walk::tlv(0x30, "PrincipalName"),
        (
            walk::explicit(0, "name-type", integer),
            walk::explicit(1, "name-string", walk::tlv(0x30, "name-string")),
        ),
    )
    .map(|(name_type, name_string)| PrincipalName {
        name_type,
        name_string: Octets(name_string),
    })
    .parse(input)
}

/// `PA-DATA ::= SEQUENCE { padata-type [1] Int32, padata-value [2] OCTET STRING }`
fn pa_data(input: &[u8]) -> Parsed<'_, PaData<'_>> {
    map_parser(
        walk::tlv(0x30, "PA-DATA"),
        (
            walk::explicit(1, "padata-type", integer),
            walk::explicit(2, "padata-value", octets),
        ),
    )
    .map(|(padata_type, padata_value)| PaData {
        padata_type,
        padata_value,
    })
    .parse(input)
}

/// Reads a whole EncryptedData, the body of PA-ENC-TIMESTAMP (RFC 4120 section 5.2.7.2).
///
/// # Errors
///
/// [`ParseError`] when the octets are none.
pub fn enc_timestamp(octets: &[u8]) -> Result<EncryptedData<'_>, ParseError> {
    crate::wire::value(encrypted_data(octets))
}
