//! Which addresses are domain controllers, by what they do.
//!
//! Each sign is an answer of the server, not a claim of a client. A host that answers as a KDC
//! makes itself one; so a rogue one is believed, and told as a domain controller in every report,
//! where an administrator sees it. Only the operator can name one without a sign.

use crate::limits::Bounded;
use crate::{DomainControllerEvidence, Roster, RosterChange};
use realmward_event::kerberos::Exchange;
use realmward_event::{Event, Fact};
use realmward_vocab::{Guid, HostName};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Names that a name server lists as domain controllers, until their address is seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Roles {
    listed: Bounded<HostName, bool>,
}

impl Default for Roles {
    fn default() -> Self {
        Self {
            listed: Bounded::new(LISTED_MAX),
        }
    }
}

impl Roles {
    /// The changes of the roster that this event causes.
    pub(crate) fn learn(&mut self, event: &Event, roster: &Roster) -> Vec<RosterChange> {
        let mut found: Vec<(IpAddr, DomainControllerEvidence)> = Vec::new();
        if let (Some(evidence), Some(server)) = (by_answer(event), event.server.address) {
            found.push((server, evidence));
        }
        if let Fact::NameResolved(it) = &event.fact {
            self.by_name(it, &mut found);
        }
        found
            .into_iter()
            .filter(|(address, _)| roster.domain_controller(*address).is_none())
            .map(|(address, evidence)| RosterChange::DomainController {
                address,
                evidence,
                time: event.time,
                packet: event.evidence.last().copied(),
            })
            .collect()
    }

    fn by_name(
        &mut self,
        it: &realmward_event::dns::NameResolved,
        found: &mut Vec<(IpAddr, DomainControllerEvidence)>,
    ) {
        let question = it.name.folded();
        if it.query_type == TYPE_SRV && is_locator(question.as_str()) {
            for target in &it.names {
                self.listed.insert(&target.folded(), true);
            }
        }
        let answers_listed = |name: &HostName| self.listed.get(&name.folded()).is_some();
        if it.query_type != TYPE_SRV && answers_listed(&question) {
            for address in &it.addresses {
                found.push((*address, DomainControllerEvidence::ListedInDns));
            }
        }
    }
}

fn by_answer(event: &Event) -> Option<DomainControllerEvidence> {
    match &event.fact {
        Fact::TicketGranted(_) | Fact::ServiceTicketIssued(_) if is_kdc(event) => {
            Some(DomainControllerEvidence::AnsweredAsKdc)
        }
        Fact::KerberosRefused(it)
            if is_kdc(event) && matches!(it.exchange, Exchange::As | Exchange::Tgs) =>
        {
            Some(DomainControllerEvidence::AnsweredAsKdc)
        }
        Fact::DirectoryServerSeen(it) if it.is_domain_controller => {
            Some(DomainControllerEvidence::DescribedItself)
        }
        Fact::RpcBound(it) if it.interface == DRSUAPI && it.accepted == Some(true) => {
            Some(DomainControllerEvidence::ServedReplication)
        }
        Fact::RpcCalled(it)
            if it.interface == Some(DRSUAPI)
                && it.response_octets.is_some()
                && it.fault.is_none() =>
        {
            Some(DomainControllerEvidence::ServedReplication)
        }
        _ => None,
    }
}

fn is_kdc(event: &Event) -> bool {
    event.server.port == KERBEROS
}

/// `_ldap._tcp.dc._msdcs.DOMAIN` and `_kerberos._tcp.dc._msdcs.DOMAIN` (MS-ADTS section 6.3.2.3).
fn is_locator(question: &str) -> bool {
    (question.starts_with("_ldap._tcp") || question.starts_with("_kerberos._tcp"))
        && question.contains(".dc._msdcs.")
}

/// MS-DRSR section 2.1.
pub(crate) const DRSUAPI: Guid = Guid(0xe351_4235_4b06_11d1_ab04_00c0_4fc2_dcd2);

const KERBEROS: u16 = 88;
const TYPE_SRV: u16 = 33;

/// As many as the roster holds domain controllers.
const LISTED_MAX: usize = 4_096;
