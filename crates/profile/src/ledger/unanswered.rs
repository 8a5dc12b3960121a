//! Requests whose answer was not seen: a ticket that comes up afterwards was probably in it.
//!
//! Sensors lose packets. Of a lost answer the question remains, and a forger asks none: a proof of a
//! key for a ticket-granting ticket, or a ticket-granting ticket for a service, from the same address.

use crate::bounded::{Bounded, remember};
use crate::limits::{HABITS_MAX, UNANSWERED};
use realmward_event::kerberos::Ticket;
use realmward_event::{Event, Fact};
use realmward_vocab::{EventTime, KerberosError, PrincipalName};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// What each address asked for, and the times of questions without an answer. Several accounts may
/// ask from one address; an answer belongs to the latest question.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Unanswered {
    asked: Bounded<(IpAddr, PrincipalName), Vec<EventTime>>,
}

impl Default for Unanswered {
    fn default() -> Self {
        Self {
            asked: Bounded::new(UNANSWERED),
        }
    }
}

impl Unanswered {
    pub(super) fn take(&mut self, event: &Event) {
        let (service, waits) = match &event.fact {
            Fact::TicketGrantRequested(it) if it.timestamp.is_some() => (&it.service, true),
            Fact::ServiceTicketRequested(it) => {
                let Some(service) = &it.service else { return };
                (service, true)
            }
            // What was asked without proof is no question here, so its answer answers none.
            Fact::TicketGranted(it)
                if it.request.as_ref().is_some_and(|it| it.timestamp.is_none()) =>
            {
                return;
            }
            Fact::KerberosRefused(it) if it.code == KerberosError::KDC_ERR_PREAUTH_REQUIRED => {
                return;
            }
            Fact::TicketGranted(it) => (&it.ticket.service, false),
            Fact::ServiceTicketIssued(it) => (&it.ticket.service, false),
            Fact::KerberosRefused(it) => (&it.service, false),
            _ => return,
        };
        let Some(address) = event.client.address else {
            return;
        };
        let key = (address, service.folded());
        if waits {
            let questions = self.asked.entry(event.time, &key, Vec::new);
            remember(questions, event.time, HABITS_MAX);
        } else if self.waits(event, &key) {
            self.asked.entry(event.time, &key, Vec::new).pop();
        }
    }

    /// Whether the client of an event waits for a ticket of this name; one question fewer is open then.
    pub(super) fn explains(&mut self, event: &Event, ticket: &Ticket) -> bool {
        let Some(address) = event.client.address else {
            return false;
        };
        let key = (address, ticket.service.folded());
        if !self.waits(event, &key) {
            return false;
        }
        let questions = self.asked.entry(event.time, &key, Vec::new);
        questions.retain(|it| event.time.saturating_since(*it) <= TICKET_LIFE);
        let explains = !questions.is_empty();
        if explains {
            questions.remove(0);
        }
        explains
    }

    fn waits(&self, event: &Event, key: &(IpAddr, PrincipalName)) -> bool {
        let questions = self.asked.get(event.time, key);
        questions.is_some_and(|it| !it.is_empty())
    }

    pub(super) const fn evicted(&self) -> u64 {
        self.asked.evicted()
    }
}

/// The default life of a ticket: one that was in a lost answer is not used for longer.
const TICKET_LIFE: Duration = Duration::from_secs(36_000);
