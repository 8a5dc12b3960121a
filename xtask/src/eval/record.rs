//! What came of a capture, as it is kept; and of a folder of them.

use realmward_alert::Alert;
use realmward_testkit::run::{self, Trial};
use realmward_testkit::truth::{Expectation, Folder, Labelled, Reason};
use realmward_testkit::verdict::{Verdict, asks, hold, judge};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The captures of a folder and what came of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Section {
    pub(super) name: String,
    /// Each capture of the repository or a given folder; of the corpora, those in which somebody
    /// attacks or something was told.
    pub(super) captures: Vec<Record>,
    /// The others of the corpora, in which nothing was told and nothing had to be.
    pub(super) rest: Rest,
    /// Captures without truth, which are not counted.
    pub(super) unlabelled: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Rest {
    pub(super) honest: u32,
    /// Those of them in which a protocol of the domain speaks, and how long they watch.
    pub(super) speaking: u32,
    pub(super) speaking_s: f64,
    pub(super) damaged: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) capture: String,
    pub(super) kind: Kind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) technique: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) variant: Option<String>,
    /// What must or must not be told, in words.
    pub(super) expected: String,
    /// External numbers and ids that the truth names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) told_by: Vec<String>,
    /// Detections among them that exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) asked: Vec<String>,
    /// Whether it must be told.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) demanded: bool,
    pub(super) outcome: Outcome,
    /// Why an attack was not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Reason>,
    /// What is wrong, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fault: Option<String>,
    /// Why that is known, where the truth says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) known_fault: Option<String>,
    pub(super) watched_s: f64,
    /// Whether a protocol of the domain speaks in it.
    #[serde(default)]
    pub(super) speaks: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) alerts: Vec<Raised>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Attack,
    Honest,
    Damaged,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Told,
    Imprecise,
    NotTold,
    Silent,
    FalseAlert,
}

/// An alert. Whether its actor, source and target are right is said if the truth asks for its
/// detection and names them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Raised {
    pub(super) detection: String,
    pub(super) severity: String,
    /// From the first packet of the capture, in the time of the packets.
    pub(super) after_s: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) actor: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<bool>,
}

impl Section {
    /// Analyses the captures of the folder; `shown` says which alerts are looked at, which is all
    /// but where a detection is broken on purpose.
    pub(super) fn run(name: &str, folder: &Folder, shown: impl Fn(&Alert) -> bool) -> Self {
        let mut section = Self {
            name: name.to_owned(),
            unlabelled: folder.unlabelled.clone(),
            ..Self::default()
        };
        for capture in &folder.labelled {
            let mut trial = run::trial(capture);
            trial.raised.retain(|(alert, _)| shown(alert));
            section.add(Record::new(capture, &trial), name == super::CORPORA);
        }
        section.rest.speaking_s = rounded(section.rest.speaking_s);
        section
    }

    fn add(&mut self, record: Record, sums_silent: bool) {
        match record.kind {
            _ if !sums_silent || !record.alerts.is_empty() => self.captures.push(record),
            Kind::Attack => self.captures.push(record),
            Kind::Damaged => self.rest.damaged += 1,
            Kind::Honest => {
                self.rest.honest += 1;
                if record.speaks {
                    self.rest.speaking += 1;
                    self.rest.speaking_s += record.watched_s;
                }
            }
        }
    }

    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.captures.iter().filter(move |it| it.kind == kind)
    }

    /// Whether both are of the same captures.
    pub(super) fn is_of_same(&self, other: &Self) -> bool {
        let attacks = |it: &Self| -> Vec<String> {
            it.of(Kind::Attack).map(|it| it.capture.clone()).collect()
        };
        self.honest_count() == other.honest_count()
            && self.damaged_count() == other.damaged_count()
            && attacks(self) == attacks(other)
    }

    pub(super) fn honest_count(&self) -> usize {
        self.of(Kind::Honest).count() + self.rest.honest as usize
    }

    /// Honest captures in which a protocol of the domain speaks: the others prove nothing.
    pub(super) fn speaking_count(&self) -> usize {
        let listed = self.of(Kind::Honest).filter(|it| it.speaks);
        listed.count() + self.rest.speaking as usize
    }

    pub(super) fn damaged_count(&self) -> usize {
        self.of(Kind::Damaged).count() + self.rest.damaged as usize
    }

    pub(super) fn honest_hours(&self) -> f64 {
        let listed = self.of(Kind::Honest).filter(|it| it.speaks);
        let seconds: f64 = listed.map(|it| it.watched_s).sum();
        (seconds + self.rest.speaking_s) / 3_600.0
    }
}

