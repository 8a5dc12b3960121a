//! Which stacks and key types were used from a device before.

use super::{Told, of_as, of_tgs};
use crate::accounts::{Habits, proof};
use crate::bounded::{Bounded, remember};
use crate::limits::{ADDRESSES, HABITS_MAX};
use crate::{Stack, StackInsight};
use realmward_event::kerberos::{ServiceTicketRequested, TicketGranted};
use realmward_event::{Event, Fact};
use realmward_vocab::{EncryptionType, EventTime, TicketHash};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What is usual for devices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stacks {
    devices: Bounded<IpAddr, Device>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Device {
    since: EventTime,
    stacks: Vec<Stack>,
    proofs: Vec<EncryptionType>,
    /// The ticket that was presented to a KDC last, and what made the request: its refusal names
    /// neither.
    #[serde(default)]
    asked: Option<(TicketHash, Told)>,
}

impl Default for Stacks {
    fn default() -> Self {
        Self {
            devices: Bounded::new(ADDRESSES),
        }
    }
}

impl Stacks {
    /// What is to be said of the Kerberos request in an event, given what its account did before.
    pub(crate) fn insight(&self, event: &Event, account: Option<&Habits>) -> Option<StackInsight> {
        let address = event.client.address;
        let device = address.and_then(|it| self.devices.get(event.time, &it));
        let Told { stack, tells } = told(&event.fact).or_else(|| device?.refused(&event.fact))?;
        let others = |it: &Device| {
            it.stacks
                .iter()
                .filter(|it| **it != stack)
                .copied()
                .collect()
        };
        Some(StackInsight {
            stack,
            tells,
            device_stacks: device.map(others).unwrap_or_default(),
            account_etypes: account.map(|it| it.proofs.clone()).unwrap_or_default(),
            device_etypes: device.map(|it| it.proofs.clone()).unwrap_or_default(),
            offered_etypes: account.map(|it| it.offered.clone()).unwrap_or_default(),
            account_known_on_device: account
                .zip(address)
                .is_some_and(|(it, address)| it.addresses.contains(&address)),
            device_since: device.map(|it| it.since),
        })
    }

    /// Learns from an event what its device uses.
    pub(crate) fn learn(&mut self, event: &Event) {
        match &event.fact {
            Fact::TicketGrantRequested(it) => self.note_stack(event, of_as(it).stack),
            Fact::ServiceTicketRequested(it) => self.note_request(event, it),
            Fact::TicketGranted(it) => self.note_proof(event, it),
            _ => {}
        }
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.devices.evicted()
    }

    fn note_request(&mut self, event: &Event, it: &ServiceTicketRequested) {
        let told = of_tgs(it);
        self.note_stack(event, told.stack);
        if let Some(device) = self.device(event) {
            device.asked = Some((it.presented.hash, told));
        }
    }

    fn note_stack(&mut self, event: &Event, stack: Stack) {
        if let Some(device) = self.device(event)
            && stack != Stack::Unknown
        {
            remember(&mut device.stacks, stack, HABITS_MAX);
        }
    }

    fn note_proof(&mut self, event: &Event, it: &TicketGranted) {
        if let (Some(device), Some(proof)) = (self.device(event), proof(it)) {
            remember(&mut device.proofs, proof, HABITS_MAX);
        }
    }

    fn device(&mut self, event: &Event) -> Option<&mut Device> {
        let address = event.client.address?;
        Some(self.devices.entry(event.time, &address, || Device {
            since: event.time,
            ..Device::default()
        }))
    }
}

impl Device {
    /// What made the request that a KDC refused, if it was the last one.
    fn refused(&self, fact: &Fact) -> Option<Told> {
        let Fact::KerberosRefused(it) = fact else {
            return None;
        };
        let hash = it.presented.as_ref()?.hash;
        let (asked, told) = self.asked.as_ref()?;
        (*asked == hash && hash != TicketHash::default()).then(|| told.clone())
    }
}

/// What made the request in an event, or the request that it answers.
fn told(fact: &Fact) -> Option<Told> {
    match fact {
        Fact::TicketGrantRequested(it) => Some(of_as(it)),
        Fact::TicketGranted(it) => it.request.as_deref().map(of_as),
        Fact::ServiceTicketRequested(it) => Some(of_tgs(it)),
        Fact::ServiceTicketIssued(it) => it.request.as_deref().map(of_tgs),
        _ => None,
    }
}
