//! Who is who and what is normal, learned from events. Detectors read it; only events write it.
//!
//! [`Profile`] takes events in order and turns each into a [`Sighting`]: the event, who acted, which
//! devices were involved, and what the past says about it. What every detector may need at any time
//! (who is a domain controller, names of addresses, sensitive accounts) is the [`Roster`]; each
//! detection shard holds a copy, kept equal by the [`RosterChange`]s that `Profile` gives out.
//! Nothing here says "suspicious".
//!
//! ```
//! use realmward_event::{Endpoint, Event};
//! use realmward_profile::{Profile, Settings};
//!
//! let mut profile = Profile::new(&Settings::default());
//! let (changes, sighting) = profile.observe(Event {
//!     client: Endpoint::new("10.0.0.20".parse().unwrap(), 50_000),
//!     ..Event::default()
//! });
//! assert!(changes.is_empty());
//! assert!(!sighting.source.is_domain_controller);
//! ```

mod account_key;
mod accounts;
mod actors;
mod acts;
mod bounded;
mod devices;
mod domains;
mod flows;
mod interfaces;
mod ledger;
mod limits;
mod ntlm;
mod observe;
mod reach;
mod roles;
mod roster;
mod sighting;
mod stacks;

pub use account_key::AccountKey;
pub use observe::Profile;
pub use reach::{Edge, Node, Reach, Relation};
pub use roster::{DomainControllerEvidence, Roster, RosterChange, Settings, is_synchronisation};
pub use sighting::{
    Actor, ActorSource, Certainty, Coverage, Device, Habit, Holder, Interface, Invariant,
    IssueRecord, NtlmInsight, Sighting, Stack, StackInsight, Tell, TicketInsight,
};
