//! What is known of a ticket that an event shows: the ledger's entry, and which of its holders are this
//! device.

use super::Profile;
use crate::{Holder, TicketInsight, ntlm};
use realmward_event::{Event, Fact};
use std::net::IpAddr;
use std::time::Duration;

impl Profile {
    pub(super) fn ticket(&mut self, event: &Event) -> Option<TicketInsight> {
        let mut insight = self.ledger.take(event, &self.roster)?;
        let client = self.flows.client_guid(event);
        insight
            .tells
            .extend(client.and_then(ntlm::client_identifier));
        if let Some(here) = event.client.address {
            self.learn_twin(event, here, &insight);
            self.learn_swap(event, here, &insight);
            insight.name_is_current = self.devices.name_is_current(here, event.time);
            let one = |it: &IpAddr| {
                self.devices.are_one(*it, here, event.time)
                    || client.is_some_and(|id| self.devices.came_from(id, *it, event.time))
            };
            insight
                .holders
                .retain(|it| !it.address.as_ref().is_some_and(one));
        }
        for holder in &mut insight.holders {
            self.describe(holder, event);
        }
        Some(insight)
    }

    /// What is known of a device that had the ticket.
    fn describe(&self, holder: &mut Holder, event: &Event) {
        let (Some(address), now) = (holder.address, event.time) else {
            return;
        };
        if let Some((name, certainty)) = self.devices.name_then(address, holder.until, now) {
            holder.name = Some(name.clone());
            holder.name_certainty = certainty;
        }
        holder.is_shared_address = self.devices.is_shared(address, now);
        if let Some(here) = event.client.address {
            holder.works_beside = self.devices.work_beside(here, address, now);
            holder.swaps_tickets = self.devices.swap_tickets(here, address, now);
        }
    }

    /// A service ticket used over the other family as soon as it was issued was not stolen.
    fn learn_twin(&mut self, event: &Event, here: IpAddr, insight: &TicketInsight) {
        let (Fact::TicketPresented(_), Some(issued)) = (&event.fact, &insight.issued) else {
            return;
        };
        let is_quick = event.time.saturating_since(issued.time) <= TWIN_WITHIN;
        if let (Some(there), true) = (issued.address, is_quick && !issued.stack.is_attack_tool()) {
            self.devices.pair(here, there, event.time);
        }
    }

    /// A ticket is used elsewhere than where it was got.
    fn learn_swap(&mut self, event: &Event, here: IpAddr, insight: &TicketInsight) {
        let issued_to = insight.issued.as_ref().and_then(|it| it.address);
        let elsewhere = issued_to.filter(|it| *it != here && !insight.may_travel);
        if let Some(there) = elsewhere {
            self.devices.ticket_crossed(there, here, event.time);
        }
    }
}

/// A client that asks for a ticket uses it at once; a thief has to find, copy and load it first.
const TWIN_WITHIN: Duration = Duration::from_secs(5);
