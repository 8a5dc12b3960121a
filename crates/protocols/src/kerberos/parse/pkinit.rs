//! The certificates of PA-PK-AS-REQ (RFC 4556 section 3.2.1), which stand in clear.

use crate::certificate;
use crate::wire::{ParseError, Reader, der};

/// The certificates of a client that proves itself by one, still encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Certificates<'a> {
    /// The one whose key signed, as far as the signature's `sid` tells; else the first.
    pub signer: &'a [u8],
    /// How many there are, at most `CERTIFICATES_MAX`.
    pub count: u32,
}

/// Reads the body of PA-PK-AS-REQ, or of the older form that Windows 2000 wrote (type 15).
///
/// ```text
/// PA-PK-AS-REQ ::= SEQUENCE { signedAuthPack [0] IMPLICIT OCTET STRING, ... }
/// PA-PK-AS-REQ-OLD ::= SEQUENCE { signedAuthPack [0] ContentInfo, ... }
/// ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] SignedData }
/// SignedData ::= SEQUENCE { version, digestAlgorithms SET, encapContentInfo SEQUENCE,
///     certificates [0] IMPLICIT SET OF Certificate OPTIONAL, crls [1] OPTIONAL, signerInfos SET OF SignerInfo }
/// ```
///
/// # Errors
///
/// [`ParseError`] when it carries no certificate that can be reached.
pub fn certificates(octets: &[u8]) -> Result<Certificates<'_>, ParseError> {
    let request = der::expect(&mut Reader::new(octets), SEQUENCE, "PA-PK-AS-REQ")?;
    let signed = der::element(&mut Reader::new(request))?;
    if !matches!(signed.tag, 0x80 | 0xa0) {
        return Err(ParseError::Malformed {
            field: "signedAuthPack",
        });
    }
    let info = der::expect(&mut Reader::new(signed.content), SEQUENCE, "ContentInfo")?;
    let mut reader = Reader::new(info);
    der::expect(&mut reader, 0x06, "contentType")?;
    let content = der::expect(&mut reader, 0xa0, "content")?;
    signed_data(der::expect(
        &mut Reader::new(content),
        SEQUENCE,
        "SignedData",
    )?)
}

fn signed_data(content: &[u8]) -> Result<Certificates<'_>, ParseError> {
    let mut reader = Reader::new(content);
    der::expect(&mut reader, 0x02, "version")?;
    der::expect(&mut reader, SET, "digestAlgorithms")?;
    der::expect(&mut reader, SEQUENCE, "encapContentInfo")?;
    let (mut certificates, mut signers) = (&[][..], &[][..]);
    while let Ok(element) = der::element(&mut reader) {
        match element.tag {
            0xa0 => certificates = element.content,
            SET => signers = element.content,
            _ => {}
        }
    }
    let wanted = signer_serial(signers);
    let mut found = Certificates::default();
    let mut matched = false;
    let mut rest = Reader::new(certificates);
    while let Some(certificate) = next(&mut rest) {
        if CERTIFICATES_MAX <= found.count {
            break;
        }
        found.count += 1;
        let is_signer = wanted.is_some() && certificate::serial(certificate) == wanted;
        if found.signer.is_empty() || (is_signer && !matched) {
            found.signer = certificate;
        }
        matched |= is_signer;
    }
    if found.count == 0 {
        return Err(ParseError::Malformed {
            field: "certificates",
        });
    }
    Ok(found)
}

/// The next element, with its tag and length.
fn next<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let before = reader.rest();
    der::expect(reader, SEQUENCE, "Certificate").ok()?;
    before.get(..before.len().checked_sub(reader.len())?)
}

/// `SignerInfo ::= SEQUENCE { version, sid IssuerAndSerialNumber ::= SEQUENCE { issuer, serialNumber }, ... }`
fn signer_serial(signers: &[u8]) -> Option<&[u8]> {
    let signer = der::expect(&mut Reader::new(signers), SEQUENCE, "SignerInfo").ok()?;
    let mut reader = Reader::new(signer);
    der::expect(&mut reader, 0x02, "version").ok()?;
    let mut sid = Reader::new(der::expect(&mut reader, SEQUENCE, "sid").ok()?);
    der::expect(&mut sid, SEQUENCE, "issuer").ok()?;
    der::expect(&mut sid, 0x02, "serialNumber").ok()
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// A chain has two or three; what stands behind the eighth is not looked at.
const CERTIFICATES_MAX: u32 = 8;
