//! Kerberos: tickets asked for, given, refused and presented (RFC 4120).
//!
//! Names of the wire that carry weight for fingerprints (option word, order of etypes and padata,
//! lengths) are kept as numbers; what they mean is `profile`'s to say.

use crate::Carrier;
use realmward_vocab::{
    AccountName, EncryptionType, HostName, KdcOptions, KerberosError, PaDataType, PrincipalName,
    Realm, TicketHash,
};
use serde::{Deserialize, Serialize};

/// A ticket as its clear header shows it (RFC 4120 section 5.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Identity of the ticket, from its ciphertext.
    pub hash: TicketHash,
    /// Realm that issued it.
    pub realm: Realm,
    /// For which service (`sname`).
    pub service: PrincipalName,
    /// `sname.name-type`; 2 for services in genuine tickets.
    pub service_name_type: i32,
    /// Key type that seals it.
    pub etype: EncryptionType,
    /// Key version, if given. The high 16 bits number a read-only domain controller.
    pub kvno: Option<u32>,
    /// Length of the ciphertext in octets.
    pub cipher_octets: u32,
}

/// What both KDC requests share: the words a client stack chooses freely, so its fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestShape {
    /// `kdc-options`.
    pub options: KdcOptions,
    /// `etype`, in the client's order of preference.
    pub etypes: Vec<EncryptionType>,
    /// Types of `padata`, in order.
    pub padata: Vec<PaDataType>,
    /// `sname.name-type`.
    pub service_name_type: i32,
    /// `nonce`.
    pub nonce: u32,
    /// `till` as written, like `20370913024805Z`.
    pub till: String,
    /// `rtime` as written, if present.
    pub rtime: Option<String>,
    /// Whether the body names the client (`cname`).
    pub has_cname: bool,
    /// First NetBIOS name among `addresses` (type 20), trimmed.
    pub netbios_address: Option<HostName>,
    /// Whether it came over UDP.
    pub over_udp: bool,
}

/// AS-REQ (RFC 4120 section 5.4.1; Windows events 4768 and 4771 come from the answer).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketGrantRequested {
    /// `cname`, if present.
    pub client: Option<PrincipalName>,
    /// `realm`.
    pub realm: Realm,
    /// `sname`, usually `krbtgt/REALM`.
    pub service: PrincipalName,
    /// Proof of a key: etype and ciphertext length of PA-ENC-TIMESTAMP.
    pub timestamp: Option<EncryptedPart>,
    /// The stack's choices.
    pub shape: RequestShape,
}

/// An EncryptedData as its clear header shows it (RFC 4120 section 5.2.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptedPart {
    /// Key type.
    pub etype: EncryptionType,
    /// Length of the ciphertext in octets.
    pub cipher_octets: u32,
}

/// AS-REP (RFC 4120 section 5.4.2; Windows event 4768).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketGranted {
    /// `cname`.
    pub client: PrincipalName,
    /// `crealm`.
    pub realm: Realm,
    /// The ticket.
    pub ticket: Ticket,
    /// Key type of the part sealed for the client: the type of the client's long-term key.
    pub reply_etype: EncryptionType,
    /// The request that was answered, if it was seen: its pre-authentication and its shape.
    pub request: Option<Box<TicketGrantRequested>>,
}

/// TGS-REQ (RFC 4120 section 5.4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTicketRequested {
    /// The ticket presented in PA-TGS-REQ.
    pub presented: Ticket,
    /// The sealed authenticator that came with it.
    pub authenticator: EncryptedPart,
    /// `realm` of the body.
    pub realm: Realm,
    /// `sname` of the body, if present.
    pub service: Option<PrincipalName>,
    /// Length of `enc-authorization-data`, 0 if absent.
    pub enc_authorization_data_octets: u32,
    /// `additional-tickets`.
    pub additional_tickets: Vec<Ticket>,
    /// User named by PA-FOR-USER or PA-S4U-X509-USER (MS-SFU).
    pub for_user: Option<PrincipalName>,
    /// The stack's choices.
    pub shape: RequestShape,
}

/// TGS-REP (RFC 4120 section 5.4.2; Windows event 4769).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTicketIssued {
    /// `cname`.
    pub client: PrincipalName,
    /// `crealm`.
    pub realm: Realm,
    /// The ticket.
    pub ticket: Ticket,
    /// Key type of the part sealed for the client.
    pub reply_etype: EncryptionType,
    /// The request that was answered, if it was seen.
    pub request: Option<Box<ServiceTicketRequested>>,
}

/// What a KRB-ERROR answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exchange {
    /// An AS-REQ.
    As,
    /// A TGS-REQ.
    Tgs,
    /// An AP-REQ.
    Ap,
    /// The request was not seen.
    #[default]
    Unknown,
}

/// KRB-ERROR (RFC 4120 section 5.9.1; Windows events 4768, 4769, 4771 with a failure code).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KerberosRefused {
    /// `error-code`.
    pub code: KerberosError,
    /// What it answered.
    pub exchange: Exchange,
    /// `cname`, or the client of the request.
    pub client: Option<PrincipalName>,
    /// `realm` of the service.
    pub realm: Realm,
    /// `sname`.
    pub service: PrincipalName,
    /// Key types that PA-ETYPE-INFO2 offers, in order (`e-data` of error 25 and 24).
    pub offered_etypes: Vec<EncryptionType>,
    /// Ticket that the refused request presented, if any.
    pub presented: Option<Ticket>,
}

/// AP-REQ towards a service other than the KDC (RFC 4120 section 5.5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketPresented {
    /// The ticket.
    pub ticket: Ticket,
    /// The sealed authenticator that came with it.
    pub authenticator: EncryptedPart,
    /// What carried it.
    pub carrier: Carrier,
}

/// The account part of a client principal: the first component, before any `@`.
#[must_use]
pub fn account_of(client: &PrincipalName) -> AccountName {
    let first = client.first();
    AccountName::new(first.split('@').next().unwrap_or(first))
}
