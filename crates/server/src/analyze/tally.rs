//! What reports tell besides alerts: domains, and what shows that an address is a domain controller.

use realmward_event::{Event, Fact};
use realmward_pipeline::Input;
use realmward_profile::{DomainControllerEvidence, RosterChange};
use realmward_vocab::{DomainName, PacketRef, Realm};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Domains and signs of roles.
#[derive(Debug, Default)]
pub(super) struct Tally {
    domains: BTreeSet<DomainName>,
    signs: BTreeMap<IpAddr, Vec<(DomainControllerEvidence, Option<PacketRef>)>>,
}

impl Tally {
    /// Domains that servers, not clients, speak of.
    pub(super) fn events(&mut self, events: &[Event]) {
        for event in events {
            match &event.fact {
                Fact::DirectoryServerSeen(it) => {
                    self.domain(it.domain.as_ref().or(it.netbios_domain.as_ref()));
                }
                Fact::NtlmAuthenticated(it) => self.domain(it.server_dns_domain.as_ref()),
                Fact::TicketGranted(it) => self.realm(&it.ticket.realm),
                Fact::ServiceTicketIssued(it) => self.realm(&it.ticket.realm),
                _ => {}
            }
        }
    }

    /// The first packet of each kind of sign, for each address.
    pub(super) fn inputs(&mut self, inputs: &[Input]) {
        for input in inputs {
            if let Input::Roster(RosterChange::DomainController {
                address,
                evidence,
                packet,
                ..
            }) = input
                && (self.signs.len() < CONTROLLERS_MAX || self.signs.contains_key(address))
            {
                let signs = self.signs.entry(*address).or_default();
                if !signs.iter().any(|(known, _)| known == evidence) {
                    signs.push((*evidence, *packet));
                }
            }
        }
    }

    /// The domains, in lower case, by name. `LAB` is left out beside `lab.example`.
    pub(super) fn domains(&self) -> Vec<String> {
        let is_short_form = |name: &str| {
            self.domains
                .iter()
                .any(|it| it.as_str().split_once('.').map(|it| it.0) == Some(name))
        };
        self.domains
            .iter()
            .map(|it| it.as_str().to_owned())
            .filter(|it| !is_short_form(it))
            .collect()
    }

    /// What shows that an address is a domain controller.
    pub(super) fn signs(
        &self,
        address: IpAddr,
    ) -> &[(DomainControllerEvidence, Option<PacketRef>)] {
        self.signs.get(&address).map_or(&[], Vec::as_slice)
    }

    fn realm(&mut self, realm: &Realm) {
        let name = DomainName::new(realm.as_str());
        self.domain(Some(&name));
    }

    fn domain(&mut self, name: Option<&DomainName>) {
        let Some(name) = name.filter(|it| !it.is_empty()) else {
            return;
        };
        if self.domains.len() < DOMAINS_MAX {
            self.domains.insert(name.folded());
        }
    }
}

/// Forests have some dozens of domains. What is lost: names of later ones, in the header only.
const DOMAINS_MAX: usize = 64;

/// As many as the roster holds. What is lost: the packets that show later ones.
const CONTROLLERS_MAX: usize = 4_096;
