//! The ledger of tickets: which the KDC issued, to whom, and who held them since.
//!
//! A ticket is known by the hash of its ciphertext, so no key is needed: what a KDC issued and what
//! a client presents are the same octets, or they are not the same ticket. What the ledger cannot
//! know is what happened before it was watching; [`Coverage`](crate::Coverage) says how much that is.
//!
//! A holder is the client of an exchange: the one that got the ticket, or presented it. KDCs and
//! services hold nothing. Retries come from the same address and are the same holder. A ticket that
//! comes along as an additional one (delegation, user to user) is not held by who brings it.

mod coverage;
mod entry;
mod genuine;
mod unanswered;

use crate::actors::is_hidden;
use crate::bounded::Bounded;
use crate::limits::TICKETS;
use crate::{Roster, Stack, TicketInsight, stacks};
use coverage::{Asked, Watch};
use entry::Entry;
use genuine::Genuine;
use realmward_event::kerberos::{
    ServiceTicketIssued, ServiceTicketRequested, Ticket, TicketGranted, account_of,
};
use realmward_event::{Event, Fact};
use realmward_vocab::{AccountName, DomainName, EventTime, KdcOptions, TicketHash};
use serde::{Deserialize, Serialize};
use unanswered::Unanswered;

/// What is known of tickets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ledger {
    tickets: Bounded<TicketHash, Entry>,
    genuine: Genuine,
    watch: Watch,
    #[serde(default)]
    unanswered: Unanswered,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            tickets: Bounded::new(TICKETS),
            genuine: Genuine::default(),
            watch: Watch::default(),
            unanswered: Unanswered::default(),
        }
    }
}

impl Ledger {
    /// Takes an event in; what is to be said of the ticket that it presents, if it presents one.
    pub(crate) fn take(&mut self, event: &Event, roster: &Roster) -> Option<TicketInsight> {
        let shown = presented(&event.fact).filter(|(ticket, _)| is_read(ticket));
        if let Some((ticket, _)) = shown {
            self.explain(event, ticket);
        }
        let insight =
            shown.map(|(ticket, is_renewal)| self.insight(event, ticket, is_renewal, roster));
        self.watch.take(event);
        self.unanswered.take(event);
        match &event.fact {
            Fact::TicketGranted(it) => self.granted(event, it),
            Fact::ServiceTicketRequested(it) => self.hold(event, &it.presented),
            Fact::ServiceTicketIssued(it) => self.issued(event, it),
            Fact::TicketPresented(it) => self.hold(event, &it.ticket),
            _ => {}
        }
        insight
    }

    /// Whose ticket it is, if the KDC said so.
    pub(crate) fn owner(
        &self,
        now: EventTime,
        hash: TicketHash,
    ) -> Option<(AccountName, DomainName)> {
        self.tickets.get(now, &hash)?.owner()
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.tickets.evicted() + self.genuine.evicted() + self.unanswered.evicted()
    }

    /// A ticket whose issue was not seen, from where a request was not seen answered, was in the answer.
    fn explain(&mut self, event: &Event, ticket: &Ticket) {
        let known = self.tickets.get(event.time, &ticket.hash);
        let is_open = known.is_none_or(|it| it.born().is_none() && !it.is_explained());
        if is_open && self.unanswered.explains(event, ticket) {
            let entry = self.tickets.entry(event.time, &ticket.hash, Entry::default);
            entry.explain();
        }
    }

    /// An AS-REP: the ticket is born.
    fn granted(&mut self, event: &Event, it: &TicketGranted) {
        if !is_read(&it.ticket) {
            return;
        }
        let stack = it
            .request
            .as_ref()
            .map(|request| stacks::of_as(request).stack);
        self.genuine
            .issued(event, &it.ticket, &account_of(&it.client));
        let client = (account_of(&it.client), DomainName::new(it.realm.as_str()));
        self.issue(event, &it.ticket, client, stack.unwrap_or_default(), false);
    }

    /// A TGS-REP: its ticket is born, and the client it names owns the ticket that was presented.
    fn issued(&mut self, event: &Event, it: &ServiceTicketIssued) {
        let request = it.request.as_deref();
        let named = (account_of(&it.client), DomainName::new(it.realm.as_str()));
        let known = request.and_then(|it| self.owner(event.time, it.presented.hash));
        let client = match known {
            Some(owner) if is_hidden(&named.0) => owner,
            _ => named,
        };
        if let Some(request) = request {
            self.accepted(event, request, &client);
        }
        if is_read(&it.ticket) {
            let stack = request.map(|request| stacks::of_tgs(request).stack);
            let travels = self.travels(event.time, it);
            let stack = stack.unwrap_or_default();
            self.issue(event, &it.ticket, client, stack, travels);
        }
    }

