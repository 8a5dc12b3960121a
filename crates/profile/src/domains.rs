//! One domain has two names, `LAB` and `LAB.EXAMPLE`: which belong together.

use crate::limits::Bounded;
use realmward_event::{Event, Fact};
use realmward_vocab::DomainName;
use serde::{Deserialize, Serialize};

/// NetBIOS names of domains and their DNS names.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Domains {
    dns_of: Bounded<DomainName, DomainName>,
}

impl Default for Domains {
    fn default() -> Self {
        Self {
            dns_of: Bounded::new(DOMAINS_MAX),
        }
    }
}

impl Domains {
    pub(crate) fn learn(&mut self, event: &Event) {
        match &event.fact {
            Fact::DirectoryServerSeen(it) => {
                if let (Some(netbios), Some(dns)) = (&it.netbios_domain, &it.domain) {
                    self.pair(netbios, dns);
                }
            }
            Fact::NtlmAuthenticated(it) => {
                let Some(dns) = &it.server_dns_domain else {
                    return;
                };
                let first = dns.as_str().split('.').next().unwrap_or_default();
                if it.domain.as_str().eq_ignore_ascii_case(first) {
                    self.pair(&it.domain, dns);
                }
            }
            _ => {}
        }
    }

    /// The DNS name in capitals if known, else the name as written.
    pub(crate) fn canonical(&self, name: &DomainName) -> DomainName {
        let known = self.dns_of.get(&name.folded());
        let name = known.unwrap_or(name);
        if name.as_str().contains('.') {
            DomainName::new(name.as_str().to_uppercase())
        } else {
            name.clone()
        }
    }

    fn pair(&mut self, netbios: &DomainName, dns: &DomainName) {
        if !netbios.is_empty() && !dns.is_empty() && netbios.folded() != dns.folded() {
            self.dns_of.insert(&netbios.folded(), dns.folded());
        }
    }
}

/// Forests have some dozens of domains.
const DOMAINS_MAX: usize = 1_024;
