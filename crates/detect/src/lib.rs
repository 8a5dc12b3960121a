//! Turns sightings into findings. One file per detector under `detectors/`.
//!
//! A [`Detector`] declares what it is keyed by; the [`Engine`] of shard *i* of *n* runs only the
//! keys that hash to *i*, so the same code gives the same verdicts on one thread or on ten machines.
//! A detector keeps state only in bounded windows, and its state can be saved and restored.
//!
//! ```
//! use realmward_detect::{Engine, detectors};
//! use realmward_profile::{Profile, Settings};
//!
//! let settings = Settings::default();
//! let mut profile = Profile::new(&settings);
//! let mut engine = Engine::new(detectors::ALL, 0, 1);
//! let (_, sighting) = profile.observe(Default::default());
//! let roster = realmward_profile::Roster::new(&settings);
//! assert!(engine.observe(&roster, &sighting).is_empty());
//! ```

pub mod detectors;
mod draft;
mod engine;
mod finding;
mod habit;
mod interfaces;
pub mod metadata;
mod window;

pub use engine::{Engine, Registered, StateError};
pub use finding::{Because, Finding, Kind, Party, PartyHost, PartyRole, Severity};
pub use metadata::{Data, Metadata};

use realmward_profile::{Roster, Sighting};
use realmward_vocab::{AccountName, EventTime, TicketHash};
use serde::{Serialize, de::DeserializeOwned};
use std::net::IpAddr;

/// What a detector may look at besides the sighting.
pub struct Context<'a> {
    /// Event time of the sighting at hand; there is no other clock.
    pub now: EventTime,
    /// Roles, names and tags.
    pub roster: &'a Roster,
    /// No more events will come: what waits must be settled now.
    pub ended: bool,
}

/// What a detector's state is split by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// An account, folded.
    Account(AccountName),
    /// The device that asks.
    Source(IpAddr),
    /// The device that is asked.
    Target(IpAddr),
    /// A ticket.
    Ticket(TicketHash),
}

/// A behaviour worth telling a human about.
pub trait Detector: Default + Serialize + DeserializeOwned + Send + 'static {
    /// Everything but the logic.
    const METADATA: Metadata;

    /// What this sighting is counted under, or `None` if it does not matter here.
    fn key(sighting: &Sighting) -> Option<Key>;

    /// Looks at one sighting whose key is ours.
    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>);

    /// Settles what waited for more evidence. Called at each tick of event time (10 s) and, with
    /// `cx.ended`, once at the end.
    fn settle(&mut self, _cx: &Context<'_>, _findings: &mut Vec<Finding>) {}
}
