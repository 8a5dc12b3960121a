//! The scoreboard by detection.

use super::record::{Kind, Outcome, Raised, Record, Section};
use super::table::{NONE, Table, counted, share, span};
use realmward_detect::{Metadata, detectors};
use realmward_testkit::truth::Reason;
use serde_json::{Value, json};

/// What a detection did in all captures of a section.
pub(super) struct Sum<'a> {
    metadata: &'static Metadata,
    /// Attacks whose truth names it.
    asked: Vec<&'a Record>,
    /// Its best alert in each of those in which it raised one.
    told: Vec<&'a Raised>,
    /// Of the others, those that another detection told, which the truth names too.
    by_another: usize,
    /// Why nobody told the rest.
    untold: Vec<Reason>,
    /// Honest and damaged captures in which it said something that must not be said.
    false_alerts: usize,
    /// Severity of what it raised in each attack that does not name it.
    beside: Vec<&'a str>,
}

/// Each detection of the register, in its order.
pub(super) fn sums(section: &Section) -> Vec<Sum<'_>> {
    let all = detectors::ALL.iter().map(|it| &it.metadata);
    all.map(|it| Sum::new(it, section)).collect()
}

impl<'a> Sum<'a> {
    fn new(metadata: &'static Metadata, section: &'a Section) -> Self {
        let id = metadata.id;
        let attacks: Vec<&Record> = section.of(Kind::Attack).collect();
        let (asked, others): (Vec<&Record>, Vec<&Record>) =
            (attacks.into_iter()).partition(|it| it.asked.iter().any(|it| it == id));
        let told: Vec<&Raised> = asked.iter().filter_map(|it| it.best(id)).collect();
        let silent = || asked.iter().filter(|it| it.best(id).is_none());
        let wrong = (section.captures.iter()).filter(|it| it.outcome == Outcome::FalseAlert);
        Self {
            metadata,
            by_another: silent().filter(|it| it.reason.is_none()).count(),
            untold: silent().filter_map(|it| it.reason).collect(),
            told,
            false_alerts: wrong.map(|it| it.loud(id)).sum(),
            beside: (others.iter().filter_map(|it| it.best(id)))
                .map(|it| it.severity.as_str())
                .collect(),
            asked,
        }
    }

    fn right(&self, part: impl Fn(&Raised) -> Option<bool>) -> String {
        let said: Vec<bool> = self.told.iter().filter_map(|it| part(it)).collect();
        share(said.iter().filter(|it| **it).count(), said.len())
    }

    /// Median and longest.
    fn times(&self) -> Option<(f64, f64)> {
        let mut times: Vec<f64> = self.told.iter().map(|it| it.after_s).collect();
        times.sort_by(f64::total_cmp);
        let middle = times.get(times.len().checked_sub(1)? / 2)?;
        Some((*middle, *times.last()?))
    }

    fn row(&self, section: &Section) -> Vec<String> {
        let times = self.times().map_or_else(
            || NONE.to_owned(),
            |(median, longest)| format!("{} / {}", span(median), span(longest)),
        );
        vec![
            self.metadata.id.to_owned(),
            share(self.told.len(), self.asked.len()),
            self.right(|it| it.actor),
            self.right(|it| it.source),
            self.right(|it| it.target),
            times,
            dash(self.by_another),
            counted(self.untold.iter().map(|it| it.words())),
            self.false_alerts.to_string(),
            rate(self.false_alerts, section.speaking_count() as f64),
            rate(self.false_alerts, section.honest_hours()),
            counted(self.beside.iter()),
        ]
    }

    pub(super) fn json(&self, section: &Section) -> Value {
        let count = |part: fn(&Raised) -> Option<bool>, is: bool| {
            self.told.iter().filter(|it| part(it) == Some(is)).count()
        };
        json!({
            "detection": self.metadata.id,
            "external_id": self.metadata.external_id,
            "techniques": self.metadata.techniques,
            "asked": self.asked.len(),
            "told": self.told.len(),
            "told_by_another": self.by_another,
            "not_told": self.untold,
            "actor_right": count(|it| it.actor, true),
            "actor_wrong": count(|it| it.actor, false),
            "source_right": count(|it| it.source, true),
            "source_wrong": count(|it| it.source, false),
            "target_right": count(|it| it.target, true),
            "target_wrong": count(|it| it.target, false),
            "median_s": self.times().map(|it| it.0),
            "longest_s": self.times().map(|it| it.1),
            "false_alerts": self.false_alerts,
            "false_alerts_per_honest_hour":
                rate(self.false_alerts, section.honest_hours()).parse::<f64>().ok(),
            "also_in_other_attacks": self.beside.len(),
        })
    }
}

/// The table of a section.
pub(super) fn table(section: &Section) -> Table {
    let mut table = Table::new(&[
        "detection",
        "told",
        "actor right",
        "source right",
        "target right",
        "after (median / longest)",
        "told by another",
        "not told, why",
        "false alerts",
        "per honest capture",
        "per honest hour",
        "other attacks",
    ]);
    for sum in sums(section) {
        table.row(sum.row(section));
    }
    table.row(total(section));
    table
}

/// All detections together; what is told of an attack is summed in the table above.
fn total(section: &Section) -> Vec<String> {
    let false_alerts: usize = sums(section).iter().map(|it| it.false_alerts).sum();
    let mut cells = vec!["all".to_owned()];
    cells.resize(8, NONE.to_owned());
    cells.extend([
        false_alerts.to_string(),
        rate(false_alerts, section.speaking_count() as f64),
        rate(false_alerts, section.honest_hours()),
        NONE.to_owned(),
    ]);
    cells
}

impl Record {
    /// Alerts of a detection that are loud enough to be false in a capture of this kind.
    fn loud(&self, detection: &str) -> usize {
        let is_loud = |severity: &str| match self.kind {
            Kind::Attack => false,
            Kind::Honest => severity != "low",
            Kind::Damaged => severity == "high",
        };
        let of_it = self.alerts.iter().filter(|it| it.detection == detection);
        of_it.filter(|it| is_loud(&it.severity)).count()
    }
}

fn dash(count: usize) -> String {
    if count == 0 {
        return NONE.to_owned();
    }
    count.to_string()
}

fn rate(count: usize, of: f64) -> String {
    if count == 0 {
        return "0".to_owned();
    }
    format!("{:.2}", count as f64 / of)
}
