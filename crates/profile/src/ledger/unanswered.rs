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
use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

/// What each address asked for, and the times of questions without an answer. Several accounts may
/// ask from one address; an answer belongs to the latest question.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Unanswered {
    /// Questions of the last moments, oldest first; nearly all are answered, and take no room then.
    #[serde(default)]
    recent: VecDeque<(EventTime, Asked)>,
    asked: Bounded<Asked, Vec<EventTime>>,
}

/// From where, and for what.
type Asked = (IpAddr, PrincipalName);

impl Default for Unanswered {
    fn default() -> Self {
        Self {
            recent: VecDeque::new(),
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
            self.question(event.time, key);
        } else {
            self.answer(event.time, &key);
        }
    }

    /// Whether the client of an event waits for a ticket of this name; one question fewer is open then.
    pub(super) fn explains(&mut self, event: &Event, ticket: &Ticket) -> bool {
        let Some(address) = event.client.address else {
            return false;
        };
        let key = (address, ticket.service.folded());
        if self.waits(event.time, &key) {
            let questions = self.asked.entry(event.time, &key, Vec::new);
            questions.retain(|it| event.time.saturating_since(*it) <= TICKET_LIFE);
            if !questions.is_empty() {
                questions.remove(0);
                return true;
            }
        }
        let place = self.recent.iter().position(|(_, it)| *it == key);
        place.is_some_and(|it| self.recent.remove(it).is_some())
    }

    fn question(&mut self, now: EventTime, key: Asked) {
        while let Some((asked, _)) = self.recent.front() {
            let is_old = ANSWER_WITHIN < now.saturating_since(*asked);
            if !is_old && self.recent.len() < RECENT_MAX {
                break;
            }
            if let Some((asked, key)) = self.recent.pop_front() {
                let questions = self.asked.entry(now, &key, Vec::new);
                remember(questions, asked, HABITS_MAX);
            }
        }
        self.recent.push_back((now, key));
    }

    fn answer(&mut self, now: EventTime, key: &Asked) {
        match self.recent.iter().rposition(|(_, it)| it == key) {
            Some(place) => {
                self.recent.remove(place);
            }
            None if self.waits(now, key) => {
                self.asked.entry(now, key, Vec::new).pop();
            }
            None => {}
        }
    }

    fn waits(&self, now: EventTime, key: &Asked) -> bool {
        let questions = self.asked.get(now, key);
        questions.is_some_and(|it| !it.is_empty())
    }

    pub(super) const fn evicted(&self) -> u64 {
        self.asked.evicted()
    }
}

/// The default life of a ticket: one that was in a lost answer is not used for longer.
const TICKET_LIFE: Duration = Duration::from_secs(36_000);

/// A KDC answers within a second; a client asks again after a few.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Questions within that time at the busiest domain controllers. Nothing is lost past it: the oldest
/// are kept with those that were not answered.
const RECENT_MAX: usize = 1_024;
