//! One domain has two names, `LAB` and `LAB.EXAMPLE`: which belong together, and which names are
//! names of domains at all.
//!
//! Learned from servers only: what a client writes into its logon is whatever it likes.

use crate::AccountKey;
use crate::account_key::split;
use crate::bounded::Bounded;
use crate::limits::REALMS;
use realmward_event::kerberos::Ticket;
use realmward_event::{Event, Fact};
use realmward_vocab::{AccountName, DomainName, EventTime};
use serde::{Deserialize, Serialize};

/// NetBIOS names of domains and their DNS names, all in lower case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Domains {
    dns_of: Bounded<DomainName, DomainName>,
    known: Bounded<DomainName, ()>,
}

impl Default for Domains {
    fn default() -> Self {
        Self {
            dns_of: Bounded::new(REALMS),
            known: Bounded::new(REALMS),
        }
    }
}

impl Domains {
    pub(crate) fn learn(&mut self, event: &Event) {
        match &event.fact {
            Fact::TicketGranted(it) => self.realm(event.time, &it.ticket),
            Fact::ServiceTicketIssued(it) => self.realm(event.time, &it.ticket),
            Fact::DirectoryServerSeen(it) => {
                if let Some(dns) = &it.domain {
                    self.domain(event.time, dns);
                    if let Some(netbios) = &it.netbios_domain {
                        self.pair(event.time, netbios, dns);
                    }
                }
            }
            Fact::NtlmAuthenticated(it) => {
                let Some(dns) = &it.server_dns_domain else {
                    return;
                };
                let of_host = it
                    .server_name
                    .as_ref()
                    .is_some_and(|host| host.as_str().eq_ignore_ascii_case(dns.as_str()));
                if of_host {
                    return;
                }
                self.domain(event.time, dns);
                if it.domain.as_str().eq_ignore_ascii_case(first_label(dns)) {
                    self.pair(event.time, &it.domain, dns);
                }
            }
            _ => {}
        }
    }

    /// The one key of an account.
    pub(crate) fn key(
        &self,
        now: EventTime,
        name: &AccountName,
        domain: &DomainName,
    ) -> AccountKey {
        let (bare, written) = split(name.as_str());
        let domain = if domain.is_empty() && !written.is_empty() {
            &DomainName::new(written)
        } else {
            domain
        };
        AccountKey {
            name: AccountName::new(bare).folded(),
            domain: self.resolve(now, domain),
        }
    }

    /// An account as somebody wrote it, by its name and the name to show of its domain.
    pub(crate) fn account(&self, now: EventTime, written: &str) -> (AccountName, DomainName) {
        let (name, domain) = split(written);
        let domain = self.canonical(now, &DomainName::new(domain));
        (AccountName::new(name), domain)
    }

    /// The name to show: the DNS name in capitals where it is known, else as written.
    pub(crate) fn canonical(&self, now: EventTime, name: &DomainName) -> DomainName {
        let resolved = self.resolve(now, name);
        if resolved.as_str().contains('.') {
            DomainName::new(resolved.as_str().to_uppercase())
        } else {
            name.clone()
        }
    }

    /// Whether this is the name of a domain, so that a host of that name is none.
    pub(crate) fn is_domain(&self, now: EventTime, name: &str) -> bool {
        self.known
            .get(now, &DomainName::new(name).folded())
            .is_some()
    }

    /// Lower case, and the DNS name where it is known or can be only one.
    fn resolve(&self, now: EventTime, name: &DomainName) -> DomainName {
        let folded = name.folded();
        if let Some(dns) = self.dns_of.get(now, &folded) {
            return dns.clone();
        }
        if folded.as_str().contains('.') && folded.as_str() != "." {
            return folded;
        }
        let is_unnamed = folded.is_empty() || folded.as_str() == ".";
        let mut fitting = self
            .known
            .iter()
            .map(|(dns, ())| dns)
            .filter(|dns| is_unnamed || first_label(dns) == folded.as_str());
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => only.clone(),
            _ => folded,
        }
    }

    fn realm(&mut self, now: EventTime, ticket: &Ticket) {
        self.domain(now, &DomainName::new(ticket.realm.as_str()));
    }

    fn domain(&mut self, now: EventTime, dns: &DomainName) {
        if dns.as_str().contains('.') {
            self.known.insert(now, &dns.folded(), ());
        }
    }

    fn pair(&mut self, now: EventTime, netbios: &DomainName, dns: &DomainName) {
        if !netbios.is_empty() && !dns.is_empty() && netbios.folded() != dns.folded() {
            self.dns_of.insert(now, &netbios.folded(), dns.folded());
        }
    }
}

fn first_label(dns: &DomainName) -> &str {
    dns.as_str().split('.').next().unwrap_or_default()
}
