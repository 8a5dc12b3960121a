//! What addresses are called, who logged on from them, and whether many devices hide behind one.
//!
//! A name that a server or a KDC vouches for beats one that a client chose; of equal ones the newer
//! holds, since addresses are lent; and after half a day any name may follow a name that nobody
//! repeated. That an address is shared is told only by what a KDC or a server accepted: else a
//! thief would call itself three names and be taken for a gateway. What NTLM says of names may be a
//! relay's, which passes on what others say of themselves: a name that another address proved lately
//! stays there.

mod activity;
mod device;
mod names;
mod swaps;
mod twins;

use crate::bounded::Bounded;
use crate::domains::Domains;
use crate::limits::{ADDRESSES, LOGONS_MAX, PROVEN};
use crate::{Actor, ActorSource, Certainty, RosterChange};
use device::{Device, NAME_LIFE, identify};
use names::Naming;
use realmward_event::{Event, Fact, Outcome};
use realmward_vocab::{AccountName, EventTime, Guid, HostName, ResultCode};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;
use swaps::Swaps;
use twins::Twins;

/// What is known of each address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Devices {
    by_address: Bounded<IpAddr, Device>,
    twins: Twins,
    #[serde(default)]
    swaps: Swaps,
    /// Where a KDC or a server last vouched for a name, by its short form.
    #[serde(default)]
    proven: Proven,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            by_address: Bounded::new(ADDRESSES),
            twins: Twins::default(),
            swaps: Swaps::default(),
            proven: Proven::default(),
        }
    }
}

/// Where names were proven.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Proven(Bounded<HostName, IpAddr>);

impl Default for Proven {
    fn default() -> Self {
        Self(Bounded::new(PROVEN))
    }
}

impl Proven {
    fn learn(&mut self, naming: &Naming, now: EventTime) {
        if naming.certainty == Certainty::High {
            let short = naming.name.short().folded();
            *self.0.entry(now, &short, || naming.address) = naming.address;
        }
    }

    /// Where else the name was proven not long ago.
    fn elsewhere(&self, naming: &Naming, now: EventTime) -> Option<IpAddr> {
        let address = self.0.get(now, &naming.name.short().folded())?;
        (*address != naming.address).then_some(*address)
    }
}

impl Devices {
    /// Learns names; the changes of the roster where one is new or better.
    pub(crate) fn learn(
        &mut self,
        event: &Event,
        domains: &Domains,
        client: Option<Guid>,
    ) -> Vec<RosterChange> {
        let mut changes = Vec::new();
        for naming in names::names(event) {
            if domains.is_domain(event.time, naming.name.as_str()) {
                continue;
            }
            self.proven.learn(&naming, event.time);
            let elsewhere = self.proven.elsewhere(&naming, event.time);
            if naming.relayed
                && elsewhere.is_some_and(|it| !self.are_one(it, naming.address, event.time))
            {
                continue;
            }
            let device = self
                .by_address
                .entry(event.time, &naming.address, Device::default);
            if naming.accepted {
                let short = naming.name.short().folded();
                identify(&mut device.names, short, event.time);
            }
            if let Some(name) = device.take_name(&naming, event.time) {
                let address = naming.address;
                changes.push(RosterChange::Name { address, name });
            }
        }
        if let (Some(address), Some(client)) = (event.client.address, client)
            && got_in(event)
        {
            self.client(client, address, event.time);
        }
        changes
    }

    /// The SMB client that got in from an address, if it is another than the latest; behind shared
    /// addresses they take turns.
    pub(crate) fn other_client(
        &self,
        event: &Event,
        client: Option<Guid>,
        latest: Option<Guid>,
    ) -> Option<RosterChange> {
        let client = client.filter(|it| *it != Guid::default() && !it.is_ascii_text())?;
        let (address, time) = (event.client.address?, event.time);
        let is_new = got_in(event) && latest != Some(client) && !self.is_shared(address, time);
        is_new.then_some(RosterChange::Client {
            address,
            client,
            time,
        })
    }

    /// Names an address after the machine account that works from it with a ticket of its own.
    pub(crate) fn works_as(
        &mut self,
        address: IpAddr,
        account: &AccountName,
        time: EventTime,
    ) -> Option<RosterChange> {
        let name = HostName::new(account.as_str().strip_suffix('$')?);
        let naming = Naming {
            address,
            name,
            certainty: Certainty::Medium,
            accepted: false,
            relayed: false,
        };
        let device = self.by_address.entry(time, &address, Device::default);
        let name = device.take_name(&naming, time)?;
        Some(RosterChange::Name { address, name })
    }

    /// Notes that two addresses, one of each family, are one device.
    pub(crate) fn pair(&mut self, a: IpAddr, b: IpAddr, time: EventTime) {
        self.twins.pair(a, b, time);
    }

    /// Whether two addresses are known to be one device.
    pub(crate) fn are_one(&self, a: IpAddr, b: IpAddr, now: EventTime) -> bool {
        self.twins.root(a, now) == self.twins.root(b, now)
    }

    /// Notes that a ticket which was got at one address is used at another.
    pub(crate) fn ticket_crossed(&mut self, got: IpAddr, used: IpAddr, now: EventTime) {
        self.swaps.used(got, used, now);
    }

    /// Whether each of two addresses used tickets that the other got.
    pub(crate) fn swap_tickets(&self, a: IpAddr, b: IpAddr, now: EventTime) -> bool {
        self.swaps.both_ways(a, b, now)
    }

