//! The one step: an event in, a sighting and changes of the roster out.
//!
//! What the event itself proves about names and roles is learned first, so that it holds for the
//! event; what is usual is learned last, so that an event is judged by what was before it.

mod tickets;

use crate::accounts::Accounts;
use crate::actors::Knowledge;
use crate::acts::{Acts, Deed};
use crate::devices::{Devices, got_in};
use crate::domains::Domains;
use crate::flows::Flows;
use crate::interfaces::Interfaces;
use crate::ledger::Ledger;
use crate::reach::Reach;
use crate::roles::Roles;
use crate::stacks::Stacks;
use crate::{
    AccountKey, Actor, ActorSource, Certainty, Device, Roster, RosterChange, Settings, Sighting,
    Stack, ntlm,
};
use realmward_event::dhcp::LeaseStep;
use realmward_event::kerberos::account_of;
use realmward_event::rpc::Arguments;
use realmward_event::{Endpoint, Event, Fact};
use realmward_vocab::{AccountName, DomainName, EventTime};
use serde::{Deserialize, Serialize};

/// Everything learned from events so far.
///
/// ```
/// use realmward_event::{Endpoint, Event, Fact, kerberos::TicketGranted};
/// use realmward_profile::{Profile, Settings};
///
/// let mut profile = Profile::new(&Settings::default());
/// let (changes, sighting) = profile.observe(Event {
///     client: Endpoint::new("10.0.0.21".parse().unwrap(), 40_000),
///     server: Endpoint::new("10.0.0.10".parse().unwrap(), 88),
///     fact: Fact::TicketGranted(TicketGranted {
///         client: "alice".into(),
///         realm: "LAB.EXAMPLE".into(),
///         ..TicketGranted::default()
///     }),
///     ..Event::default()
/// });
/// assert_eq!(changes.len(), 1, "who answers as a KDC is a domain controller");
/// assert_eq!(sighting.actor.unwrap().name, "alice".into());
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Profile {
    roster: Roster,
    roles: Roles,
    domains: Domains,
    devices: Devices,
    accounts: Accounts,
    flows: Flows,
    interfaces: Interfaces,
    ledger: Ledger,
    stacks: Stacks,
    reach: Reach,
    #[serde(default)]
    acts: Acts,
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
            accounts: Accounts::default(),
            flows: Flows::default(),
            interfaces: Interfaces::default(),
            ledger: Ledger::default(),
            stacks: Stacks::default(),
            reach: Reach::default(),
            acts: Acts::default(),
        }
    }

    /// Takes what the operator said.
    pub fn told(&mut self, change: &RosterChange) {
        self.roster.apply(change);
    }

    /// Takes the next event. The changes are already in this profile's roster; other copies take
    /// them before the sighting.
    pub fn observe(&mut self, event: Event) -> (Vec<RosterChange>, Sighting) {
        let mut changes = self.learn_facts(&event);
        let mut sighting = self.sighting(event);
        changes.extend(self.learn_name(&sighting));
        if let Some(change) = self.learn_role(&sighting) {
            sighting.source.is_domain_controller = true;
            changes.push(change);
        }
        self.learn_habits(&sighting);
        self.learn_acts(&mut sighting);
        if let Some(address) = sighting.event.client.address {
            self.devices.worked(address, sighting.event.time);
        }
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

    /// The one key of an account, however its name and domain are written.
    #[must_use]
    pub fn account_key(&self, now: EventTime, actor: &Actor) -> AccountKey {
        self.domains.key(now, &actor.name, &actor.domain)
    }

    /// Entries that bounds have pushed out so far.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.roles.evicted()
            + self.devices.evicted()
            + self.accounts.evicted()
            + self.flows.evicted()
            + self.interfaces.evicted()
            + self.ledger.evicted()
            + self.stacks.evicted()
            + self.reach.evicted()
            + self.acts.evicted()
    }

    /// Names, roles and places that the event proves.
    fn learn_facts(&mut self, event: &Event) -> Vec<RosterChange> {
        self.domains.learn(event);
        self.flows.learn(event);
        self.interfaces.learn(event);
        let mut changes = self.roles.learn(event, &self.roster);
        let client = self.flows.client_guid(event);
        changes.extend(self.devices.learn(event, &self.domains, client));
        let latest = event
            .client
            .address
            .and_then(|it| self.roster.latest_client(it));
        changes.extend(self.devices.other_client(event, client, latest));
        changes.extend(self.leased(event));
        for change in &changes {
            self.roster.apply(change);
        }
        changes
    }

    /// An address that is leased to another card than before.
    fn leased(&self, event: &Event) -> Option<RosterChange> {
        let Fact::AddressLeased(it) = &event.fact else {
            return None;
        };
        let address = it.address.filter(|_| it.step == LeaseStep::Granted)?;
        let card = it.hardware_address.clone();
        let is_new = !card.is_empty() && self.roster.latest_card(address) != Some(card.as_str());
        is_new.then_some(RosterChange::Leased {
            address,
            card,
            time: event.time,
        })
    }

    /// A role that shows only when it is known who acts; it counts for this sighting already.
    fn learn_role(&mut self, sighting: &Sighting) -> Option<RosterChange> {
        let change = Roles::replicated(
            &sighting.event,
            sighting.actor.as_ref(),
            sighting.source.name.as_ref(),
            &self.roster,
        )?;
        self.roster.apply(&change);
        Some(change)
    }

    /// A machine account that uses a ticket which nobody else held, with the software of an operating
    /// system, works from its own machine.
    fn learn_name(&mut self, sighting: &Sighting) -> Option<RosterChange> {
        let Fact::ServiceTicketIssued(it) = &sighting.event.fact else {
            return None;
        };
        let request = it.request.as_ref()?;
        let stack = sighting.stack.as_ref()?.stack;
        let own = sighting.ticket.as_ref()?.holders.is_empty() && request.for_user.is_none();
        if !own || stack.is_attack_tool() || stack == Stack::Unknown {
            return None;
        }
        let account = &sighting.actor.as_ref()?.name;
        let address = sighting.event.client.address?;
        let change = self
            .devices
            .works_as(address, account, sighting.event.time)?;
        self.roster.apply(&change);
        Some(change)
    }

    fn sighting(&mut self, event: Event) -> Sighting {
        let ticket = self.ticket(&event);
        let knowledge = Knowledge {
            ledger: &self.ledger,
            devices: &self.devices,
            domains: &self.domains,
            accounts: &self.accounts,
        };
        let actor = knowledge.actor(&event);
        let surely = actor
            .as_ref()
            .filter(|it| it.source != ActorSource::SameAddress);
        let key = surely.map(|it| self.account_key(event.time, it));
        let habits = key.and_then(|it| self.accounts.habits(event.time, &it));
        Sighting {
            source: self.device(&event.client, event.time),
            target: self.device(&event.server, event.time),
            interface: self.interfaces.resolve(&event, &self.roster),
            stack: self.stacks.insight(&event, habits),
            ntlm: ntlm::insight(&event, self.flows.client_guid(&event), habits),
            actor,
            ticket,
            habit: None,
            sessions: self.sessions(&event),
            event,
        }
    }

    /// Whose sessions a server tells of.
    fn sessions(&self, event: &Event) -> Vec<(AccountName, DomainName)> {
        match &event.fact {
            Fact::RpcCalled(it) => match &it.arguments {
                Arguments::Sessions(rows) => rows
                    .iter()
                    .filter(|(user, _)| !user.is_empty())
                    .map(|(user, _)| self.domains.account(event.time, user))
                    .collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn device(&self, end: &Endpoint, now: EventTime) -> Device {
        let Some(address) = end.address else {
            return Device {
                name: end.name.clone(),
                ..Device::default()
            };
        };
        let named = self.devices.name(address, now);
        Device {
            address: Some(address),
            name: named.map(|(name, _)| name.clone()),
            name_certainty: named.map_or(Certainty::Low, |(_, certainty)| certainty),
            is_domain_controller: self.roster.domain_controller(address).is_some(),
            is_shared: self.devices.is_shared(address, now),
        }
    }

    /// How usual an act is, and that it was done; whose it is must be sure.
    fn learn_acts(&mut self, sighting: &mut Sighting) {
        self.acts.watch(sighting.event.time);
        let Some(actor) = &sighting.actor else {
            return;
        };
        if actor.source == ActorSource::SameAddress {
            return;
        }
        let deed = Deed::of(
            &sighting.event,
            sighting.interface,
            sighting.target.is_domain_controller,
            || self.account_key(sighting.event.time, actor),
        );
        if let Some(deed) = deed {
            sighting.habit = Some(self.acts.habit(&deed));
            self.acts.learn(&deed);
        }
    }

    /// What is usual, from what was accepted.
    fn learn_habits(&mut self, sighting: &Sighting) {
        let event = &sighting.event;
        self.stacks.learn(event);
        if let Fact::KerberosRefused(it) = &event.fact
            && let Some(client) = &it.client
        {
            let domain = DomainName::new(it.realm.as_str());
            let key = self.domains.key(event.time, &account_of(client), &domain);
            self.accounts.offered(event.time, &key, &it.offered_etypes);
        }
        let Some(actor) = &sighting.actor else {
            return;
        };
        if !got_in(event) || actor.source == ActorSource::SameAddress {
            return;
        }
        let address = event.client.address;
        let key = self.account_key(event.time, actor);
        match &event.fact {
            Fact::TicketGranted(it) => self.accounts.granted(event.time, &key, address, it),
            fact => {
                let by_kerberos = matches!(fact, Fact::ServiceTicketIssued(_));
                self.accounts.got_in(event.time, &key, address, by_kerberos);
            }
        }
        if let Some(address) = address {
            self.devices.logged_on(address, actor, event.time);
        }
    }
}
