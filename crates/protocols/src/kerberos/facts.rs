//! From the words of RFC 4120 to the defender's: the only place where a message becomes owned.

mod names;
mod padata;
mod request;
mod time;

pub use names::text;
pub(crate) use names::{length, principal, realm};

use super::message::{self, KdcRep, KdcReq, KrbError};
use super::parse;
use crate::Facts;
use realmward_event::kerberos::{
    EncryptedPart, Exchange, KerberosRefused, PasswordChangeRequested, ServiceTicketIssued,
    ServiceTicketRequested, Ticket, TicketGrantRequested, TicketGranted,
};
use realmward_vocab::{
    EncryptionType, KerberosError, NtStatus, PaDataType, PrincipalName, Realm, TicketHash,
};
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
        odd_version: (ticket.tkt_vno != 5).then_some(ticket.tkt_vno),
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
    let (certificate, certificates) = request::proof(request.padata, facts);
    TicketGrantRequested {
        client: body.cname.as_ref().map(principal),
        realm: realm(body.realm),
        service: body.sname.as_ref().map(principal).unwrap_or_default(),
        timestamp: request
            .padata
            .find(PaDataType::PA_ENC_TIMESTAMP.0)
            .and_then(|octets| parse::enc_timestamp(octets).ok())
            .map(|part| encrypted_part(&part)),
        shape: request::shape(request, over_udp, facts),
        certificate,
        certificates,
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
    let for_user = padata::for_user(request.padata);
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
        for_user: for_user.name,
        for_user_realm: for_user.realm,
        for_user_certificate: for_user.by_certificate,
        client: body.cname.as_ref().map(principal),
        key_list: key_list(request.padata, facts),
        shape: request::shape(request, over_udp, facts),
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
        padata: padata_types(reply),
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
        padata: padata_types(reply),
    }
}

fn padata_types(reply: &KdcRep<'_>) -> Vec<PaDataType> {
    let kinds = reply.padata.iter().take(REPLY_PADATA_MAX);
    kinds.map(|it| PaDataType(it.padata_type)).collect()
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
        server_time: time::instant(error.stime, error.susec),
        client_time: time::instant(error.ctime, error.cusec),
        status: parse::error_data(error.e_data).map(NtStatus),
        timestamp: None,
    }
}

/// Adds what only the request knows: an error repeats little of it, and Samba none if the ticket
/// presented cannot be decrypted (realm `<unspecified realm>`, no service).
pub fn add_request(fact: &mut KerberosRefused, realm: Realm, service: PrincipalName) {
    if fact.service.is_empty() {
        fact.service = service;
    }
    if fact.realm.is_empty() || fact.realm.as_str() == UNSPECIFIED_REALM {
        fact.realm = realm;
    }
}

/// The key types of KERB-KEY-LIST-REQ.
fn key_list(padata: parse::PaDatas<'_>, facts: &mut Facts) -> Vec<EncryptionType> {
    let Some(body) = padata.find(PaDataType::KERB_KEY_LIST_REQ.0) else {
        return Vec::new();
    };
    let etypes = parse::key_list(body).iter().map(EncryptionType);
    kept(etypes, padata::ETYPES_MAX, facts)
}

/// A request to change or set a password; how it ended is for the caller to add.
#[must_use]
pub fn password_change(
    version: u16,
    ap_req: &message::ApReq<'_>,
    sealed: &message::KrbPriv<'_>,
) -> PasswordChangeRequested {
    PasswordChangeRequested {
        is_set: version != 1,
        ticket: ticket(&ap_req.ticket),
        authenticator: encrypted_part(&ap_req.authenticator),
        sealed_octets: length(sealed.enc_part.cipher),
        ..PasswordChangeRequested::default()
    }
}

/// The result code that begins the `e-data` of an error about a password (RFC 3244 section 2).
#[must_use]
pub fn password_result(e_data: &[u8]) -> Option<u16> {
    e_data.first_chunk().copied().map(u16::from_be_bytes)
}

/// The first `max` items; more are counted.
fn kept<T>(mut items: impl Iterator<Item = T>, max: usize, facts: &mut Facts) -> Vec<T> {
    let kept = items.by_ref().take(max).collect();
    if items.next().is_some() {
        facts.limit("kerberos_list_items");
    }
    kept
}

/// Delegation and user-to-user need one; what stands behind the fourth is not kept.
const ADDITIONAL_TICKETS_MAX: usize = 4;

/// A reply has two or three; what stands behind the eighth is not kept.
const REPLY_PADATA_MAX: usize = 8;

/// What Heimdal writes where it knows no realm.
const UNSPECIFIED_REALM: &str = "<unspecified realm>";
