//! From the words of RFC 4120 to the defender's: the only place where a message becomes owned.

mod names;
mod padata;

pub use names::text;
pub(crate) use names::{length, principal, realm};

use super::message::{self, KdcRep, KdcReq, KrbError};
use super::parse;
use crate::{Facts, Opaque};
use realmward_event::kerberos::{
    EncryptedPart, Exchange, KerberosRefused, RequestShape, ServiceTicketIssued,
    ServiceTicketRequested, Ticket, TicketGrantRequested, TicketGranted,
};
use realmward_vocab::{EncryptionType, KdcOptions, KerberosError, PaDataType, TicketHash};
use sha2::{Digest as _, Sha256};

/// The clear header of a ticket, and its identity.
#[must_use]
pub fn ticket(ticket: &message::Ticket<'_>) -> Ticket {
    Ticket {
        hash: ticket_hash(ticket.enc_part.cipher),
        realm: realm(ticket.realm),
        service: principal(&ticket.sname),
        service_name_type: ticket.sname.name_type,
        etype: EncryptionType(ticket.enc_part.etype),
        kvno: ticket.enc_part.kvno,
        cipher_octets: length(ticket.enc_part.cipher),
    }
}

/// First 16 octets of SHA-256 over the ciphertext, most significant first; 0 if there is none, so
/// that tickets that were not seen are not one ticket.
#[must_use]
pub fn ticket_hash(cipher: &[u8]) -> TicketHash {
    if cipher.is_empty() {
        return TicketHash::default();
    }
    let digest = Sha256::digest(cipher);
    let head = digest.first_chunk().copied().unwrap_or_default();
    TicketHash(u128::from_be_bytes(head))
}

/// The clear header of a sealed part.
#[must_use]
pub fn encrypted_part(part: &message::EncryptedData<'_>) -> EncryptedPart {
    EncryptedPart {
        etype: EncryptionType(part.etype),
        cipher_octets: length(part.cipher),
    }
}

/// An AS-REQ.
#[must_use]
pub fn ticket_grant_requested(
    request: &KdcReq<'_>,
    over_udp: bool,
    facts: &mut Facts,
) -> TicketGrantRequested {
    let body = &request.req_body;
    TicketGrantRequested {
        client: body.cname.as_ref().map(principal),
        realm: realm(body.realm),
        service: body.sname.as_ref().map(principal).unwrap_or_default(),
        timestamp: request
            .padata
            .find(PaDataType::PA_ENC_TIMESTAMP.0)
            .and_then(|octets| parse::enc_timestamp(octets).ok())
            .map(|part| encrypted_part(&part)),
        shape: shape(request, over_udp, facts),
    }
}

/// A TGS-REQ.
#[must_use]
pub fn service_ticket_requested(
    request: &KdcReq<'_>,
    over_udp: bool,
    facts: &mut Facts,
) -> ServiceTicketRequested {
    let body = &request.req_body;
    let presented = request
        .padata
        .find(PaDataType::PA_TGS_REQ.0)
        .map(parse::ap_req);
    if let Some(Err(fault)) = presented {
        facts.fault("kerberos", fault);
    }
    let presented = presented.and_then(Result::ok).unwrap_or_default();
    ServiceTicketRequested {
        presented: ticket(&presented.ticket),
        authenticator: encrypted_part(&presented.authenticator),
        realm: realm(body.realm),
        service: body.sname.as_ref().map(principal),
        enc_authorization_data_octets: body
            .enc_authorization_data
            .map(|part| length(part.cipher))
            .unwrap_or_default(),
        additional_tickets: kept(
            body.additional_tickets.iter().map(|it| ticket(&it)),
            ADDITIONAL_TICKETS_MAX,
            facts,
        ),
        for_user: padata::for_user(request.padata),
        shape: shape(request, over_udp, facts),
    }
}

/// An AS-REP with the ticket in it.
#[must_use]
pub fn ticket_granted(
    reply: &KdcRep<'_>,
    ticket: Ticket,
    request: Option<TicketGrantRequested>,
) -> TicketGranted {
    TicketGranted {
        client: principal(&reply.cname),
        realm: realm(reply.crealm),
        ticket,
        reply_etype: EncryptionType(reply.enc_part.etype),
        request: request.map(Box::new),
    }
}

/// A TGS-REP with the ticket in it.
#[must_use]
pub fn service_ticket_issued(
    reply: &KdcRep<'_>,
    ticket: Ticket,
    request: Option<ServiceTicketRequested>,
) -> ServiceTicketIssued {
    ServiceTicketIssued {
        client: principal(&reply.cname),
        realm: realm(reply.crealm),
        ticket,
        reply_etype: EncryptionType(reply.enc_part.etype),
        request: request.map(Box::new),
    }
}

/// A KRB-ERROR; what it answered is for the caller to add.
#[must_use]
pub fn refused(error: &KrbError<'_>, exchange: Exchange) -> KerberosRefused {
    KerberosRefused {
        code: KerberosError(error.error_code.unwrap_or_default()),
        exchange,
        client: error.cname.as_ref().map(principal),
        realm: realm(error.realm),
        service: principal(&error.sname),
        offered_etypes: padata::offered_etypes(error.e_data),
        presented: None,
    }
}

/// What the client's stack chose.
fn shape(request: &KdcReq<'_>, over_udp: bool, facts: &mut Facts) -> RequestShape {
    if padata::is_armoured(request.padata) {
        facts.opaque(Opaque::ArmouredKerberos);
    }
    let body = &request.req_body;
    RequestShape {
        options: KdcOptions(body.kdc_options),
        etypes: kept(
            body.etype.iter().map(EncryptionType),
            padata::ETYPES_MAX,
            facts,
        ),
        padata: kept(
            request.padata.iter().map(|it| PaDataType(it.padata_type)),
            PADATA_MAX,
            facts,
        ),
        service_name_type: body.sname.map(|it| it.name_type).unwrap_or_default(),
        nonce: body.nonce,
        till: names::time(body.till),
        rtime: body.rtime.map(names::time),
        has_cname: body.cname.is_some(),
        netbios_address: body.netbios_address.and_then(names::netbios),
        over_udp,
    }
}

/// The first `max` items; more are counted.
fn kept<T>(mut items: impl Iterator<Item = T>, max: usize, facts: &mut Facts) -> Vec<T> {
    let kept = items.by_ref().take(max).collect();
    if items.next().is_some() {
        facts.limit("kerberos_list_items");
    }
    kept
}

/// Clients send up to ten; what stands behind the 32nd is not kept.
const PADATA_MAX: usize = 32;

/// Delegation and user-to-user need one; what stands behind the fourth is not kept.
const ADDITIONAL_TICKETS_MAX: usize = 4;
