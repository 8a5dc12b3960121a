//! The part that needs every event in order: the profile, and the clock made of event times.

use crate::Hygiene;
use realmward_event::operator::Decision;
use realmward_event::{Event, Fact};
use realmward_profile::{DomainControllerEvidence, Profile, RosterChange, Settings, Sighting};
use realmward_score::Population;
use realmward_vocab::{AccountName, DomainName, EventTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

/// What every shard takes, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// The roster changes; comes before the sighting that shows it.
    Roster(RosterChange),
    /// Something happened.
    Sighting(Box<Sighting>),
    /// A person decided something about alerts.
    Decided(Decision),
    /// Event time has reached this instant: settle what has waited long enough.
    Tick(EventTime),
    /// No more will come.
    End(EventTime),
}

/// Profile, hygiene and event clock.
#[derive(Serialize, Deserialize)]
pub struct Front {
    profile: Profile,
    hygiene: Hygiene,
    users: BTreeSet<(AccountName, DomainName)>,
    now: EventTime,
    ticked: EventTime,
    #[serde(default)]
    users_not_counted: u64,
}

impl Front {
    /// A front that knows what the operator said, and nothing else.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            profile: Profile::new(settings),
            hygiene: Hygiene::default(),
            users: BTreeSet::new(),
            now: EventTime::default(),
            ticked: EventTime::default(),
            users_not_counted: 0,
        }
    }

    /// Turns events into what the shards take.
    pub fn take(&mut self, events: Vec<Event>) -> Vec<Input> {
        let mut inputs = Vec::with_capacity(events.len());
        for event in events {
            if let Fact::Decided(decided) = event.fact {
                self.decide(decided.decision, &mut inputs);
                continue;
            }
            self.tick(event.time, &mut inputs);
            let (changes, sighting) = self.profile.observe(event);
            inputs.extend(changes.into_iter().map(Input::Roster));
            self.hygiene.count(&sighting);
            self.count_user(&sighting, USERS_MAX);
            inputs.push(Input::Sighting(Box::new(sighting)));
        }
        inputs
    }

    /// Time has passed, although nothing happened.
    pub fn advance(&mut self, time: EventTime) -> Vec<Input> {
        let mut inputs = Vec::new();
        self.tick(time, &mut inputs);
        inputs
    }

    /// No more events will come.
    pub fn finish(&mut self) -> Vec<Input> {
        vec![Input::End(self.now)]
    }

    /// The latest event time seen.
    #[must_use]
    pub const fn now(&self) -> EventTime {
        self.now
    }

    /// Who is who.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What an administrator would want to switch off.
    #[must_use]
    pub const fn hygiene(&self) -> &Hygiene {
        &self.hygiene
    }

    /// How many users were seen.
    #[must_use]
    pub fn population(&self) -> Population {
        Population {
            users: self.users.len() as u64,
        }
    }

    /// How often somebody acted for whom there was no room among the users.
    #[must_use]
    pub const fn users_not_counted(&self) -> u64 {
        self.users_not_counted
    }

    /// What is decided about accounts and hosts changes the roster; the rest concerns alerts.
    fn decide(&mut self, decision: Decision, inputs: &mut Vec<Input>) {
        let change = match decision {
            Decision::SensitiveSet { account, is } => RosterChange::Sensitive { account, is },
            Decision::HoneytokenSet { account, is } => RosterChange::Honeytoken { account, is },
            Decision::DomainControllerNamed { address } => RosterChange::DomainController {
                address: address.to_canonical(),
                evidence: DomainControllerEvidence::Named,
                time: self.now,
                packet: None,
            },
            other => {
                inputs.push(Input::Decided(other));
                return;
            }
        };
        self.profile.told(&change);
        inputs.push(Input::Roster(change));
    }

    /// Moves the clock; an event that is late by its own stamp does not turn it back.
    fn tick(&mut self, time: EventTime, inputs: &mut Vec<Input>) {
        self.now = self.now.max(time);
        if TICK <= self.now.saturating_since(self.ticked) {
            self.ticked = self.now;
            inputs.push(Input::Tick(self.now));
        }
    }

    fn count_user(&mut self, sighting: &Sighting, max: usize) {
        let Some(actor) = &sighting.actor else { return };
        if actor.name.is_empty() || actor.name.is_machine() {
            return;
        }
        let user = (actor.name.folded(), actor.domain.folded());
        if self.users.contains(&user) {
            return;
        }
        if self.users.len() < max {
            self.users.insert(user);
        } else {
            self.users_not_counted += 1;
        }
    }
}

/// Detectors settle what waits at this rhythm of event time.
const TICK: Duration = Duration::from_secs(10);

/// The largest directories have some millions; past this, hostile traffic invents names. What is
/// lost: the prevalence of findings is computed over this many users; what the others do is counted in
/// [`Front::users_not_counted`].
const USERS_MAX: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_profile::Actor;

    fn by(name: &str) -> Sighting {
        Sighting {
            actor: Some(Actor {
                name: name.into(),
                ..Actor::default()
            }),
            ..Sighting::default()
        }
    }

    #[test]
    fn users_for_whom_there_is_no_room_are_not_dropped_unseen() {
        let mut front = Front::new(&Settings::default());
        for name in ["ann", "bob", "ANN", "WS1$", "eve", "bob", "eve", "mallory"] {
            front.count_user(&by(name), 2);
        }
        assert_eq!(front.population().users, 2);
        assert_eq!(front.users_not_counted(), 3);
    }
}
