//! How much of what the KDCs answered we can have seen.
//!
//! A ticket that was never issued and one that was issued out of sight look alike. Three things let
//! an issue go unseen: it was before we watched, its answer was lost, or a domain controller that we
//! do not watch gave it. The chance of having missed it is one minus the product of what is left.

use crate::bounded::{Bounded, remember};
use crate::limits::{KDCS_MAX, REALMS};
use crate::{Coverage, Roster};
use realmward_event::kerberos::Ticket;
use realmward_event::{Event, Fact};
use realmward_vocab::{EventTime, HostName, Realm};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

/// Watching the KDCs of each realm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Watch {
    by_realm: Bounded<Realm, Watched>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Watched {
    since: EventTime,
    requests: u64,
    answers: u64,
    kdcs: Vec<IpAddr>,
    /// The greatest age at which a KDC still took a ticket whose issue we saw.
    oldest: Duration,
}

/// Of which ticket the coverage is asked.
pub(super) struct Asked<'a> {
    pub(super) now: EventTime,
    pub(super) realm: &'a Realm,
    pub(super) is_renewal: bool,
    /// Since when no ticket was forgotten, if any ever was.
    pub(super) remembered_since: Option<EventTime>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            by_realm: Bounded::new(REALMS),
        }
    }
}

impl Watch {
    pub(super) fn take(&mut self, event: &Event) {
        let (realm, is_answer) = match &event.fact {
            Fact::TicketGrantRequested(it) => (&it.realm, false),
            Fact::ServiceTicketRequested(it) => (&it.realm, false),
            Fact::TicketGranted(it) => (&it.ticket.realm, true),
            Fact::ServiceTicketIssued(it) => (&it.ticket.realm, true),
            Fact::KerberosRefused(it) => (&it.realm, true),
            _ => return,
        };
        let watched = self
            .by_realm
            .entry(event.time, &realm.folded(), || Watched::from(event.time));
        if is_answer {
            watched.answers += 1;
            if let Some(kdc) = event.server.address {
                remember(&mut watched.kdcs, kdc, KDCS_MAX);
            }
        } else {
            watched.requests += 1;
        }
    }

    /// A KDC took a ticket that it issued at `born`: tickets live that long at least.
    pub(super) fn presented_at_age(&mut self, event: &Event, ticket: &Ticket, born: EventTime) {
        let realm = ticket.realm.folded();
        let watched = self
            .by_realm
            .entry(event.time, &realm, || Watched::from(event.time));
        let age = event.time.saturating_since(born).min(RENEWABLE_LIFE);
        watched.oldest = watched.oldest.max(age);
    }

    pub(super) fn coverage(&self, asked: &Asked<'_>, roster: &Roster) -> Coverage {
        let life = |oldest: Duration| {
            if asked.is_renewal {
                RENEWABLE_LIFE
            } else {
                TICKET_LIFE.max(oldest)
            }
        };
        let assumed_complete = roster.assumes_complete();
        let watched = self.by_realm.get(asked.now, &asked.realm.folded());
        let ticket_life = life(watched.map_or(Duration::ZERO, |it| it.oldest));
        let part = |since: EventTime| {
            let span = asked.now.saturating_since(since);
            (span.as_secs_f64() / ticket_life.as_secs_f64()).min(1.0)
        };
        let remembered = asked.remembered_since.map_or(1.0, part);
        let seen = match watched {
            _ if assumed_complete => 1.0,
            Some(watched) => self.seen(watched, part(watched.since), roster),
            None => 0.0,
        };
        Coverage {
            watched: watched.map_or(Duration::ZERO, |it| asked.now.saturating_since(it.since)),
            ticket_life,
            requests: watched.map_or(0, |it| it.requests),
            answers: watched.map_or(0, |it| it.answers),
            assumed_complete,
            probability_missed: 1.0 - seen.min(remembered),
        }
    }

    /// The part of all issues within a ticket's life that we can have seen. Below half of a life
    /// nothing can be proven, and who else might have issued does not matter.
    fn seen(&self, watched: &Watched, in_time: f64, roster: &Roster) -> f64 {
        let share = if in_time < 0.5 {
            1.0
        } else {
            self.share(watched, roster)
        };
        in_time * ratio(watched.answers, watched.requests) * share
    }

    /// The part of the known domain controllers that was seen to answer as KDCs. Those of other
    /// realms do not count; two addresses of one name are one.
    fn share(&self, watched: &Watched, roster: &Roster) -> f64 {
        let machine = |address: IpAddr| match roster.name(address) {
            Some(name) => Machine::Named(name.short().folded()),
            None => Machine::At(address),
        };
        let own: BTreeSet<Machine> = watched.kdcs.iter().copied().map(machine).collect();
        let others: BTreeSet<Machine> = self
            .by_realm
            .iter()
            .flat_map(|(_, it)| it.kdcs.iter().copied())
            .map(machine)
            .collect();
        let silent: BTreeSet<Machine> = roster
            .domain_controllers()
            .into_iter()
            .map(|(address, _)| machine(address))
            .filter(|it| !own.contains(it) && !others.contains(it))
            .collect();
        ratio(own.len() as u64, (own.len() + silent.len()) as u64)
    }
}

impl Watched {
    const fn from(since: EventTime) -> Self {
        Self {
            since,
            requests: 0,
            answers: 0,
            kdcs: Vec::new(),
            oldest: Duration::ZERO,
        }
    }
}

/// A domain controller, by its name if it has one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Machine {
    Named(HostName),
    At(IpAddr),
}

/// Part of a whole, at most 1; nothing of nothing is nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio of counts far below 2^52"
)]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        (part as f64 / whole as f64).min(1.0)
    }
}

/// The default `MaxTicketAge` of a domain; more is learned when older tickets are taken.
const TICKET_LIFE: Duration = Duration::from_secs(36_000);

/// The default `MaxRenewAge` of a domain: what is renewed now may be that old.
const RENEWABLE_LIFE: Duration = Duration::from_secs(7 * 86_400);
