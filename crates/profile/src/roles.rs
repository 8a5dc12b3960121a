//! Which addresses are domain controllers, by what they do.
//!
//! Each sign is an answer of a server, not a claim of a client, and the cheap forgeries do not count:
//! a tool that answers every AS-REQ with an error to collect hashes (Responder) issues no ticket, and
//! a name server that nobody vouches for may list whom it likes. What remains: whoever runs a whole
//! KDC of his own, and has someone ask it, is believed. He is then named as a domain controller in
//! every report, with the packet that showed it, where an administrator sees one too many. KDCs of
//! MIT and Heimdal count as well, which does no harm.

use crate::bounded::{Bounded, remember};
use crate::interfaces::DYNAMIC_PORTS;
use crate::limits::{HABITS_MAX, LISTED, NOTIFIED};
use crate::{Actor, DomainControllerEvidence, Roster, RosterChange};
use realmward_event::dns::NameResolved;
use realmward_event::kerberos::{Exchange, KerberosRefused, TicketPresented};
use realmward_event::{Event, Fact};
use realmward_vocab::interface::DRSUAPI;
use realmward_vocab::{EventTime, HostName, KerberosError, PacketRef};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What name servers list, until somebody vouches for them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Roles {
    /// Names listed as domain controllers, with the name servers that did.
    listed: Bounded<HostName, Vec<IpAddr>>,
    /// Addresses of listed names, with the name servers that said both.
    waiting: Bounded<IpAddr, Vec<IpAddr>>,
    /// Clients that asked a name server for domain controllers.
    askers: Bounded<IpAddr, Vec<IpAddr>>,
    /// Hosts that were told of changes, with the domain controllers that told them.
    notified: Bounded<IpAddr, Vec<IpAddr>>,
    /// Whether a KDC was seen at all.
    has_kdc: bool,
}

impl Default for Roles {
    fn default() -> Self {
        Self {
            listed: Bounded::new(LISTED),
            waiting: Bounded::new(LISTED),
            askers: Bounded::new(LISTED),
            notified: Bounded::new(NOTIFIED),
            has_kdc: false,
        }
    }
}

type Found = (IpAddr, DomainControllerEvidence);

impl Roles {
    /// The changes of the roster that this event causes.
    pub(crate) fn learn(&mut self, event: &Event, roster: &Roster) -> Vec<RosterChange> {
        let mut found: Vec<Found> = Vec::new();
        if let (Some(evidence), Some(server)) = (self.by_answer(event), event.server.address) {
            found.push((server, evidence));
            self.has_kdc |= evidence == DomainControllerEvidence::AnsweredAsKdc;
        }
        if let Fact::NameResolved(it) = &event.fact {
            self.by_name(event, it, roster, &mut found);
        }
        if let Some(partner) = self.by_notice(event, roster) {
            let evidence = DomainControllerEvidence::ReplicatedAsDomainController;
            found.push((partner, evidence));
        }
        found.retain(|(address, _)| roster.domain_controller(*address).is_none());
        let vouched: Vec<IpAddr> = found.iter().map(|(address, _)| *address).collect();
        for server in vouched {
            self.vouch(event.time, server, roster, &mut found);
        }
        found
            .into_iter()
            .map(|(address, evidence)| change(event, address, evidence))
            .collect()
    }

    /// A domain controller replicates with a ticket for the name that only domain controllers have
    /// (MS-DRSR section 2.2.3.2), under its own machine account, from its own address.
    pub(crate) fn replicated(
        event: &Event,
        actor: Option<&Actor>,
        source: Option<&HostName>,
        roster: &Roster,
    ) -> Option<RosterChange> {
        let Fact::TicketPresented(it) = &event.fact else {
            return None;
        };
        let account = actor?.name.folded();
        let own = account
            .as_str()
            .strip_suffix('$')
            .is_some_and(|name| source.is_some_and(|it| it.short().folded().as_str() == name));
        let address = event.client.address?;
        let is_new = roster.domain_controller(address).is_none();
        let replicates = is_replication(it) && own && is_new;
        (replicates && !is_elsewhere(roster, address, account.as_str())).then(|| {
            let evidence = DomainControllerEvidence::ReplicatedAsDomainController;
            change(event, address, evidence)
        })
    }

    pub(crate) const fn evicted(&self) -> u64 {
        let names = self.listed.evicted() + self.waiting.evicted() + self.askers.evicted();
        names + self.notified.evicted()
    }

