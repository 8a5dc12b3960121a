//! What addresses are called, who logged on from them, and whether many devices hide behind one.

use crate::limits::{ADDRESSES_MAX, Bounded, remember};
use crate::{Actor, ActorSource, Certainty, RosterChange};
use realmward_event::{Event, Fact, Outcome};
use realmward_vocab::{EventTime, HostName};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// What is known of each address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Devices {
    by_address: Bounded<IpAddr, Device>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Device {
    name: Option<(HostName, Certainty)>,
    /// Accounts that got in from here, the latest last.
    logons: Vec<(Actor, EventTime)>,
    /// Host names that devices here gave of themselves, with the time of the last.
    identities: Vec<(HostName, EventTime)>,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            by_address: Bounded::new(ADDRESSES_MAX),
        }
    }
}

impl Devices {
    /// Learns names; the change of the roster if one is new or better.
    pub(crate) fn learn(&mut self, event: &Event) -> Vec<RosterChange> {
        let mut changes = Vec::new();
        for (address, name, certainty, of_itself) in names(event) {
            let device = self.by_address.entry(&address, Device::default);
            if of_itself {
                let short = name.short().folded();
                device.identities.retain(|(it, _)| *it != short);
                if IDENTITIES_MAX <= device.identities.len() {
                    device.identities.remove(0);
                }
                device.identities.push((short, event.time));
            }
            if device.name.as_ref().is_none_or(|(known, sure)| {
                *sure < certainty
                    || (*sure == certainty
                        && known.as_str().len() < name.as_str().len()
                        && known.short().folded() == name.short().folded())
            }) {
                device.name = Some((name.clone(), certainty));
                changes.push(RosterChange::Name { address, name });
            }
        }
        changes
    }

    /// Notes that an account got in from an address.
    pub(crate) fn logged_on(&mut self, address: IpAddr, actor: &Actor, time: EventTime) {
        let device = self.by_address.entry(&address, Device::default);
        let folded = actor.name.folded();
        device.logons.retain(|(it, _)| it.name.folded() != folded);
        if LOGONS_MAX <= device.logons.len() {
            device.logons.remove(0);
        }
        device.logons.push((actor.clone(), time));
    }

    /// The latest account that got in from this address, people before machines.
    pub(crate) fn latest_logon(&self, address: IpAddr, now: EventTime) -> Option<Actor> {
        let logons: Vec<&(Actor, EventTime)> = self
            .by_address
            .get(&address)?
            .logons
            .iter()
            .filter(|(_, time)| now.saturating_since(*time) <= LOGON_LIFE)
            .collect();
        let people: Vec<&(Actor, EventTime)> = logons
            .iter()
            .copied()
            .filter(|(actor, _)| !actor.name.is_machine())
            .collect();
        let (actor, _) = people.last().or_else(|| logons.last())?;
        Some(Actor {
            source: ActorSource::SameAddress,
            certainty: if people.len() == 1 {
                Certainty::Medium
            } else {
                Certainty::Low
            },
            ..actor.clone()
        })
    }

    pub(crate) fn name(&self, address: IpAddr) -> Option<&(HostName, Certainty)> {
        self.by_address.get(&address)?.name.as_ref()
    }

    /// Whether three or more devices named themselves at this address within an hour.
    pub(crate) fn is_shared(&self, address: IpAddr, now: EventTime) -> bool {
        self.by_address.get(&address).is_some_and(|device| {
            let recent = device
                .identities
                .iter()
                .filter(|(_, time)| now.saturating_since(*time) <= SHARED_WITHIN);
            SHARED_MIN <= recent.count()
        })
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.by_address.evicted()
    }
}

type Naming = (IpAddr, HostName, Certainty, bool);

