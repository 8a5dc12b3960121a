//! What a detector tells.

use realmward_event::Outcome;
use realmward_vocab::{AccountName, DetectorId, DomainName, EventTime, HostName, Order, PacketRef};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Evidence that a behaviour was seen. Says nothing of priority: `score` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The detector's id.
    pub detector: DetectorId,
    /// Place in the order of everything; findings of all shards are merged by it.
    pub order: Order,
    /// How bad it is if true.
    pub severity: Severity,
    /// What kind of knowledge it rests on.
    pub kind: Kind,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// When the behaviour began.
    pub start: EventTime,
    /// When it was last seen.
    pub end: EventTime,
    /// Accounts that took part.
    pub accounts: Vec<Party>,
    /// Devices that took part.
    pub hosts: Vec<PartyHost>,
    /// Whether it worked.
    pub outcome: Outcome,
    /// One sentence, past tense, that names who did what to whom.
    pub summary: String,
    /// Each condition, what was observed, and what would have been expected.
    pub why: Vec<Because>,
    /// Packets that prove it, in order, at most 256.
    pub evidence: Vec<PacketRef>,
}

/// How bad it is if true.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    #[default]
    Low,
    /// Worth a look today.
    Medium,
    /// Worth a look now.
    High,
}

impl Severity {
    /// As JSON, class names and generated pages write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What kind of knowledge a finding rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The messages alone prove it, or roles that are known.
    Deterministic,
    /// Several independent signs agree.
    #[default]
    Strong,
    /// One sign, or signs that honest systems also show.
    Weak,
}

/// Part that an account or device played.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    /// The account that acted.
    #[default]
    Actor,
    /// The device from which it acted.
    Source,
    /// Account or device acted upon.
    Target,
}

/// An account that took part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Party {
    /// Its name.
    pub name: AccountName,
    /// Its domain; empty if not known.
    pub domain: DomainName,
    /// Its part: actor or target.
    pub role: PartyRole,
}

/// A device that took part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PartyHost {
    /// Its address, if known.
    pub ip: Option<IpAddr>,
    /// Its name, if known.
    pub name: Option<HostName>,
    /// Its part: source or target.
    pub role: PartyRole,
}

/// One condition of a detection, with what was seen and what was expected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Because {
    /// What was looked at.
    pub condition: String,
    /// What it was.
    pub observed: String,
    /// What an honest case would show.
    pub expected: String,
}

impl Finding {
    /// The accounts that acted.
    pub fn actors(&self) -> impl Iterator<Item = &Party> {
        self.accounts
            .iter()
            .filter(|it| it.role == PartyRole::Actor)
    }

    /// The devices from which they acted.
    pub fn sources(&self) -> impl Iterator<Item = &PartyHost> {
        self.hosts.iter().filter(|it| it.role == PartyRole::Source)
    }
}

/// A person can read this many packets; a finding over more names the first ones.
pub(crate) const EVIDENCE_MAX: usize = 256;
