//! What a person works on, and how findings become it.

use realmward_detect::{
    Because, Finding, Kind, Metadata, Party, PartyHost, PartyRole, Severity, detectors,
};
use realmward_event::Outcome;
use realmward_event::operator::AlertStatus;
use realmward_vocab::{DetectorId, EventTime, PacketRef};
use serde::{Deserialize, Serialize};

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

impl Alert {
    pub(crate) fn open(id: AlertId, finding: Finding) -> Self {
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

    pub(crate) fn join(&mut self, finding: Finding) {
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
        tell(&mut self.story, finding.summary);
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

/// Adds a sentence; one that says the same with a later count takes the place of the earlier.
fn tell(story: &mut Vec<String>, sentence: String) {
    let words = uncounted(&sentence);
    match story.iter_mut().find(|it| uncounted(it) == words) {
        Some(earlier) => *earlier = sentence,
        None => extend(story, [sentence], SENTENCES_MAX),
    }
}

/// A sentence without its counts, and without the plurals that depend on them. Numbers in names and
/// addresses stay.
fn uncounted(sentence: &str) -> Vec<&str> {
    let mut counted = false;
    let words = sentence.split_whitespace().map(|word| {
        let bare = word.trim_matches(|it: char| !it.is_alphanumeric());
        let is_count = !bare.is_empty() && bare.bytes().all(|it| it.is_ascii_digit());
        let is_of_count = std::mem::replace(&mut counted, is_count);
        match (is_count, is_of_count) {
            (true, _) => "",
            (false, true) => bare.strip_suffix('s').unwrap_or(bare),
            (false, false) => word,
        }
    });
    words.collect()
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
    fn a_sentence_with_a_later_count_takes_the_place_of_the_earlier() {
        let mut story = Vec::new();
        for sentence in [
            "ann asked 10.0.0.1 (1 request), and got it",
            "ann asked 10.0.0.1 (2 requests), and got it",
            "ann asked 10.0.0.2 (3 requests), and got it",
            "ann asked 10.0.0.1 (17 requests), and got it",
            "ann asked ws1",
            "ann asked ws2",
        ] {
            tell(&mut story, sentence.to_owned());
        }
        assert_eq!(
            story,
            [
                "ann asked 10.0.0.1 (17 requests), and got it",
                "ann asked 10.0.0.2 (3 requests), and got it",
                "ann asked ws1",
                "ann asked ws2",
            ]
        );
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
