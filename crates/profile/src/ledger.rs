//! The ledger of tickets: which the KDC issued, to whom, and who held them since.
//!
//! A ticket is known by the hash of its ciphertext, so no key is needed: what a KDC issued and what
//! a client presents are the same octets, or they are not the same ticket. What the ledger cannot
//! know is what happened before it was watching; [`Coverage`] says how much that is.

mod coverage;
mod genuine;

use crate::limits::{Bounded, TICKETS_MAX};
use crate::{Coverage, Holder, IssueRecord, TicketInsight};
use coverage::Watch;
use genuine::Genuine;
use realmward_event::kerberos::{ServiceTicketIssued, ServiceTicketRequested, Ticket, account_of};
use realmward_event::{Event, Fact};
use realmward_vocab::{AccountName, DomainName, KdcOptions, TicketHash};
use serde::{Deserialize, Serialize};

/// What is known of tickets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ledger {
    tickets: Bounded<TicketHash, Entry>,
    genuine: Genuine,
    watch: Watch,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Entry {
    issued: Option<IssueRecord>,
    /// The client that the KDC named when it answered a request with this ticket.
    owner: Option<(AccountName, DomainName)>,
    holders: Vec<Holder>,
    may_travel: bool,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            tickets: Bounded::new(TICKETS_MAX),
            genuine: Genuine::default(),
            watch: Watch::default(),
        }
    }
}

impl Ledger {
    /// Takes an event in; what is to be said of the ticket that it presents, if it presents one.
    pub(crate) fn take(&mut self, event: &Event, assume_complete: bool) -> Option<TicketInsight> {
        self.watch.take(event);
        match &event.fact {
            Fact::TicketGranted(it) => {
                let stack = it
                    .request
                    .as_ref()
                    .map(|request| crate::stacks::of_as(request).stack)
                    .unwrap_or_default();
                self.genuine.take(&it.ticket);
                let (client, realm) = (account_of(&it.client), DomainName::new(it.realm.as_str()));
                self.issue(event, &it.ticket, (client, realm), stack);
                None
            }
            Fact::ServiceTicketRequested(it) => {
                let insight = self.insight(event, &it.presented, assume_complete);
                self.present(event, &it.presented);
                self.delegate(it);
                Some(insight)
            }
            Fact::ServiceTicketIssued(it) => {
                let insight = it
                    .request
                    .as_ref()
                    .map(|request| self.insight(event, &request.presented, assume_complete));
                self.issue_service(event, it);
                insight
            }
            Fact::KerberosRefused(it) => it
                .presented
                .as_ref()
                .map(|ticket| self.insight(event, ticket, assume_complete)),
            Fact::TicketPresented(it) => {
                let insight = self.insight(event, &it.ticket, assume_complete);
                self.present(event, &it.ticket);
                Some(insight)
            }
            _ => None,
        }
    }

    /// Whose ticket it is, if the KDC said so.
    pub(crate) fn owner(&self, hash: TicketHash) -> Option<(AccountName, DomainName)> {
        let entry = self.tickets.get(&hash)?;
        entry
            .issued
            .as_ref()
            .map(|it| (it.client.clone(), it.realm.clone()))
            .or_else(|| entry.owner.clone())
            .filter(|(name, _)| !is_hidden(name))
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.tickets.evicted()
    }

    fn issue(
        &mut self,
        event: &Event,
        ticket: &Ticket,
        (client, realm): (AccountName, DomainName),
        stack: crate::Stack,
    ) {
        let entry = self.tickets.entry(&ticket.hash, Entry::default);
        if entry.issued.is_none() {
            entry.issued = Some(IssueRecord {
                client,
                realm,
                address: event.client.address,
                time: event.time,
                evidence: event.evidence.clone(),
                stack,
            });
        }
        entry.hold(event);
    }

    /// A TGS-REP: its ticket is born, and the client it names owns the ticket that was presented.
    fn issue_service(&mut self, event: &Event, it: &ServiceTicketIssued) {
        let named = (account_of(&it.client), DomainName::new(it.realm.as_str()));
        let request = it.request.as_deref();
        let delegated = request.is_some_and(|request| {
            request.for_user.is_some() || request.shape.options.has(KdcOptions::CNAME_IN_ADDL_TKT)
        });
        let client = match request.and_then(|request| self.owner(request.presented.hash)) {
            Some(owner) if is_hidden(&named.0) => owner,
            _ => named,
        };
        if let Some(request) = request
            && !delegated
            && !is_hidden(&client.0)
        {
            let entry = self.tickets.entry(&request.presented.hash, Entry::default);
            entry.owner.get_or_insert_with(|| client.clone());
        }
        let stack = request
            .map(|request| crate::stacks::of_tgs(request).stack)
            .unwrap_or_default();
        self.issue(event, &it.ticket, client, stack);
        let forwarded =
            request.is_some_and(|request| request.shape.options.has(KdcOptions::FORWARDED));
        if forwarded {
            self.tickets
                .entry(&it.ticket.hash, Entry::default)
                .may_travel = true;
        }
    }

    fn present(&mut self, event: &Event, ticket: &Ticket) {
        self.tickets.entry(&ticket.hash, Entry::default).hold(event);
    }

    /// A service that acts for a user shows the user's ticket to the KDC: that one may travel.
    fn delegate(&mut self, request: &ServiceTicketRequested) {
        if request.shape.options.has(KdcOptions::CNAME_IN_ADDL_TKT) {
            for ticket in &request.additional_tickets {
                self.tickets.entry(&ticket.hash, Entry::default).may_travel = true;
            }
        }
    }

    fn insight(&self, event: &Event, ticket: &Ticket, assume_complete: bool) -> TicketInsight {
        let entry = self.tickets.get(&ticket.hash);
        let here = event.client.address;
        TicketInsight {
            issued: entry.and_then(|it| it.issued.clone()),
            holders: entry
                .map(|it| {
                    it.holders
                        .iter()
                        .filter(|it| it.address != here)
                        .cloned()
                        .collect()
                })
                .unwrap_or_default(),
            coverage: self.coverage(event, ticket, assume_complete),
            broken: self.genuine.broken(ticket),
            may_travel: entry.is_some_and(|it| it.may_travel),
            foreign: self.genuine.is_foreign(ticket),
        }
    }

    fn coverage(&self, event: &Event, ticket: &Ticket, assume_complete: bool) -> Coverage {
        self.watch
            .coverage(event.time, &ticket.realm, assume_complete)
    }
}

impl Entry {
    fn hold(&mut self, event: &Event) {
        let address = event.client.address;
        if let Some(holder) = self.holders.iter_mut().find(|it| it.address == address) {
            holder.until = event.time;
            return;
        }
        if self.holders.len() < HOLDERS_MAX {
            self.holders.push(Holder {
                address,
                name: None,
                since: event.time,
                until: event.time,
                packet: event.evidence.first().copied().unwrap_or_default(),
                is_shared_address: false,
            });
        }
    }
}

/// MIT and Heimdal hide the client's name in armoured replies (RFC 6113, RFC 8062).
fn is_hidden(name: &AccountName) -> bool {
    name.is_empty() || name.as_str().eq_ignore_ascii_case("WELLKNOWN")
}

/// One ticket on more devices than this says no more than on these.
const HOLDERS_MAX: usize = 8;
