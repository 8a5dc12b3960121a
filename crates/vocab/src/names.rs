//! Names of people, machines, services and domains, each with its own type.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares a name: text as seen on the wire, cut at `NAME_OCTETS_MAX`, compared as written.
macro_rules! name {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(CompactString);

        impl $name {
            /// The name as written; anything past 256 octets is dropped.
            #[must_use]
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(CompactString::from(bounded(text.as_ref())))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The same name in lower case, for comparison: directory names ignore case.
            #[must_use]
            pub fn folded(&self) -> Self {
                if self.0.is_ascii() {
                    let mut text = self.0.clone();
                    text.make_ascii_lowercase();
                    return Self(text);
                }
                Self(CompactString::from(self.0.to_lowercase()))
            }

            /// Whether nothing is written.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.0.as_str(), f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

name! {
    /// A sAMAccountName or the first component of a client principal, without domain.
    AccountName
}
name! {
    /// A Kerberos realm as written in a message, usually in capitals.
    Realm
}
name! {
    /// A domain by NetBIOS or DNS name.
    DomainName
}
name! {
    /// A host by NetBIOS or DNS name.
    HostName
}
name! {
    /// A Kerberos principal without realm, components joined by `/` (RFC 4120 section 5.2.2).
    PrincipalName
}
name! {
    /// A share path or the last part of one: `\\dc1\IPC$`, `ADMIN$`.
    ShareName
}
name! {
    /// The id of a detector: the observed behaviour in snake case.
    DetectorId
}

impl AccountName {
    /// Whether the name is a machine account's: it ends in `$`.
    #[must_use]
    pub fn is_machine(&self) -> bool {
        self.0.ends_with('$')
    }
}

impl ShareName {
    /// Whether it is one of those that Windows makes for administrators: `ADMIN$` or a drive.
    #[must_use]
    pub fn is_administrative(&self) -> bool {
        let last = self.0.rsplit('\\').next().unwrap_or_default();
        last.eq_ignore_ascii_case("ADMIN$") || (last.len() == 2 && last.ends_with('$'))
    }
}

impl HostName {
    /// The part before the first dot.
    #[must_use]
    pub fn short(&self) -> Self {
        Self::new(self.0.split('.').next().unwrap_or_default())
    }
}

impl PrincipalName {
    /// The components in order.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The first component: the service class of an SPN, or the name of a user.
    #[must_use]
    pub fn first(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The host of a service principal, if it has two components or more.
    #[must_use]
    pub fn host(&self) -> Option<HostName> {
        self.0.split('/').nth(1).map(HostName::new)
    }

    /// Whether this is the ticket-granting service of some realm.
    #[must_use]
    pub fn is_krbtgt(&self) -> bool {
        self.first().eq_ignore_ascii_case("krbtgt")
    }
}

fn bounded(text: &str) -> &str {
    if text.len() <= NAME_OCTETS_MAX {
        return text;
    }
    let mut end = NAME_OCTETS_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A distinguished name part, an SPN and a DNS name all fit in 255 octets; what is longer is noise
/// or an attack on memory.
const NAME_OCTETS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_at_a_character() {
        let text = "я".repeat(200);
        assert_eq!(AccountName::new(&text).as_str().len(), 256);
        let text = format!("a{text}");
        assert_eq!(AccountName::new(&text).as_str().len(), 255);
    }

    #[test]
    fn folding_knows_cyrillic() {
        assert_eq!(
            AccountName::new("ИВАНОВ").folded(),
            AccountName::new("иванов")
        );
    }

    #[test]
    fn a_service_principal_has_a_host() {
        let spn = PrincipalName::new("cifs/ws1.lab.example");
        assert_eq!(spn.first(), "cifs");
        assert_eq!(spn.host(), Some(HostName::new("ws1.lab.example")));
        assert!(PrincipalName::new("KRBTGT/LAB.EXAMPLE").is_krbtgt());
    }
}
