//! The book of alerts: findings that belong together become one.

use crate::Exclusion;
use realmward_detect::{
    Because, Finding, Kind, Metadata, Party, PartyHost, PartyRole, Severity, detectors,
};
use realmward_event::Outcome;
use realmward_event::operator::AlertStatus;
use realmward_vocab::{AccountName, DetectorId, EventTime, PacketRef};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

/// Number of an alert within its book, from 1, in the order in which alerts were opened.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct AlertId(pub u64);

/// What a person works on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its number.
    pub id: AlertId,
    /// Which detector.
    pub detector: DetectorId,
    /// The worst severity among its findings.
    pub severity: Severity,
    /// The firmest kind of knowledge among its findings.
    pub kind: Kind,
    /// The highest confidence among its findings, 0 to 1.
    pub confidence: f64,
    /// When it began.
    pub start: EventTime,
    /// When it was last seen.
    pub end: EventTime,
    /// Accounts that took part, actors first.
    pub accounts: Vec<Party>,
    /// Devices that took part, sources first.
    pub hosts: Vec<PartyHost>,
    /// How it ended: a success outweighs an attempt, an attempt a failure.
    pub outcome: Outcome,
    /// What happened, one sentence a finding, at most 24.
    pub story: Vec<String>,
    /// Conditions with what was observed and expected.
    pub why: Vec<Because>,
    /// Packets that prove it.
    pub evidence: Vec<PacketRef>,
    /// How many findings went in.
    pub findings: u32,
    /// What people made of it.
    #[serde(default)]
    pub status: AlertStatus,
    /// The closed alert that it goes on from.
    #[serde(default)]
    pub follows: Option<AlertId>,
    /// How often it changed, from 1.
    #[serde(default)]
    pub revision: u64,
}

impl Alert {
    /// What the detector says of itself; `None` for an alert of a detector that is gone.
    #[must_use]
    pub fn metadata(&self) -> Option<&'static Metadata> {
        metadata(&self.detector)
    }

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

    /// The devices acted upon.
    pub fn targets(&self) -> impl Iterator<Item = &PartyHost> {
        self.hosts.iter().filter(|it| it.role == PartyRole::Target)
    }
}

/// What the book did with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// It opened an alert.
    Opened(AlertId),
    /// It joined an open alert.
    Joined(AlertId),
    /// An exclusion hid it.
    Excluded,
    /// The book is full; it was counted and dropped.
    Dropped,
}

/// Findings of one detector, source and actor belong to one incident.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Group {
    detector: DetectorId,
    source: Option<IpAddr>,
    actor: Option<AccountName>,
}

/// All alerts of a run, and the exclusions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    alerts: Vec<Alert>,
    open: BTreeMap<Group, AlertId>,
    exclusions: Vec<Exclusion>,
    dropped: u64,
    /// Alerts that were forgotten, the oldest first: the number of the first that is kept, less one.
    #[serde(default)]
    retired: u64,
    #[serde(skip)]
    changed: BTreeSet<AlertId>,
}

impl Book {
    /// An empty book with these exclusions.
    #[must_use]
    pub fn new(exclusions: Vec<Exclusion>) -> Self {
        Self {
            exclusions,
            ..Self::default()
        }
    }

    /// Files a finding. Findings must come in event order.
    pub fn file(&mut self, finding: Finding) -> Update {
        if self.exclusions.iter_mut().any(|it| it.hides(&finding)) {
            return Update::Excluded;
        }
        let group = Group::of(&finding);
        let before = self.open.get(&group).copied();
        let mut follows = None;
        if let Some(alert) = before.and_then(|id| self.alert_mut(id))
            && finding.start.saturating_since(alert.end) <= JOIN_WITHIN
        {
            let id = alert.id;
            if !alert.status.is_closed() {
                alert.join(finding);
                self.changed.insert(id);
                return Update::Joined(id);
            }
            follows = Some(id);
        }
        self.retire(finding.start);
        if ALERTS_MAX <= self.alerts.len() {
            self.dropped += 1;
            return Update::Dropped;
        }
        let id = AlertId(self.retired + self.alerts.len() as u64 + 1);
        self.open.insert(group, id);
        self.alerts.push(Alert {
            follows,
            ..Alert::open(id, finding)
        });
        self.changed.insert(id);
        Update::Opened(id)
    }

