//! An alert as reports tell it.

use realmward_detect::{Because, Party, PartyHost, PartyRole, Severity};
use realmward_event::Outcome;
use realmward_vocab::{EventTime, PacketRef};

/// An alert with all words filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alert {
    /// Its number in this report, from 1; see [`super::Report::sort`].
    pub number: u64,
    /// The detector's id.
    pub detector: String,
    /// The number of Microsoft's product for the same alert, if it has one.
    pub external_id: Option<u16>,
    /// Title as people read it.
    pub title: String,
    /// How bad it is if true.
    pub severity: Severity,
    /// ATT&CK technique ids, most specific first.
    pub techniques: Vec<String>,
    /// When it began.
    pub start: EventTime,
    /// When it was last seen.
    pub end: EventTime,
    /// Accounts that took part, actors first.
    pub accounts: Vec<Party>,
    /// Devices that took part, sources first.
    pub hosts: Vec<PartyHost>,
    /// How it ended.
    pub outcome: Outcome,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// How many findings went in.
    pub findings: u32,
    /// What happened, one sentence each.
    pub story: Vec<String>,
    /// Conditions with what was observed and expected.
    pub why: Vec<Because>,
    /// Packets that prove it, in order.
    pub evidence: Vec<PacketRef>,
    /// What to do.
    pub next_steps: Vec<String>,
}

impl Alert {
    /// The accounts that acted.
    pub fn actors(&self) -> impl Iterator<Item = &Party> {
        self.accounts
            .iter()
            .filter(|it| it.role == PartyRole::Actor)
    }

    /// The accounts acted upon.
    pub fn target_accounts(&self) -> impl Iterator<Item = &Party> {
        self.accounts
            .iter()
            .filter(|it| it.role == PartyRole::Target)
    }

    /// The devices from which they acted.
    pub fn sources(&self) -> impl Iterator<Item = &PartyHost> {
        self.hosts.iter().filter(|it| it.role == PartyRole::Source)
    }

    /// The devices acted upon.
    pub fn targets(&self) -> impl Iterator<Item = &PartyHost> {
        self.hosts.iter().filter(|it| it.role == PartyRole::Target)
    }
}
