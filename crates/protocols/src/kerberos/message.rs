//! The messages of RFC 4120 in its own words, borrowed from the octets they came in.
//!
//! Lists stay encoded and are walked by iterators, so reading a message allocates nothing.
//! Times stay text: what a client writes in `till` is its fingerprint even when it is no date.

use super::parse::{Integers, Octets, PaDatas, Tickets};
use crate::wire::ParseError;

/// PrincipalName (RFC 4120 section 5.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrincipalName<'a> {
    /// `name-type`.
    pub name_type: i32,
    /// `name-string`.
    pub name_string: Octets<'a>,
}

/// EncryptedData (RFC 4120 section 5.2.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EncryptedData<'a> {
    /// `etype`.
    pub etype: i32,
    /// `kvno`.
    pub kvno: Option<u32>,
    /// `cipher`.
    pub cipher: &'a [u8],
}

/// Ticket (RFC 4120 section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket<'a> {
    /// `tkt-vno`; 5 if it is missing.
    pub tkt_vno: i32,
    /// `realm`.
    pub realm: &'a [u8],
    /// `sname`.
    pub sname: PrincipalName<'a>,
    /// `enc-part`.
    pub enc_part: EncryptedData<'a>,
}

impl Default for Ticket<'_> {
    fn default() -> Self {
        Self {
            tkt_vno: 5,
            realm: &[],
            sname: PrincipalName::default(),
            enc_part: EncryptedData::default(),
        }
    }
}

/// AP-REQ (RFC 4120 section 5.5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApReq<'a> {
    /// `ap-options`.
    pub ap_options: u32,
    /// `ticket`.
    pub ticket: Ticket<'a>,
    /// `authenticator`.
    pub authenticator: EncryptedData<'a>,
}

/// PA-DATA (RFC 4120 section 5.2.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaData<'a> {
    /// `padata-type`.
    pub padata_type: i32,
    /// `padata-value`.
    pub padata_value: &'a [u8],
}

/// KDC-REQ-BODY (RFC 4120 section 5.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KdcReqBody<'a> {
    /// `kdc-options`.
    pub kdc_options: u32,
    /// `cname`.
    pub cname: Option<PrincipalName<'a>>,
    /// `realm`.
    pub realm: &'a [u8],
    /// `sname`.
    pub sname: Option<PrincipalName<'a>>,
    /// `till`.
    pub till: &'a [u8],
    /// `rtime`.
    pub rtime: Option<&'a [u8]>,
    /// `nonce`.
    pub nonce: u32,
    /// `etype`.
    pub etype: Integers<'a>,
    /// `addresses`: the first one of type 20, a NetBIOS name (section 7.5.3).
    pub netbios_address: Option<&'a [u8]>,
    /// `enc-authorization-data`.
    pub enc_authorization_data: Option<EncryptedData<'a>>,
    /// `additional-tickets`.
    pub additional_tickets: Tickets<'a>,
}

/// KDC-REQ (RFC 4120 section 5.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KdcReq<'a> {
    /// `padata`.
    pub padata: PaDatas<'a>,
    /// `req-body`.
    pub req_body: KdcReqBody<'a>,
}

/// KDC-REP (RFC 4120 section 5.4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KdcRep<'a> {
    /// `padata`.
    pub padata: PaDatas<'a>,
    /// `crealm`.
    pub crealm: &'a [u8],
    /// `cname`.
    pub cname: PrincipalName<'a>,
    /// `ticket`, if it could be read.
    pub ticket: Option<Ticket<'a>>,
    /// `enc-part`.
    pub enc_part: EncryptedData<'a>,
}

/// KRB-ERROR (RFC 4120 section 5.9.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KrbError<'a> {
    /// `ctime`.
    pub ctime: &'a [u8],
    /// `cusec`.
    pub cusec: Option<u32>,
    /// `stime`.
    pub stime: &'a [u8],
    /// `susec`.
    pub susec: Option<u32>,
    /// `error-code`, if it could be read.
    pub error_code: Option<i32>,
    /// `cname`.
    pub cname: Option<PrincipalName<'a>>,
    /// `realm`.
    pub realm: &'a [u8],
    /// `sname`.
    pub sname: PrincipalName<'a>,
    /// `e-data`.
    pub e_data: &'a [u8],
}

/// KrbFastArmoredReq (RFC 6113 section 5.4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KrbFastArmoredReq<'a> {
    /// `armor`, if it is an AP-REQ (`FX_FAST_ARMOR_AP_REQUEST`).
    pub armor: Option<ApReq<'a>>,
    /// `enc-fast-req`.
    pub enc_fast_req: EncryptedData<'a>,
}

/// KRB-PRIV (RFC 4120 section 5.7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KrbPriv<'a> {
    /// `enc-part`.
    pub enc_part: EncryptedData<'a>,
}

/// A request or a reply about a password (RFC 3244 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Password<'a> {
    /// `protocol version number`: 1 or `0xff80` in a request, 1 in a reply.
    pub version: u16,
    /// What it carries.
    pub content: PasswordContent<'a>,
}

/// What a message about a password carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordContent<'a> {
    /// AP-REQ and KRB-PRIV.
    Request(ApReq<'a>, KrbPriv<'a>),
    /// AP-REP, of which nothing is read, and KRB-PRIV.
    Reply(KrbPriv<'a>),
    /// KRB-ERROR.
    Error(KrbError<'a>),
}

/// A message by its application tag (RFC 4120 section 5.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// AS-REQ.
    AsReq(KdcReq<'a>),
    /// AS-REP.
    AsRep(KdcRep<'a>),
    /// TGS-REQ.
    TgsReq(KdcReq<'a>),
    /// TGS-REP.
    TgsRep(KdcRep<'a>),
    /// AP-REQ.
    ApReq(ApReq<'a>),
    /// KRB-ERROR.
    KrbError(KrbError<'a>),
    /// AP-REP, KRB-SAFE, KRB-PRIV or KRB-CRED, of which nothing is read, by number.
    Other(u8),
}

/// What could be read of a message, and what could not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Its fields; those not read have their default.
    pub body: Body<'a>,
    /// The first fault met. The other fields were read nevertheless.
    pub fault: Option<ParseError>,
}