    /// Takes a person's judgement; `false` if there is no such alert, or it is so already.
    ///
    /// What comes after an alert was closed is a new alert that [`Alert::follows`] it.
    pub fn judge(&mut self, id: AlertId, status: AlertStatus) -> bool {
        let Some(alert) = self.alert_mut(id).filter(|it| it.status != status) else {
            return false;
        };
        alert.status = status;
        alert.revision += 1;
        self.changed.insert(id);
        true
    }

    /// Hides findings from now on.
    pub fn exclude(&mut self, exclusion: Exclusion) {
        if self.exclusions.len() < EXCLUSIONS_MAX {
            self.exclusions.push(exclusion);
        }
    }

    /// Drops the exclusions with this number.
    pub fn include(&mut self, id: u64) {
        self.exclusions.retain(|it| it.id != id);
    }

    /// The alerts that changed since the last call.
    pub fn take_changed(&mut self) -> Vec<Alert> {
        let changed = std::mem::take(&mut self.changed);
        changed
            .iter()
            .filter_map(|id| self.alert(*id).cloned())
            .collect()
    }

    /// An alert by its number.
    #[must_use]
    pub fn alert(&self, id: AlertId) -> Option<&Alert> {
        self.alerts.get(self.place(id)?)
    }

    fn alert_mut(&mut self, id: AlertId) -> Option<&mut Alert> {
        let place = self.place(id)?;
        self.alerts.get_mut(place)
    }

    fn place(&self, id: AlertId) -> Option<usize> {
        usize::try_from(id.0.checked_sub(self.retired)?)
            .ok()?
            .checked_sub(1)
    }

    /// Forgets alerts that ended long ago; whoever stores alerts still has them.
    fn retire(&mut self, now: EventTime) {
        let old = self
            .alerts
            .iter()
            .take_while(|it| RETIRED_AFTER < now.saturating_since(it.end))
            .count();
        if 0 < old {
            self.alerts.drain(..old);
            self.retired += old as u64;
            let retired = self.retired;
            self.open.retain(|_, id| retired < id.0);
        }
    }

    /// The alerts, in the order in which they were opened.
    #[must_use]
    pub fn alerts(&self) -> &[Alert] {
        &self.alerts
    }

    /// The exclusions with what they hid.
    #[must_use]
    pub fn exclusions(&self) -> &[Exclusion] {
        &self.exclusions
    }

    /// Findings dropped because the book was full.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl Group {
    fn of(finding: &Finding) -> Self {
        Self {
            detector: finding.detector.clone(),
            source: finding.sources().find_map(|host| host.ip),
            actor: finding.actors().next().map(|party| party.name.folded()),
        }
    }
}

impl Alert {
    fn open(id: AlertId, finding: Finding) -> Self {
        let mut alert = Self {
            id,
            detector: finding.detector.clone(),
            severity: finding.severity,
            kind: finding.kind,
            confidence: finding.confidence,
            start: finding.start,
            end: finding.end,
            accounts: Vec::new(),
            hosts: Vec::new(),
            outcome: finding.outcome,
            story: Vec::new(),
            why: Vec::new(),
            evidence: Vec::new(),
            findings: 0,
            status: AlertStatus::Open,
            follows: None,
            revision: 0,
        };
        alert.join(finding);
        alert
    }

    fn join(&mut self, finding: Finding) {
        self.severity = self.severity.max(finding.severity);
        if firmness(self.kind) < firmness(finding.kind) {
            self.kind = finding.kind;
        }
        self.confidence = self.confidence.max(finding.confidence);
        self.start = self.start.min(finding.start);
        self.end = self.end.max(finding.end);
        self.outcome = worse(self.outcome, finding.outcome);
        self.findings = self.findings.saturating_add(1);
        self.revision += 1;
        extend(&mut self.accounts, finding.accounts, PARTIES_MAX);
        meet(&mut self.hosts, finding.hosts);
        self.accounts.sort_by_key(|it| it.role);
        self.hosts.sort_by_key(|it| it.role);
        extend(&mut self.story, [finding.summary], SENTENCES_MAX);
        extend(&mut self.why, finding.why, WHY_MAX);
        self.evidence.extend(finding.evidence);
        self.evidence.sort_unstable();
        self.evidence.dedup();
        self.evidence.truncate(EVIDENCE_MAX);
    }
}

/// What the detector with this id says of itself.
fn metadata(id: &DetectorId) -> Option<&'static Metadata> {
    detectors::ALL
        .iter()
        .map(|it| &it.metadata)
        .find(|it| it.id == id.as_str())
}

