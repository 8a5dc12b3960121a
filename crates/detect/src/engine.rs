//! Runs the detectors of one shard.

use crate::{Context, Detector, Finding, Key, Metadata};
use realmward_profile::{Roster, Sighting};
use realmward_vocab::EventTime;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A detector behind its type.
trait Slot: Send {
    fn key(&self, sighting: &Sighting) -> Option<Key>;
    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>);
    fn settle(&mut self, cx: &Context<'_>, findings: &mut Vec<Finding>);
    fn save(&self) -> Result<Vec<u8>, StateError>;
    fn load(&mut self, bytes: &[u8]) -> Result<(), StateError>;
}

impl<D: Detector> Slot for D {
    fn key(&self, sighting: &Sighting) -> Option<Key> {
        D::key(sighting)
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        Detector::observe(self, cx, sighting, findings);
    }

    fn settle(&mut self, cx: &Context<'_>, findings: &mut Vec<Finding>) {
        Detector::settle(self, cx, findings);
    }

    fn save(&self) -> Result<Vec<u8>, StateError> {
        let mut bytes = Vec::new();
        ciborium::into_writer(self, &mut bytes).map_err(|error| StateError(error.to_string()))?;
        Ok(bytes)
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        *self = ciborium::from_reader(bytes).map_err(|error| StateError(error.to_string()))?;
        Ok(())
    }
}

/// A detector as the register lists it.
#[derive(Clone, Copy)]
pub struct Registered {
    /// What it says of itself.
    pub metadata: Metadata,
    make: fn() -> Box<dyn Slot>,
}

impl Registered {
    /// Lists `D`.
    #[must_use]
    pub const fn new<D: Detector>() -> Self {
        Self {
            metadata: D::METADATA,
            make: || Box::new(D::default()),
        }
    }
}

/// Why a state cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateError(String);

impl std::fmt::Display for StateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "detector state: {}", self.0)
    }
}

impl std::error::Error for StateError {}

/// The detectors of shard `shard` of `shards`.
pub struct Engine {
    slots: Vec<(&'static str, Box<dyn Slot>)>,
    shard: u64,
    shards: u64,
}

impl Engine {
    /// An engine with fresh state for each of `register`.
    #[must_use]
    pub fn new(register: &[Registered], shard: u32, shards: u32) -> Self {
        Self {
            slots: register
                .iter()
                .map(|it| (it.metadata.id, (it.make)()))
                .collect(),
            shard: u64::from(shard),
            shards: u64::from(shards.max(1)),
        }
    }

    /// Shows a sighting to the detectors whose key is ours.
    pub fn observe(&mut self, roster: &Roster, sighting: &Sighting) -> Vec<Finding> {
        let cx = Context {
            now: sighting.event.time,
            roster,
            ended: false,
        };
        let mut findings = Vec::new();
        for (_, slot) in &mut self.slots {
            if let Some(key) = slot.key(sighting)
                && stable_hash(&key) % self.shards == self.shard
            {
                slot.observe(&cx, sighting, &mut findings);
            }
        }
        findings
    }

    /// Lets the detectors settle what has waited long enough at `now`.
    pub fn tick(&mut self, roster: &Roster, now: EventTime) -> Vec<Finding> {
        self.settle(roster, now, false)
    }

    /// Lets the detectors settle everything: no more will come.
    pub fn finish(&mut self, roster: &Roster, now: EventTime) -> Vec<Finding> {
        self.settle(roster, now, true)
    }

    /// The state of every detector, by id.
    ///
    /// # Errors
    ///
    /// [`StateError`] if a state cannot be written.
    pub fn snapshot(&self) -> Result<Vec<u8>, StateError> {
        let mut states = BTreeMap::new();
        for (id, slot) in &self.slots {
            states.insert(*id, slot.save()?);
        }
        let mut bytes = Vec::new();
        ciborium::into_writer(&states, &mut bytes)
            .map_err(|error| StateError(error.to_string()))?;
        Ok(bytes)
    }

    /// Takes states back. A detector that the snapshot does not know keeps its fresh state; a state
    /// of a detector that is gone is passed over.
    ///
    /// # Errors
    ///
    /// [`StateError`] if the bytes are damaged.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        let states: BTreeMap<String, Vec<u8>> =
            ciborium::from_reader(bytes).map_err(|error| StateError(error.to_string()))?;
        for (id, slot) in &mut self.slots {
            if let Some(state) = states.get(*id) {
                slot.load(state)?;
            }
        }
        Ok(())
    }

    fn settle(&mut self, roster: &Roster, now: EventTime, ended: bool) -> Vec<Finding> {
        let cx = Context { now, roster, ended };
        let mut findings = Vec::new();
        for (_, slot) in &mut self.slots {
            slot.settle(&cx, &mut findings);
        }
        findings
    }
}

/// FNV-1a over a canonical form of the key. Fixed for ever: partitions of a message log and
/// snapshots depend on it. It need not resist chosen collisions; a full shard is slow, not wrong.
fn stable_hash(key: &Key) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut eat = |octets: &[u8]| {
        for octet in octets {
            hash = (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    match key {
        Key::Account(name) => {
            eat(b"a");
            eat(name.folded().as_str().as_bytes());
        }
        Key::Source(address) => {
            eat(b"s");
            eat_address(*address, &mut eat);
        }
        Key::Target(address) => {
            eat(b"t");
            eat_address(*address, &mut eat);
        }
        Key::Ticket(hash) => {
            eat(b"k");
            eat(&hash.0.to_be_bytes());
        }
    }
    // The low bits of FNV-1a are its weakest; fold the high half in.
    hash ^ (hash >> 32)
}

fn eat_address(address: IpAddr, eat: &mut impl FnMut(&[u8])) {
    match address {
        IpAddr::V4(it) => eat(&it.octets()),
        IpAddr::V6(it) => eat(&it.octets()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_key_never_changes() {
        let key = Key::Source(IpAddr::from([10, 77, 0, 66]));
        assert_eq!(stable_hash(&key) % 64, 38);
        let account = Key::Account("Alice".into());
        assert_eq!(
            stable_hash(&account),
            stable_hash(&Key::Account("ALICE".into()))
        );
    }
}