    /// The KDC took the presented ticket: it is genuine, or made with the right key.
    fn accepted(
        &mut self,
        event: &Event,
        request: &ServiceTicketRequested,
        client: &(AccountName, DomainName),
    ) {
        let ticket = &request.presented;
        if !is_read(ticket) {
            return;
        }
        self.genuine.accepted(event, ticket);
        let for_another =
            request.for_user.is_some() || request.shape.options.has(KdcOptions::CNAME_IN_ADDL_TKT);
        let entry = self.tickets.entry(event.time, &ticket.hash, Entry::default);
        if let Some(born) = entry.born() {
            self.watch.presented_at_age(event, ticket, born);
        }
        if !for_another && !is_hidden(&client.0) {
            entry.name_owner(client);
        }
    }

    /// Whether a ticket is made to be sent elsewhere: forwarded or proxy tickets, what renews one,
    /// and a new ticket-granting ticket whose request was not seen.
    fn travels(&self, now: EventTime, it: &ServiceTicketIssued) -> bool {
        let Some(request) = &it.request else {
            return it.ticket.service.is_krbtgt();
        };
        let options = request.shape.options;
        let renews = options.has(KdcOptions::RENEW);
        let before = self.tickets.get(now, &request.presented.hash);
        options.has(KdcOptions::FORWARDED)
            || options.has(PROXY)
            || (renews && before.is_some_and(Entry::travels))
    }

    fn issue(
        &mut self,
        event: &Event,
        ticket: &Ticket,
        client: (AccountName, DomainName),
        stack: Stack,
        travels: bool,
    ) {
        let entry = self.tickets.entry(event.time, &ticket.hash, Entry::default);
        entry.issue(event, client, stack, travels);
        entry.hold(event);
    }

    fn hold(&mut self, event: &Event, ticket: &Ticket) {
        if is_read(ticket) {
            let entry = self.tickets.entry(event.time, &ticket.hash, Entry::default);
            entry.hold(event);
        }
    }

    fn insight(
        &self,
        event: &Event,
        ticket: &Ticket,
        is_renewal: bool,
        roster: &Roster,
    ) -> TicketInsight {
        let entry = self.tickets.get(event.time, &ticket.hash);
        let here = event.client.address;
        let asked = Asked {
            now: event.time,
            realm: &ticket.realm,
            is_renewal,
            remembered_since: self.tickets.complete_since(),
        };
        let mut coverage = self.watch.coverage(&asked, roster);
        if entry.is_some_and(Entry::is_explained) && !coverage.assumed_complete {
            coverage.probability_missed = 1.0;
        }
        TicketInsight {
            issued: entry.and_then(Entry::record),
            holders: entry.map(|it| it.others(here)).unwrap_or_default(),
            coverage,
            broken: self.genuine.broken(event, ticket, named(&event.fact)),
            may_travel: entry.is_some_and(Entry::travels),
            foreign: self.genuine.is_foreign(event.time, ticket),
            tells: Vec::new(),
            name_is_current: false,
        }
    }
}

/// The ticket that an event presents, and whether it is presented to be renewed.
fn presented(fact: &Fact) -> Option<(&Ticket, bool)> {
    match fact {
        Fact::ServiceTicketRequested(it) => Some((&it.presented, renews(it))),
        Fact::ServiceTicketIssued(it) => {
            let request = it.request.as_deref()?;
            Some((&request.presented, renews(request)))
        }
        Fact::KerberosRefused(it) => Some((it.presented.as_ref()?, false)),
        Fact::TicketPresented(it) => Some((&it.ticket, false)),
        _ => None,
    }
}

fn renews(request: &ServiceTicketRequested) -> bool {
    request.shape.options.has(KdcOptions::RENEW)
}

/// The client that the KDC names when it answers.
fn named(fact: &Fact) -> Option<AccountName> {
    match fact {
        Fact::ServiceTicketIssued(it) => {
            let request = it.request.as_ref()?;
            let own = request.for_user.is_none()
                && !request.shape.options.has(KdcOptions::CNAME_IN_ADDL_TKT);
            let account = account_of(&it.client);
            (own && !is_hidden(&account)).then_some(account)
        }
        _ => None,
    }
}

/// A ticket whose ciphertext could not be read has no identity.
fn is_read(ticket: &Ticket) -> bool {
    ticket.hash != TicketHash::default()
}

/// `proxy` of the KDC options (RFC 4120 section 5.4.1).
const PROXY: u32 = 0x0800_0000;
