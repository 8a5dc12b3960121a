//! The part that is split by key: a copy of the roster and the detectors of this shard's keys.

use crate::Input;
use realmward_detect::{Engine, Finding, detectors};
use realmward_profile::{Roster, Settings};

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
    pub fn take(&mut self, inputs: &[Input]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for input in inputs {
            match input {
                Input::Roster(change) => self.roster.apply(change),
                Input::Sighting(sighting) => {
                    findings.extend(self.engine.observe(&self.roster, sighting));
                }
                Input::Tick(now) => findings.extend(self.engine.tick(&self.roster, *now)),
                Input::End(now) => findings.extend(self.engine.finish(&self.roster, *now)),
            }
        }
        findings
    }
}