/// The names that an event gives to addresses; the last part says whether the device named itself.
fn names(event: &Event) -> Vec<Naming> {
    let mut names = Vec::new();
    match &event.fact {
        Fact::TicketGrantRequested(it) => {
            let machine = it
                .client
                .as_ref()
                .and_then(|client| machine(client.as_str()));
            let name = it.shape.netbios_address.clone().or(machine);
            if let (Some(address), Some(name)) = (event.client.address, name) {
                names.push((address, name, Certainty::High, true));
            }
        }
        Fact::TicketGranted(it) => {
            if let (Some(address), Some(name)) = (event.client.address, machine(it.client.as_str()))
            {
                names.push((address, name, Certainty::High, true));
            }
        }
        Fact::DirectoryServerSeen(it) => {
            if let (Some(address), Some(name)) = (event.server.address, it.host.clone()) {
                names.push((address, name, Certainty::High, false));
            }
        }
        Fact::NtlmAuthenticated(it) => {
            if let (Some(address), Some(name)) = (event.server.address, it.server_name.clone()) {
                names.push((address, name, Certainty::Medium, false));
            }
            let workstation = it.workstation.clone();
            let plausible = !workstation.is_empty() && workstation.as_str() != "NULL";
            if let (Some(address), true) = (event.client.address, plausible) {
                let workstation = HostName::new(workstation.as_str().trim_start_matches('\\'));
                names.push((address, workstation, Certainty::Low, true));
            }
        }
        Fact::NameResolved(it) => resolved(it, &mut names),
        _ => {}
    }
    names.retain(|(address, name, _, _)| !name.is_empty() && !address.is_loopback());
    names
}

fn resolved(it: &realmward_event::dns::NameResolved, names: &mut Vec<Naming>) {
    match it.query_type {
        TYPE_A | TYPE_AAAA => {
            for address in &it.addresses {
                if is_private(*address) && !it.name.as_str().starts_with('_') {
                    names.push((*address, it.name.clone(), Certainty::Low, false));
                }
            }
        }
        TYPE_PTR => {
            if let (Some(address), Some(name)) = (reverse(it.name.as_str()), it.names.first()) {
                names.push((address, name.clone(), Certainty::Low, false));
            }
        }
        _ => {}
    }
}

/// `DC1$` -> `DC1`; people have no host.
fn machine(client: &str) -> Option<HostName> {
    let name = client.split('@').next()?.strip_suffix('$')?;
    Some(HostName::new(name))
}

/// `10.0.77.10.in-addr.arpa` -> 10.77.0.10.
fn reverse(name: &str) -> Option<IpAddr> {
    let digits = name.to_ascii_lowercase();
    let octets: Vec<&str> = digits
        .strip_suffix(".in-addr.arpa")?
        .split('.')
        .rev()
        .collect();
    octets.join(".").parse().ok()
}

/// Names of the whole internet would fill the memory and tell nothing.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => it.is_private() || it.is_link_local(),
        IpAddr::V6(it) => it.is_unique_local() || it.is_unicast_link_local(),
    }
}

/// Whether an NTLM or Kerberos event shows that an account got in.
pub(crate) fn got_in(event: &Event) -> bool {
    match &event.fact {
        Fact::TicketGranted(_) | Fact::ServiceTicketIssued(_) => true,
        Fact::NtlmAuthenticated(it) => it.outcome == Outcome::Success,
        Fact::DirectoryBound(it) => it.result == Some(realmward_vocab::ResultCode::SUCCESS),
        _ => false,
    }
}

/// Adds an address to the list of those from which an account was seen.
pub(crate) fn remember_address(list: &mut Vec<IpAddr>, address: IpAddr) {
    remember(list, address, ACCOUNT_ADDRESSES_MAX);
}

const TYPE_A: u16 = 1;
const TYPE_PTR: u16 = 12;
const TYPE_AAAA: u16 = 28;

/// More accounts than this at one address are told apart by their sessions or not at all.
const LOGONS_MAX: usize = 16;
const IDENTITIES_MAX: usize = 8;
const ACCOUNT_ADDRESSES_MAX: usize = 8;

/// The usual life of a ticket-granting ticket: who logged on earlier has logged on again since.
const LOGON_LIFE: Duration = Duration::from_secs(36_000);

/// Two names may be one device that was renamed or a new lease; three within an hour are many devices.
const SHARED_MIN: usize = 3;
const SHARED_WITHIN: Duration = Duration::from_secs(3_600);
