//! Octets that are text, and principals.

use crate::kerberos::message;
use realmward_vocab::{HostName, PrincipalName, Realm};
use std::borrow::Cow;

/// Octets of a KerberosString as text, cut at `TEXT_OCTETS_MAX`; Windows and Samba write UTF-8.
#[must_use]
pub fn text(octets: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(octets.get(..TEXT_OCTETS_MAX).unwrap_or(octets))
}

/// A realm.
pub(crate) fn realm(octets: &[u8]) -> Realm {
    Realm::new(text(octets))
}

/// A principal, its components joined by `/`.
pub(crate) fn principal(name: &message::PrincipalName<'_>) -> PrincipalName {
    let mut components = name.name_string.iter();
    let Some(first) = components.next() else {
        return PrincipalName::default();
    };
    let mut joined = text(first);
    for component in components {
        if TEXT_OCTETS_MAX <= joined.len() {
            break;
        }
        let joined = joined.to_mut();
        joined.push('/');
        joined.push_str(&text(component));
    }
    PrincipalName::new(joined)
}

/// A NetBIOS name without its padding (RFC 1001 section 14.1: 15 characters and a suffix).
pub(super) fn netbios(octets: &[u8]) -> Option<HostName> {
    let name = text(octets);
    let name = name.trim_matches(['\0', ' ']);
    (!name.is_empty()).then(|| HostName::new(name))
}

/// A KerberosTime as written (RFC 4120 section 5.2.3: 15 characters), cut at `TIME_OCTETS_MAX`.
pub(super) fn time(octets: &[u8]) -> String {
    text(octets.get(..TIME_OCTETS_MAX).unwrap_or(octets)).into_owned()
}

/// The length of octets, as facts carry it.
pub(crate) fn length(octets: &[u8]) -> u32 {
    u32::try_from(octets.len()).unwrap_or(u32::MAX)
}

/// Names are cut at 256 octets when they become facts; nothing behind 512 can matter.
const TEXT_OCTETS_MAX: usize = 512;

/// A legal time has 15 octets; 32 keep what an illegal one looks like.
const TIME_OCTETS_MAX: usize = 32;