    /// Whether a client with this generated identifier got in from this address.
    pub(crate) fn came_from(&self, client: Guid, address: IpAddr, now: EventTime) -> bool {
        !client.is_ascii_text() && self.twins.came_from(client, address, now)
    }

    /// Whether the name of an address was confirmed since it was last silent for long.
    pub(crate) fn name_is_current(&self, address: IpAddr, now: EventTime) -> bool {
        self.by_address.get(now, &address).is_some_and(|device| {
            let confirmed = device.name.as_ref().map(|it| it.confirmed);
            confirmed.is_some_and(|it| device.active.spans(it, now))
        })
    }

    /// Notes that something came from an address.
    pub(crate) fn worked(&mut self, address: IpAddr, time: EventTime) {
        let device = self.by_address.entry(time, &address, Device::default);
        device.active.at(time);
    }

    /// Whether `other` was at work while `here` was too.
    pub(crate) fn work_beside(&self, here: IpAddr, other: IpAddr, now: EventTime) -> bool {
        let active = |it: IpAddr| Some(&self.by_address.get(now, &it)?.active);
        active(here)
            .zip(active(other))
            .is_some_and(|(here, other)| here.overlaps(other, now))
    }

    /// The name that an address had at a time before, unless another has taken its place since.
    pub(crate) fn name_then(
        &self,
        address: IpAddr,
        then: EventTime,
        now: EventTime,
    ) -> Option<(&HostName, Certainty)> {
        let device = self.by_address.get(now, &address)?;
        let replaced = device.name.as_ref().and_then(|it| it.replaced);
        if replaced.is_some_and(|it| then < it) {
            return None;
        }
        self.name(address, now)
    }

    /// Notes that an account got in from an address.
    pub(crate) fn logged_on(&mut self, address: IpAddr, actor: &Actor, time: EventTime) {
        let device = self.by_address.entry(time, &address, Device::default);
        let folded = actor.name.folded();
        device.logons.retain(|(it, _)| it.name.folded() != folded);
        if LOGONS_MAX <= device.logons.len() {
            device.logons.remove(0);
        }
        device.logons.push((actor.clone(), time));
    }

    /// The latest account that got in from this address, people before machines. Probable if it is
    /// the only one and fresh; a guess on addresses that many share.
    pub(crate) fn latest_logon(&self, address: IpAddr, now: EventTime) -> Option<Actor> {
        let device = self.by_address.get(now, &address)?;
        let recent = || {
            device
                .logons
                .iter()
                .filter(|(_, time)| now.saturating_since(*time) <= LOGON_LIFE)
        };
        let people = || recent().filter(|(actor, _)| !actor.name.is_machine());
        let (actor, time) = people().next_back().or_else(|| recent().next_back())?;
        let is_fresh = now.saturating_since(*time) <= FRESH;
        let is_probable = people().count() == 1 && is_fresh && !device.is_shared(now);
        Some(Actor {
            source: ActorSource::SameAddress,
            certainty: if is_probable {
                Certainty::Medium
            } else {
                Certainty::Low
            },
            ..actor.clone()
        })
    }

    /// The name of an address, and how sure it is; old names are less so.
    pub(crate) fn name(&self, address: IpAddr, now: EventTime) -> Option<(&HostName, Certainty)> {
        let own = |it: IpAddr| self.by_address.get(now, &it)?.name.as_ref();
        let named = own(address).or_else(|| own(self.twins.root(address, now)))?;
        let certainty = if NAME_LIFE < now.saturating_since(named.confirmed) {
            Certainty::Low
        } else {
            named.certainty
        };
        Some((&named.name, certainty))
    }

    /// Whether three or more devices were behind this address within an hour.
    pub(crate) fn is_shared(&self, address: IpAddr, now: EventTime) -> bool {
        self.by_address
            .get(now, &address)
            .is_some_and(|device| device.is_shared(now))
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.by_address.evicted()
            + self.twins.evicted()
            + self.swaps.evicted()
            + self.proven.0.evicted()
    }

    fn client(&mut self, client: Guid, address: IpAddr, time: EventTime) {
        if client != Guid::default() && !client.is_ascii_text() {
            self.twins.client(client, address, time);
        }
        if let Some(card) = card(client) {
            let device = self.by_address.entry(time, &address, Device::default);
            identify(&mut device.cards, card, time);
        }
    }
}

/// The hardware address in an identifier made of time and card (RFC 4122 section 4.1.6), as Windows
/// makes its SMB client identifiers.
fn card(client: Guid) -> Option<u64> {
    let node = u64::try_from(client.0 & 0xffff_ffff_ffff).ok()?;
    (client.version() == 1 && node != 0).then_some(node)
}

/// Whether the event shows that an account got in.
pub(crate) fn got_in(event: &Event) -> bool {
    match &event.fact {
        Fact::TicketGranted(_) | Fact::ServiceTicketIssued(_) => true,
        Fact::NtlmAuthenticated(it) => it.outcome == Outcome::Success,
        Fact::SmbSessionAnswered(it) => !it.status.is_error() && !it.guest,
        Fact::DirectoryBound(it) => it.result == Some(ResultCode::SUCCESS),
        _ => false,
    }
}

/// The usual life of a ticket-granting ticket: who logged on earlier has logged on again since.
const LOGON_LIFE: Duration = Duration::from_secs(36_000);

/// Within an hour of a logon it is probably still that person who works there.
const FRESH: Duration = Duration::from_secs(3_600);
