//! One key for one account, however its name and its domain are written.

use realmward_vocab::{AccountName, DomainName};
use serde::{Deserialize, Serialize};

/// `LAB\Alice`, `alice@LAB.EXAMPLE` and `ALICE` of the only known domain are one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountKey {
    /// The name in lower case, without domain.
    pub name: AccountName,
    /// The domain in lower case: the DNS name where it is known.
    pub domain: DomainName,
}

/// The parts of a name as people and tools write it: `LAB\alice`, `alice@lab.example`,
/// `CN=alice,CN=Users,DC=lab,DC=example`, `alice`. The domain is empty if not written.
pub(crate) fn split(text: &str) -> (&str, &str) {
    if let Some((domain, name)) = text.split_once('\\') {
        return (name, domain);
    }
    if let Some((name, domain)) = text.rsplit_once('@') {
        return (name, domain);
    }
    let is_dn = text
        .get(..3)
        .is_some_and(|it| it.eq_ignore_ascii_case("cn="));
    if is_dn {
        let name = text.get(3..).unwrap_or(text);
        return (name.split(',').next().unwrap_or(name), "");
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_however_they_are_written() {
        for (text, name, domain) in [
            (r"LAB\alice", "alice", "LAB"),
            ("alice@lab.example", "alice", "lab.example"),
            ("a@b@lab.example", "a@b", "lab.example"),
            ("CN=Alice A,CN=Users,DC=lab,DC=example", "Alice A", ""),
            ("cn=иван,dc=x", "иван", ""),
            ("alice", "alice", ""),
            ("", "", ""),
            ("ко", "ко", ""),
        ] {
            assert_eq!(split(text), (name, domain), "{text}");
        }
    }
}