impl Record {
    pub(super) fn new(capture: &Labelled, trial: &Trial) -> Self {
        let alerts: Vec<Alert> = trial.raised.iter().map(|(it, _)| it.clone()).collect();
        let (outcome, reason, fault) = match judge(capture, &alerts) {
            Verdict::Told => (Outcome::Told, None, None),
            Verdict::Imprecise(fault) => (Outcome::Imprecise, Some(Reason::Defect), Some(fault)),
            Verdict::NotTold(reason) => (Outcome::NotTold, Some(reason), None),
            Verdict::Silent => (Outcome::Silent, None, None),
            Verdict::FalseAlert(fault) => (Outcome::FalseAlert, Some(Reason::Defect), Some(fault)),
        };
        let demand = match &capture.expectation {
            Expectation::Attack(demand) => Some(demand),
            Expectation::Honest | Expectation::Damaged => None,
        };
        let raised = trial.raised.iter().map(|(alert, after)| {
            let right = demand.filter(|it| asks(it, alert));
            let right = right.map(|it| hold(alert, it).0).unwrap_or_default();
            Raised {
                detection: alert.detector.to_string(),
                severity: alert.severity.word().to_owned(),
                after_s: seconds(*after),
                actor: right.actor,
                source: right.source,
                target: right.target,
            }
        });
        Self {
            capture: capture.name.clone(),
            kind: match &capture.expectation {
                Expectation::Attack(_) => Kind::Attack,
                Expectation::Honest => Kind::Honest,
                Expectation::Damaged => Kind::Damaged,
            },
            title: match capture.habit_days {
                0 => capture.title.clone(),
                days => format!("{}, as on {days} days before", capture.title),
            },
            technique: capture.technique.clone(),
            variant: capture.variant.clone(),
            expected: capture.expectation.to_string(),
            told_by: demand.map(|it| it.told_by.clone()).unwrap_or_default(),
            asked: demand
                .map(|it| it.detectors.iter().map(|it| it.id.to_owned()).collect())
                .unwrap_or_default(),
            demanded: demand.is_some_and(|it| it.excused.is_none()),
            outcome,
            reason,
            fault,
            known_fault: capture.known_fault.clone(),
            watched_s: seconds(trial.watched),
            speaks: trial.speaks,
            alerts: raised.collect(),
        }
    }

    /// Whether it is not as demanded.
    pub(super) const fn is_wrong(&self) -> bool {
        matches!(self.reason, Some(Reason::Defect))
    }

    /// The best alert of a detection: the one of which least is wrong.
    pub(super) fn best(&self, detection: &str) -> Option<&Raised> {
        let of_it = self.alerts.iter().filter(|it| it.detection == detection);
        of_it.min_by_key(|it| it.faults())
    }

    /// The best alert of those asked for.
    pub(super) fn best_asked(&self) -> Option<&Raised> {
        let of_them = self.asked.iter().filter_map(|it| self.best(it));
        of_them.min_by_key(|it| it.faults())
    }
}

impl Raised {
    fn faults(&self) -> usize {
        let parts = [self.actor, self.source, self.target];
        parts.iter().filter(|it| **it == Some(false)).count()
    }
}

fn seconds(span: Duration) -> f64 {
    rounded(span.as_secs_f64())
}

/// To the millisecond.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1_000.0).round() / 1_000.0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_false(it: &bool) -> bool {
    !*it
}
