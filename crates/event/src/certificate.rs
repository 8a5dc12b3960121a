//! Certificates as they show themselves in clear (RFC 5280).

use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};

/// What a certificate says, of which nothing was verified.
///
/// Names are cut at 256 octets, lists at 8.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// `subject`, as RFC 4514 writes it.
    pub subject: String,
    /// `issuer`, as RFC 4514 writes it.
    pub issuer: String,
    /// `serialNumber` in lower-case hex.
    pub serial: String,
    /// User principal names in `subjectAltName`.
    pub upns: Vec<String>,
    /// DNS names in `subjectAltName`.
    pub dns_names: Vec<String>,
    /// The account's SID, from the extension 1.3.6.1.4.1.311.25.2 or from the URL of the same purpose
    /// in `subjectAltName` (MS-PKCA, KB5014754).
    pub sid: Option<String>,
    /// The certificate template, by name or object identifier (MS-CRTD).
    pub template: Option<String>,
    /// Object identifier of the key's algorithm.
    pub key_algorithm: String,
    /// Length of the key in bits, 0 if unknown.
    pub key_bits: u32,
    /// Beginning of its validity.
    pub not_before: EventTime,
    /// End of its validity.
    pub not_after: EventTime,
    /// Whether subject and issuer are the same.
    pub is_self_issued: bool,
    /// SHA-256 of the certificate in lower-case hex.
    pub fingerprint: String,
}
