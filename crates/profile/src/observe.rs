//! The one step: an event in, a sighting and changes of the roster out.

use crate::accounts::Knowledge;
use crate::devices::{Devices, got_in};
use crate::domains::Domains;
use crate::interfaces::Interfaces;
use crate::ledger::Ledger;
use crate::ntlm::Ntlm;
use crate::reach::Reach;
use crate::roles::Roles;
use crate::stacks::Stacks;
use crate::{Certainty, Device, Roster, RosterChange, Settings, Sighting};
use realmward_event::{Endpoint, Event, Fact};
use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};

/// Everything learned from events so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Profile {
    roster: Roster,
    roles: Roles,
    domains: Domains,
    devices: Devices,
    interfaces: Interfaces,
    ledger: Ledger,
    stacks: Stacks,
    ntlm: Ntlm,
    reach: Reach,
}

impl Profile {
    /// A profile that knows what the operator said, and nothing else.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            roster: Roster::new(settings),
            roles: Roles::default(),
            domains: Domains::default(),
            devices: Devices::default(),
            interfaces: Interfaces::default(),
            ledger: Ledger::default(),
            stacks: Stacks::default(),
            ntlm: Ntlm::default(),
            reach: Reach::default(),
        }
    }

    /// Takes the next event. The changes are already in this profile's roster; other copies take
    /// them before the sighting.
    pub fn observe(&mut self, event: Event) -> (Vec<RosterChange>, Sighting) {
        self.domains.learn(&event);
        self.interfaces.learn(&event);
        let mut changes = self.roles.learn(&event, &self.roster);
        changes.extend(self.devices.learn(&event));
        for change in &changes {
            self.roster.apply(change);
        }
        let sighting = self.sighting(event);
        self.note_logon(&sighting);
        self.reach.take(&sighting);
        (changes, sighting)
    }

    /// Roles, names and tags.
    #[must_use]
    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Who reached what.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Entries that bounds have pushed out so far.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.devices.evicted()
            + self.interfaces.evicted()
            + self.ledger.evicted()
            + self.stacks.evicted()
            + self.ntlm.evicted()
            + self.reach.refused()
    }

    fn sighting(&mut self, event: Event) -> Sighting {
        let uses_kerberos = match &event.fact {
            Fact::NtlmAuthenticated(it) => self.stacks.uses_kerberos(&it.user),
            _ => false,
        };
        let mut ticket = self.ledger.take(&event, self.roster.assumes_complete());
        if let Some(insight) = &mut ticket {
            for holder in &mut insight.holders {
                let Some(address) = holder.address else {
                    continue;
                };
                holder.name = self.devices.name(address).map(|(name, _)| name.clone());
                holder.is_shared_address = self.devices.is_shared(address, event.time);
            }
        }
        let stack = self.stacks.take(&event);
        let ntlm = self.ntlm.take(&event, uses_kerberos);
        let knowledge = Knowledge {
            ledger: &self.ledger,
            devices: &self.devices,
            domains: &self.domains,
        };
        Sighting {
            actor: knowledge.actor(&event),
            source: self.device(&event.client, event.time),
            target: self.device(&event.server, event.time),
            interface: self.interfaces.resolve(&event),
            ticket,
            stack,
            ntlm,
            event,
        }
    }

    fn device(&self, end: &Endpoint, now: EventTime) -> Device {
        let Some(address) = end.address else {
            return Device {
                name: end.name.clone(),
                ..Device::default()
            };
        };
        let named = self.devices.name(address);
        Device {
            address: Some(address),
            name: named.map(|(name, _)| name.clone()),
            name_certainty: named.map_or(Certainty::Low, |(_, certainty)| *certainty),
            is_domain_controller: self.roster.domain_controller(address).is_some(),
            is_shared: self.devices.is_shared(address, now),
        }
    }

    fn note_logon(&mut self, sighting: &Sighting) {
        if !got_in(&sighting.event) {
            return;
        }
        if let (Some(actor), Some(address)) = (&sighting.actor, sighting.source.address)
            && actor.source != crate::ActorSource::SameAddress
        {
            self.devices.logged_on(address, actor, sighting.event.time);
        }
    }
}
