//! What the root DSE says of its server (MS-ADTS section 3.1.1.3.2), asked by anyone who comes to a
//! directory, and the netlogon attribute with which clients look for a domain controller.
//!
//! `rootDomainNamingContext` names the forest, not the domain of the server, and is not read.

use super::facts::text;
use super::limits::NAME_OCTETS_MAX;
use super::netlogon;
use super::parse::{self, Values};
use crate::wire::ParseError;
use realmward_event::directory::DirectoryServerSeen;
use realmward_vocab::{DomainName, HostName};

/// Reads the entry of a root DSE. Gives what it says of the server, if it says anything of use, and
/// the fault at which reading ended.
pub(crate) fn read(content: &[u8]) -> (Option<DirectoryServerSeen>, Option<ParseError>) {
    let mut claims = Claims::default();
    let mut fault = None;
    let read = parse::entry(content, |kind, values| {
        if let Err(error) = claims.attribute(kind, values) {
            fault = Some(error);
        }
    });
    (claims.server(), read.err().or(fault))
}

/// Whether the answer to a netlogon ping says that its user exists.
pub(crate) fn knows_user(content: &[u8]) -> Option<bool> {
    let mut known = None;
    let _ = parse::entry(content, |kind, mut values| {
        if kind.eq_ignore_ascii_case(b"netlogon") {
            known = values.next().and_then(netlogon::knows_user);
        }
    });
    known
}

/// Whether `seen` says something that `told` did not: clients ask again and again for parts.
pub(crate) fn teaches(seen: &DirectoryServerSeen, told: &DirectoryServerSeen) -> bool {
    fn differs<T: PartialEq>(seen: Option<&T>, told: Option<&T>) -> bool {
        seen.is_some() && seen != told
    }
    differs(seen.host.as_ref(), told.host.as_ref())
        || differs(seen.domain.as_ref(), told.domain.as_ref())
        || differs(seen.netbios_domain.as_ref(), told.netbios_domain.as_ref())
        || (seen.is_domain_controller && !told.is_domain_controller)
}

/// What the attributes said so far.
#[derive(Debug, Default)]
struct Claims {
    seen: DirectoryServerSeen,
    realm: Option<DomainName>,
    has_functionality: bool,
    is_lightweight: bool,
}

impl Claims {
    fn attribute(&mut self, kind: &[u8], mut values: Values<'_>) -> Result<(), ParseError> {
        let is = |name: &str| kind.eq_ignore_ascii_case(name.as_bytes());
        if is("netlogon") {
            if let Some(value) = values.next() {
                self.netlogon(value)?;
            }
        } else if is("dnsHostName") {
            self.seen.host = values
                .next()
                .filter(|value| !value.is_empty())
                .map(|value| HostName::new(text(value, NAME_OCTETS_MAX)));
        } else if is("defaultNamingContext") {
            self.seen.domain = values.next().and_then(domain_of_context);
        } else if is("ldapServiceName") {
            self.realm = values.next().and_then(domain_of_service);
        } else if is("domainControllerFunctionality") {
            self.has_functionality = values.next().is_some();
        } else if is("supportedCapabilities") {
            for value in values {
                self.seen.is_domain_controller |= value == ACTIVE_DIRECTORY;
                self.is_lightweight |= value == LIGHTWEIGHT;
            }
        }
        Ok(())
    }

    /// An answer to a netlogon ping tells all, and only a domain controller gives it.
    fn netlogon(&mut self, value: &[u8]) -> Result<(), ParseError> {
        let answer = netlogon::answer(value)?;
        self.seen.is_domain_controller = true;
        self.seen.host = Some(answer.host).filter(|it| !it.is_empty());
        self.seen.domain = answer.domain.filter(|it| !it.is_empty());
        self.seen.netbios_domain = Some(answer.netbios_domain).filter(|it| !it.is_empty());
        Ok(())
    }

    fn server(self) -> Option<DirectoryServerSeen> {
        let mut seen = self.seen;
        // AD LDS has the functionality too, and says that it is AD LDS.
        seen.is_domain_controller |= self.has_functionality && !self.is_lightweight;
        seen.domain = seen.domain.or(self.realm);
        let says_something = seen.is_domain_controller
            || seen.host.is_some()
            || seen.domain.is_some()
            || seen.netbios_domain.is_some();
        says_something.then_some(seen)
    }
}

/// `DC=corp,DC=example` is `corp.example`; a context with other parts names no domain.
fn domain_of_context(value: &[u8]) -> Option<DomainName> {
    let text = text(value, NAME_OCTETS_MAX);
    let mut labels = Vec::new();
    for part in text.split(',') {
        let (kind, label) = part.trim().split_once('=')?;
        if !kind.eq_ignore_ascii_case("dc") || label.is_empty() {
            return None;
        }
        labels.push(label);
    }
    Some(DomainName::new(labels.join(".")))
}

/// `corp.example:dc1$@CORP.EXAMPLE` is `CORP.EXAMPLE`: the part before the colon is the forest's.
fn domain_of_service(value: &[u8]) -> Option<DomainName> {
    let text = text(value, NAME_OCTETS_MAX);
    let (_, realm) = text.rsplit_once('@')?;
    (!realm.is_empty()).then(|| DomainName::new(realm))
}

/// `LDAP_CAP_ACTIVE_DIRECTORY_OID` (MS-ADTS section 3.1.1.3.4.3.1).
const ACTIVE_DIRECTORY: &[u8] = b"1.2.840.113556.1.4.800";

/// `LDAP_CAP_ACTIVE_DIRECTORY_ADAM_OID` (MS-ADTS section 3.1.1.3.4.3.3).
const LIGHTWEIGHT: &[u8] = b"1.2.840.113556.1.4.1851";
