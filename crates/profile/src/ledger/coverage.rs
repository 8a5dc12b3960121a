//! How much of what the KDCs answered we can have seen.

use crate::Coverage;
use crate::limits::Bounded;
use realmward_event::{Event, Fact};
use realmward_vocab::{EventTime, Realm};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Watching the KDCs of each realm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Watch {
    by_realm: Bounded<Realm, Watched>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Watched {
    since: Option<EventTime>,
    requests: u64,
    answers: u64,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            by_realm: Bounded::new(REALMS_MAX),
        }
    }
}

impl Watch {
    pub(crate) fn take(&mut self, event: &Event) {
        let (realm, is_answer) = match &event.fact {
            Fact::TicketGrantRequested(it) => (&it.realm, false),
            Fact::ServiceTicketRequested(it) => (&it.realm, false),
            Fact::TicketGranted(it) => (&it.ticket.realm, true),
            Fact::ServiceTicketIssued(it) => (&it.ticket.realm, true),
            Fact::KerberosRefused(it) => (&it.realm, true),
            _ => return,
        };
        let watched = self.by_realm.entry(&realm.folded(), Watched::default);
        watched.since.get_or_insert(event.time);
        if is_answer {
            watched.answers += 1;
        } else {
            watched.requests += 1;
        }
    }

    /// The chance that a ticket presented now was issued unseen: longer ago than we watch, or in an
    /// answer that was lost.
    pub(crate) fn coverage(
        &self,
        now: EventTime,
        realm: &Realm,
        assumed_complete: bool,
    ) -> Coverage {
        let watched = self
            .by_realm
            .get(&realm.folded())
            .copied()
            .unwrap_or_default();
        let span = watched
            .since
            .map_or(Duration::ZERO, |since| now.saturating_since(since));
        let seen = (span.as_secs_f64() / TICKET_LIFE.as_secs_f64()).min(1.0);
        let heard = if watched.requests == 0 {
            0.0
        } else {
            ratio(watched.answers, watched.requests).min(1.0)
        };
        Coverage {
            watched: span,
            ticket_life: TICKET_LIFE,
            requests: watched.requests,
            answers: watched.answers,
            assumed_complete,
            probability_missed: if assumed_complete {
                0.0
            } else {
                1.0 - seen * heard
            },
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio of counts far below 2^52"
)]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// The default `MaxTicketAge` of a domain; a renewed ticket is issued anew, and seen then.
const TICKET_LIFE: Duration = Duration::from_secs(36_000);

/// Forests and their trusts have some dozens of realms.
const REALMS_MAX: usize = 1_024;