    fn by_answer(&self, event: &Event) -> Option<DomainControllerEvidence> {
        let is_kdc = event.server.port == KERBEROS;
        match &event.fact {
            Fact::TicketGranted(_) | Fact::ServiceTicketIssued(_) if is_kdc => {
                Some(DomainControllerEvidence::AnsweredAsKdc)
            }
            Fact::KerberosRefused(it) if is_kdc && !self.has_kdc && knows_accounts(it) => {
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

    /// A domain controller tells its partner of changes (DRSReplicaSync), who says it heard and then
    /// fetches them (DRSGetNCChanges) from the one that told. Where the connections of both are older
    /// than the capture, that is all that shows who the partner is.
    fn by_notice(&mut self, event: &Event, roster: &Roster) -> Option<IpAddr> {
        let Fact::RpcCalled(call) = &event.fact else {
            return None;
        };
        let (client, server) = (event.client.address?, event.server.address?);
        if event.server.port < DYNAMIC_PORTS || call.interface.is_some_and(|it| it != DRSUAPI) {
            return None;
        }
        match call.opnum {
            REPLICA_SYNC if call.response_octets == Some(STATUS_OCTETS) => {
                roster.domain_controller(client)?;
                let by = self.notified.entry(event.time, &server, Vec::new);
                remember(by, client, HABITS_MAX);
                None
            }
            GET_NC_CHANGES => {
                let by = self.notified.get(event.time, &client)?;
                by.contains(&server).then_some(client)
            }
            _ => None,
        }
    }

    fn by_name(
        &mut self,
        event: &Event,
        it: &NameResolved,
        roster: &Roster,
        found: &mut Vec<Found>,
    ) {
        let (Some(server), now) = (event.server.address, event.time) else {
            return;
        };
        let question = it.name.folded();
        if it.query_type == TYPE_SRV && is_locator(question.as_str()) {
            if let Some(client) = event.client.address {
                let askers = self.askers.entry(now, &server, Vec::new);
                remember(askers, client, HABITS_MAX);
            }
            for target in &it.names {
                let by = self.listed.entry(now, &target.folded(), Vec::new);
                remember(by, server, HABITS_MAX);
            }
        }
        let is_listed = self
            .listed
            .get(now, &question)
            .is_some_and(|by| by.contains(&server));
        if it.query_type == TYPE_SRV || !is_listed {
            return;
        }
        let trusted = self.is_trusted(now, server, roster);
        for address in &it.addresses {
            if trusted {
                found.push((*address, DomainControllerEvidence::ListedInDns));
            } else {
                let by = self.waiting.entry(now, address, Vec::new);
                remember(by, server, HABITS_MAX);
            }
        }
    }

    /// A name server is believed if it is a domain controller, or if several clients rely on it.
    fn is_trusted(&self, now: EventTime, server: IpAddr, roster: &Roster) -> bool {
        let asked = self.askers.get(now, &server).map_or(0, Vec::len);
        roster.domain_controller(server).is_some() || ASKERS_MIN <= asked
    }

    /// What a name server said before it turned out to be a domain controller counts from then on.
    fn vouch(&self, now: EventTime, server: IpAddr, roster: &Roster, found: &mut Vec<Found>) {
        for (address, by) in self.waiting.iter() {
            let is_fresh = self.waiting.get(now, address).is_some();
            let is_new = roster.domain_controller(*address).is_none()
                && !found.iter().any(|(it, _)| it == address);
            if is_fresh && is_new && by.contains(&server) {
                found.push((*address, DomainControllerEvidence::ListedInDns));
            }
        }
    }
}

/// Whether another address is the domain controller with this account. One that has an address of
/// each family is the same; a second of one family is a thief's more often than a second card.
fn is_elsewhere(roster: &Roster, address: IpAddr, account: &str) -> bool {
    let machine = account.trim_end_matches('$');
    roster.domain_controllers().iter().any(|(other, _)| {
        let named = roster.name(*other);
        *other != address
            && other.is_ipv4() == address.is_ipv4()
            && named.is_some_and(|it| it.short().folded().as_str() == machine)
    })
}

fn change(event: &Event, address: IpAddr, evidence: DomainControllerEvidence) -> RosterChange {
    RosterChange::DomainController {
        address,
        evidence,
        time: event.time,
        packet: shown_by(event),
    }
}

/// The answer, which is the last packet of an exchange.
fn shown_by(event: &Event) -> Option<PacketRef> {
    event.evidence.last().copied()
}

/// Errors that need a look at the account; what anything can answer to anybody proves nothing.
fn knows_accounts(it: &KerberosRefused) -> bool {
    matches!(it.exchange, Exchange::As | Exchange::Tgs)
        && it.code != KerberosError::KDC_ERR_PREAUTH_REQUIRED
        && it.code != KerberosError::KRB_ERR_GENERIC
}

/// `E3514235-4B06-11D1-AB04-00C04FC2DCD2/<guid>/<domain>`: the service name of replication.
fn is_replication(it: &TicketPresented) -> bool {
    let class = it.ticket.service.first();
    class.eq_ignore_ascii_case("E3514235-4B06-11D1-AB04-00C04FC2DCD2")
}

/// `_ldap._tcp.dc._msdcs.DOMAIN` and `_kerberos._tcp.dc._msdcs.DOMAIN` (MS-ADTS section 6.3.2.3).
fn is_locator(question: &str) -> bool {
    (question.starts_with("_ldap._tcp") || question.starts_with("_kerberos._tcp"))
        && question.contains(".dc._msdcs.")
}

/// MS-DRSR section 4.1: DRSReplicaSync answers with a status and nothing else.
const REPLICA_SYNC: u16 = 2;
const GET_NC_CHANGES: u16 = 3;
const STATUS_OCTETS: u32 = 4;

const KERBEROS: u16 = 88;
const TYPE_SRV: u16 = 33;

/// One client may be the thief's, two may both be; three that rely on a name server are a network.
const ASKERS_MIN: usize = 3;
