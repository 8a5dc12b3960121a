//! Certificates (RFC 5280) as they are shown. Nothing is verified: a fact is the word of its sender.

use crate::certificate::upn;
use crate::wire::{cut, hex};
use realmward_event::tls::Certificate;
use realmward_vocab::EventTime;
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What a certificate says; `None` if it is none.
pub(super) fn read(der: &[u8]) -> Option<Certificate> {
    let (_, found) = X509Certificate::from_der(der).ok()?;
    let names = match found.subject_alternative_name() {
        Ok(Some(names)) => {
            let names = names.value.general_names.iter().filter_map(name);
            names
                .map(|it| cut(&it, TEXT_OCTETS_MAX))
                .take(NAMES_MAX)
                .collect()
        }
        _ => Vec::new(),
    };
    let serial = found.raw_serial();
    Some(Certificate {
        subject: cut(&found.subject().to_string(), TEXT_OCTETS_MAX),
        issuer: cut(&found.issuer().to_string(), TEXT_OCTETS_MAX),
        serial: hex(serial.get(..SERIAL_OCTETS_MAX).unwrap_or(serial)),
        names,
        not_before: EventTime::from_unix_seconds(found.validity().not_before.timestamp()),
        not_after: EventTime::from_unix_seconds(found.validity().not_after.timestamp()),
        sha256: hex(&Sha256::digest(der)),
    })
}

/// A name that a host or a person has.
fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => {
            Some((*text).to_owned())
        }
        GeneralName::IPAddress(octets) => {
            let four = <[u8; 4]>::try_from(*octets).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(*octets).map(IpAddr::from));
            address.ok().map(|it| it.to_string())
        }
        GeneralName::OtherName(..) => upn(name),
        _ => None,
    }
}

/// As the fact promises. Lost: later names of a certificate for very many hosts.
const NAMES_MAX: usize = 16;

/// As the fact promises. Lost: the end of a long name.
const TEXT_OCTETS_MAX: usize = 256;

/// RFC 5280 section 4.1.2.2 allows 20. Lost: the rest of one that breaks it.
const SERIAL_OCTETS_MAX: usize = 32;
