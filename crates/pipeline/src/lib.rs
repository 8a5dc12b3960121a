//! The whole core as one pure step: events in, alerts and priorities out.
//!
//! Three parts, so that the middle can run on many threads or machines:
//!
//! ```text
//! Event -> Front (one: profile) -> Input -> Shard (n: detectors by key) -> Finding -> Back (one: alerts)
//! ```
//!
//! [`Front`] needs every event in order; a [`Shard`] needs every [`Input`] in order and runs only
//! the keys that are its own; [`Back`] needs the findings of all shards for the same inputs at once,
//! which it sorts. So any number of shards gives the same alerts. [`Pipeline`] runs all three on the
//! calling thread; nothing in this crate knows threads, clocks or files.
//!
//! ```
//! use realmward_event::Event;
//! use realmward_pipeline::{Pipeline, PipelineSettings};
//!
//! let mut pipeline = Pipeline::new(&PipelineSettings::default(), 4);
//! pipeline.take(vec![Event::default()]);
//! pipeline.finish();
//! assert!(pipeline.alerts().is_empty());
//! ```

mod back;
mod front;
mod hygiene;
mod shard;
mod snapshot;

pub use back::Back;
pub use front::{Front, Input};
pub use hygiene::{Hygiene, HygieneCount};
pub use shard::{Found, Shard};
pub use snapshot::SnapshotError;

use realmward_alert::{Alert, Exclusion};
use realmward_event::Event;
use realmward_profile::Settings;
use realmward_score::{UserPriority, rank};
use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};

/// What the operator set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PipelineSettings {
    /// Roles, tags and assumptions.
    pub profile: Settings,
    /// What not to show.
    pub exclusions: Vec<Exclusion>,
}

/// Front, shards and back on one thread.
pub struct Pipeline {
    /// The part that needs every event.
    pub front: Front,
    /// The parts split by key.
    pub shards: Vec<Shard>,
    /// The part that gathers.
    pub back: Back,
}

impl Pipeline {
    /// A fresh pipeline with this many shards, at least one.
    #[must_use]
    pub fn new(settings: &PipelineSettings, shards: u32) -> Self {
        let shards = shards.max(1);
        Self {
            front: Front::new(&settings.profile),
            shards: (0..shards)
                .map(|shard| Shard::new(&settings.profile, shard, shards))
                .collect(),
            back: Back::new(settings.exclusions.clone()),
        }
    }

    /// Takes the next events, in order.
    pub fn take(&mut self, events: Vec<Event>) {
        self.step(events);
    }

    /// Takes the next events, in order; gives what the profile made of them.
    pub fn step(&mut self, events: Vec<Event>) -> Vec<Input> {
        let inputs = self.front.take(events);
        self.run(&inputs);
        inputs
    }

    /// Takes events whose alerts are known already: profile and detectors learn, nothing is filed.
    pub fn rehearse(&mut self, events: Vec<Event>) {
        let inputs = self.front.take(events);
        self.learn(&inputs);
    }

    /// As [`Pipeline::advance`], when what comes of it is known already.
    pub fn rehearse_until(&mut self, time: EventTime) {
        let inputs = self.front.advance(time);
        self.learn(&inputs);
    }

    /// Time has passed, although nothing happened: settles what has waited long enough.
    pub fn advance(&mut self, time: EventTime) {
        let inputs = self.front.advance(time);
        self.run(&inputs);
    }

    /// No more events will come: settles what waits.
    pub fn finish(&mut self) {
        let inputs = self.front.finish();
        self.run(&inputs);
    }

    /// The alerts so far.
    #[must_use]
    pub fn alerts(&self) -> &[Alert] {
        self.back.book().alerts()
    }

    /// The users by priority, as of the latest event.
    #[must_use]
    pub fn users(&self) -> Vec<UserPriority> {
        rank(self.alerts(), self.front.population(), self.front.now())
    }

    fn learn(&mut self, inputs: &[Input]) {
        for shard in &mut self.shards {
            shard.take(inputs);
        }
    }

    fn run(&mut self, inputs: &[Input]) {
        let mut found = Vec::new();
        for shard in &mut self.shards {
            found.extend(shard.take(inputs));
        }
        let decided: Vec<_> = inputs
            .iter()
            .enumerate()
            .filter_map(|(at, input)| match input {
                Input::Decided(decision) => Some((at, decision.clone())),
                _ => None,
            })
            .collect();
        self.back.take(&decided, found);
    }
}
