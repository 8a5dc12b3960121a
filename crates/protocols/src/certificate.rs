//! Certificates in clear (RFC 5280, MS-PKCA): who they name, who issued them, what they are keyed with.
//!
//! Nothing is verified: no key is trusted here, and what a certificate says stays a claim. Read only
//! where one is on the wire, so never on the way of ordinary packets.

use realmward_event::certificate::Certificate;
use realmward_vocab::EventTime;
use sha2::{Digest as _, Sha256};
use x509_parser::der_parser::asn1_rs::Oid;
use x509_parser::prelude::{
    FromDer as _, GeneralName, ParsedExtension, X509Certificate, X509Extension, X509Name,
};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::wire::{Reader, cut, der, hex};

/// Reads a certificate in DER; what follows it is ignored.
#[must_use]
pub fn read(octets: &[u8]) -> Option<Certificate> {
    let (_, found) = X509Certificate::from_der(octets).ok()?;
    let serial = found.raw_serial();
    let mut certificate = Certificate {
        subject: name(found.subject()),
        issuer: name(found.issuer()),
        serial: hex(serial.get(..SERIAL_OCTETS_MAX).unwrap_or(serial)),
        key_algorithm: text(&found.public_key().algorithm.algorithm.to_id_string()),
        key_bits: key_bits(found.public_key()),
        not_before: EventTime::from_unix_seconds(found.validity().not_before.timestamp()),
        not_after: EventTime::from_unix_seconds(found.validity().not_after.timestamp()),
        is_self_issued: found.subject().as_raw() == found.issuer().as_raw(),
        fingerprint: hex(&Sha256::digest(found.as_raw())),
        ..Certificate::default()
    };
    for extension in found.extensions() {
        add(&mut certificate, extension);
    }
    Some(certificate)
}

/// The `serialNumber` of a certificate, as its octets are.
#[must_use]
pub(crate) fn serial(octets: &[u8]) -> Option<&[u8]> {
    let certificate = der::expect(&mut Reader::new(octets), 0x30, "Certificate").ok()?;
    let tbs = der::expect(&mut Reader::new(certificate), 0x30, "tbsCertificate").ok()?;
    let mut reader = Reader::new(tbs);
    let first = der::element(&mut reader).ok()?;
    match first.tag {
        0xa0 => der::expect(&mut reader, 0x02, "serialNumber").ok(),
        0x02 => Some(first.content),
        _ => None,
    }
}

fn add(certificate: &mut Certificate, extension: &X509Extension<'_>) {
    if let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() {
        for general in &names.general_names {
            add_name(certificate, general);
        }
        return;
    }
    let oid = extension.oid.as_bytes();
    if oid == OID_NTDS_CA_SECURITY {
        let sid = sid_extension(extension.value);
        certificate.sid = sid.or_else(|| certificate.sid.take());
    } else if oid == OID_TEMPLATE_2 {
        certificate.template = template(extension.value);
    } else if oid == OID_TEMPLATE_1 && certificate.template.is_none() {
        certificate.template = der::element(&mut Reader::new(extension.value))
            .ok()
            .map(|it| string(it.tag, it.content));
    }
}

fn add_name(certificate: &mut Certificate, general: &GeneralName<'_>) {
    match general {
        GeneralName::OtherName(..) => keep(&mut certificate.upns, upn(general)),
        GeneralName::DNSName(dns) => keep(&mut certificate.dns_names, Some(text(dns))),
        GeneralName::URI(uri) => {
            if let Some(sid) = uri.strip_prefix(SID_URL) {
                certificate.sid.get_or_insert_with(|| text(sid));
            }
        }
        _ => {}
    }
}

/// A user principal name (MS-PKCA section 3.1.5.2), if it is one.
pub(crate) fn upn(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::OtherName(kind, value) if kind.as_bytes() == OID_UPN => {
            explicit(value).map(|it| string(it.tag, it.content))
        }
        _ => None,
    }
}

/// `SEQUENCE OF [0] { type 1.3.6.1.4.1.311.25.2.1, value [0] OCTET STRING }` (MS-WCCE section
/// 2.2.2.7.7.4).
fn sid_extension(value: &[u8]) -> Option<String> {
    let names = der::expect(&mut Reader::new(value), 0x30, "NTDS_CA_SECURITY").ok()?;
    let other = der::expect(&mut Reader::new(names), 0xa0, "otherName").ok()?;
    let mut reader = Reader::new(other);
    der::expect(&mut reader, 0x06, "type-id").ok()?;
    let sid = explicit(reader.rest())?;
    Some(string(0x0c, sid.content))
}

/// `CertificateTemplate ::= SEQUENCE { templateID OBJECT IDENTIFIER, ... }` (MS-WCCE section 2.2.2.7.7.2).
fn template(value: &[u8]) -> Option<String> {
    let content = der::expect(&mut Reader::new(value), 0x30, "CertificateTemplate").ok()?;
    let oid = der::expect(&mut Reader::new(content), 0x06, "templateID").ok()?;
    Some(text(&Oid::new(oid.into()).to_id_string()))
}

/// What `[0] EXPLICIT` holds.
fn explicit(value: &[u8]) -> Option<der::Element<'_>> {
    let content = der::expect(&mut Reader::new(value), 0xa0, "value").ok()?;
    der::element(&mut Reader::new(content)).ok()
}

/// The text of a string type; `BMPString` is UTF-16.
fn string(tag: u8, content: &[u8]) -> String {
    const BMP_STRING: u8 = 0x1e;
    let content = content.get(..TEXT_OCTETS_MAX * 2).unwrap_or(content);
    if tag != BMP_STRING {
        return text(&String::from_utf8_lossy(content));
    }
    let units = content.chunks_exact(2).map(|pair| match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => 0,
    });
    let all: String = char::decode_utf16(units)
        .map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    text(&all)
}

fn name(name: &X509Name<'_>) -> String {
    text(&name.to_string())
}

fn key_bits(key: &SubjectPublicKeyInfo<'_>) -> u32 {
    let bits = match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            let zeros = rsa.modulus.iter().take_while(|it| **it == 0).count();
            rsa.modulus.len().saturating_sub(zeros).saturating_mul(8)
        }
        Ok(PublicKey::EC(point)) => point.key_size(),
        Ok(_) | Err(_) => 0,
    };
    u32::try_from(bits).unwrap_or(u32::MAX)
}

fn keep(list: &mut Vec<String>, value: Option<String>) {
    if list.len() < NAMES_MAX {
        list.extend(value);
    }
}

/// As much as the fact promises.
fn text(long: &str) -> String {
    cut(long, TEXT_OCTETS_MAX)
}

/// 1.3.6.1.4.1.311.20.2.3
const OID_UPN: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x14, 2, 3];
/// 1.3.6.1.4.1.311.25.2
const OID_NTDS_CA_SECURITY: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x19, 2];
/// 1.3.6.1.4.1.311.20.2
const OID_TEMPLATE_1: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x14, 2];
/// 1.3.6.1.4.1.311.21.7
const OID_TEMPLATE_2: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x15, 7];

/// What stands before a SID in `subjectAltName` (KB5014754).
const SID_URL: &str = "tag:microsoft.com,2022-09-14:sid:";

/// Names are cut at 256 octets, as the fact promises.
const TEXT_OCTETS_MAX: usize = 256;

/// Names of one kind, as the fact promises; a logon needs one.
const NAMES_MAX: usize = 8;

/// RFC 5280 section 4.1.2.2 allows 20. Lost: the rest of one that breaks it.
const SERIAL_OCTETS_MAX: usize = 32;