fn extend<T: PartialEq>(list: &mut Vec<T>, more: impl IntoIterator<Item = T>, max: usize) {
    for item in more {
        if list.len() < max && !list.contains(&item) {
            list.push(item);
        }
    }
}

/// As [`extend`], but a device that is there already is not listed again because its name was
/// learned, or spelled out, in between.
fn meet(list: &mut Vec<PartyHost>, more: Vec<PartyHost>) {
    for host in more {
        let is_same = |it: &&mut PartyHost| {
            it.role == host.role && it.ip == host.ip && it.ip.is_some() && agree(it, &host)
        };
        match list.iter_mut().find(is_same) {
            Some(known) if length(known) < length(&host) => known.name = host.name,
            Some(_) => {}
            None => extend(list, [host], PARTIES_MAX),
        }
    }
}

/// Whether two names of a device can be one: either is missing, or `DC1` beside `dc1.lab.example`.
fn agree(a: &PartyHost, b: &PartyHost) -> bool {
    let (Some(a), Some(b)) = (&a.name, &b.name) else {
        return true;
    };
    let (a, b) = (a.folded(), b.folded());
    let (a, b) = (a.as_str(), b.as_str());
    let label = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    a == b || (label(a) == label(b) && a.contains('.') != b.contains('.'))
}

fn length(host: &PartyHost) -> usize {
    host.name.as_ref().map_or(0, |it| it.as_str().len())
}

const fn firmness(kind: Kind) -> u8 {
    match kind {
        Kind::Weak => 0,
        Kind::Strong => 1,
        Kind::Deterministic => 2,
    }
}

const fn worse(a: Outcome, b: Outcome) -> Outcome {
    match (a, b) {
        (Outcome::Success, _) | (_, Outcome::Success) => Outcome::Success,
        (Outcome::Attempt, _) | (_, Outcome::Attempt) => Outcome::Attempt,
        (Outcome::Failure, _) | (_, Outcome::Failure) => Outcome::Failure,
        (Outcome::Unknown, Outcome::Unknown) => Outcome::Unknown,
    }
}

/// A pause of a working day ends an incident: what comes later deserves a new look.
const JOIN_WITHIN: Duration = Duration::from_secs(8 * 3_600);

/// Priorities look back weeks, not seasons. What is lost: nothing that is stored elsewhere.
const RETIRED_AFTER: Duration = Duration::from_secs(180 * 86_400);

/// More exclusions than anybody keeps track of. What is lost: later ones do not hide.
const EXCLUSIONS_MAX: usize = 10_000;

/// Far more than a person reads. What is lost: later alerts of a run, counted in [`Book::dropped`].
const ALERTS_MAX: usize = 50_000;

/// More accounts or hosts than this tell no more. What is lost: later ones of the same incident.
const PARTIES_MAX: usize = 64;

/// Sentences past this repeat. What is lost: later sentences of the same incident.
const SENTENCES_MAX: usize = 24;

/// Conditions past this repeat. What is lost: later conditions of the same incident.
const WHY_MAX: usize = 32;

/// Enough to prove any incident. What is lost: later packets of the same incident.
const EVIDENCE_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn host(ip: &str, name: &str) -> PartyHost {
        PartyHost {
            ip: ip.parse().ok(),
            name: (!name.is_empty()).then(|| name.into()),
            role: PartyRole::Source,
        }
    }

    #[test]
    fn a_device_whose_name_is_learned_later_stays_one_device() {
        for (before, after, expected) in [
            ("", "ATK", vec!["ATK"]),
            ("ATK", "", vec!["ATK"]),
            ("DC1", "dc1.lab.example", vec!["dc1.lab.example"]),
            ("ws1", "ws2", vec!["ws1", "ws2"]),
            (
                "ws1.a.example",
                "ws1.b.example",
                vec!["ws1.a.example", "ws1.b.example"],
            ),
        ] {
            let mut list = Vec::new();
            meet(
                &mut list,
                vec![host("10.0.0.1", before), host("10.0.0.1", after)],
            );
            let names: Vec<&str> = list
                .iter()
                .map(|it| it.name.as_ref().unwrap().as_str())
                .collect();
            assert_eq!(names, expected, "{before} {after}");
        }
    }

    #[test]
    fn devices_without_an_address_are_told_apart_by_name() {
        let mut list = Vec::new();
        meet(&mut list, vec![host("", "a"), host("", "b"), host("", "a")]);
        assert_eq!(list.len(), 2);
    }
}
