//! The part that is split by key: a copy of the roster and the detectors of this shard's keys.

use crate::Input;
use realmward_detect::{Engine, Finding, detectors};
use realmward_profile::{Roster, Settings};

/// A finding, and the place among the inputs at which it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Index of the input.
    pub at: usize,
    /// What was found.
    pub finding: Finding,
}

/// One of several equal workers.
pub struct Shard {
    pub(crate) roster: Roster,
    pub(crate) engine: Engine,
}

impl Shard {
    /// Shard `shard` of `shards`.
    #[must_use]
    pub fn new(settings: &Settings, shard: u32, shards: u32) -> Self {
        Self {
            roster: Roster::new(settings),
            engine: Engine::new(detectors::ALL, shard, shards),
        }
    }

    /// Takes what the front gave out, in order; gives what the detectors found.
    pub fn take(&mut self, inputs: &[Input]) -> Vec<Found> {
        let mut found = Vec::new();
        for (at, input) in inputs.iter().enumerate() {
            let findings = match input {
                Input::Roster(change) => {
                    self.roster.apply(change);
                    continue;
                }
                Input::Sighting(sighting) => self.engine.observe(&self.roster, sighting),
                Input::Decided(_) => continue,
                Input::Tick(now) => self.engine.tick(&self.roster, *now),
                Input::End(now) => self.engine.finish(&self.roster, *now),
            };
            found.extend(findings.into_iter().map(|finding| Found { at, finding }));
        }
        found
    }
}
