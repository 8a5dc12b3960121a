//! Kerberos: tickets asked for, given, refused and presented (RFC 4120).
//!
//! Names of the wire that carry weight for fingerprints (option word, order of etypes and padata,
//! lengths) are kept as numbers; what they mean is `profile`'s to say.

use crate::certificate::Certificate;
use crate::{Carrier, Outcome};
use realmward_vocab::{
    AccountName, EncryptionType, EventTime, HostName, KdcOptions, KerberosError, NtStatus,
    PaDataType, PrincipalName, Realm, TicketHash,
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
    /// `tkt-vno`, if it is not the 5 that every genuine ticket has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odd_version: Option<i32>,
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
    /// `include-pac` of PA-PAC-REQUEST (MS-KILE section 2.2.3), if present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_pac: Option<bool>,
    /// The flags of PA-PAC-OPTIONS (MS-KILE section 2.2.10), most significant bit first, if present:
    /// `80000000` claims, `20000000` forward to a full domain controller, `10000000` resource-based
    /// constrained delegation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pac_options: Option<u32>,
    /// The tunnel of FAST, if the request went through one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fast: Option<Box<FastTunnel>>,
}

/// What is clear of a request armoured by FAST (RFC 6113 section 5.4.2): the outer request is a shell,
/// and the real one is in the sealed part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FastTunnel {
    /// The ticket that armours the request, usually the machine's; `None` in a TGS-REQ armoured by the
    /// ticket it presents.
    pub armour: Option<Ticket>,
    /// The sealed authenticator that came with the armour.
    pub authenticator: Option<EncryptedPart>,
    /// The sealed request.
    pub request: EncryptedPart,
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
    /// The client's certificate in PA-PK-AS-REQ (RFC 4556): a logon without a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Box<Certificate>>,
    /// How many certificates PA-PK-AS-REQ carries: the client's and those of its issuers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub certificates: u32,
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
    /// Types of the reply's `padata`, in order: 17 (PA-PK-AS-REP) says that a certificate was accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub padata: Vec<PaDataType>,
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
    /// Realm of the user in `for_user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_user_realm: Option<Realm>,
    /// Whether PA-S4U-X509-USER names the user by a certificate.
    #[serde(default, skip_serializing_if = "is_false")]
    pub for_user_certificate: bool,
    /// `cname` of the body, which RFC 4120 leaves out of a TGS-REQ; some tools write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<PrincipalName>,
    /// Key types asked for by KERB-KEY-LIST-REQ (MS-KILE section 2.2.11): the reply carries long-term
    /// keys of the client.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_list: Vec<EncryptionType>,
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
    /// Types of the reply's `padata`, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub padata: Vec<PaDataType>,
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
    /// `realm` of the service, or of the request if the error names none.
    pub realm: Realm,
    /// `sname`, or the service of the request if the error names none.
    pub service: PrincipalName,
    /// Key types that PA-ETYPE-INFO2 offers, in order (`e-data` of error 25 and 24).
    pub offered_etypes: Vec<EncryptionType>,
    /// Ticket that the refused request presented, if any.
    pub presented: Option<Ticket>,
    /// `stime` and `susec`: the clock of whoever refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_time: Option<EventTime>,
    /// `ctime` and `cusec`, if the error repeats them: the client's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_time: Option<EventTime>,
    /// The reason in `e-data` (MS-KILE section 2.2.1, KERB-EXT-ERROR).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<NtStatus>,
    /// Proof of a key that was refused: etype and ciphertext length of PA-ENC-TIMESTAMP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<EncryptedPart>,
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
    /// `ap-options`: `40000000` use-session-key (user to user), `20000000` mutual-required.
    #[serde(default)]
    pub ap_options: u32,
}

/// A password was to be changed or set (RFC 3244; port 464). What it is, and whose if it is set for
/// another, is sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChangeRequested {
    /// Whether the version is `0xff80`: anyone's password may be set, not only one's own.
    pub is_set: bool,
    /// The ticket presented, for `kadmin/changepw`.
    pub ticket: Ticket,
    /// The sealed authenticator that came with it.
    pub authenticator: EncryptedPart,
    /// Length of the sealed KRB-PRIV with the new password, in octets.
    pub sealed_octets: u32,
    /// Length of the sealed answer, in octets; 0 if there was none.
    pub answer_octets: u32,
    /// The result code, where an error carries it in clear (RFC 3244 section 2).
    pub result_code: Option<u16>,
    /// The error, if the answer was one.
    pub error: Option<KerberosError>,
    /// [`Outcome::Failure`] after an error; a sealed answer does not say, and stays an attempt.
    pub outcome: Outcome,
}

/// The account part of a client principal: the first component, before any `@`.
#[must_use]
pub fn account_of(client: &PrincipalName) -> AccountName {
    let first = client.first();
    AccountName::new(first.split('@').next().unwrap_or(first))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(it: &bool) -> bool {
    !*it
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(it: &u32) -> bool {
    *it == 0
}
