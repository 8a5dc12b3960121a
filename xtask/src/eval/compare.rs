//! This run against the committed one: what has become wrong, and what is louder.

use super::noise;
use super::record::{Kind, Outcome, Record};
use super::report::Report;

/// What is different.
pub(super) struct Comparison {
    /// A line a capture that was right and is wrong: its name, what was expected, what came.
    pub(super) worse: Vec<String>,
    /// A line for each kind of alert on honest captures of which there are more or fewer.
    noise: Vec<String>,
}

impl Comparison {
    pub(super) fn new(committed: &Report, now: &Report) -> Self {
        let captures = now.sections.iter().flat_map(|it| &it.captures);
        Self {
            worse: captures
                .filter_map(|it| worse(committed.find(it), it))
                .collect(),
            noise: noise::difference(&committed.sections, &now.sections),
        }
    }

    pub(super) fn told(&self) -> String {
        format!(
            "{} captures have become wrong:\n{}",
            self.worse.len(),
            self.worse.join("\n")
        )
    }

    pub(super) fn print_noise(&self) {
        if self.noise.is_empty() {
            eprintln!("noise: as committed");
            return;
        }
        eprintln!("noise, against the committed scoreboard:");
        for line in &self.noise {
            eprintln!("{line}");
        }
    }
}

impl Report {
    fn find(&self, record: &Record) -> Option<&Record> {
        let captures = self.sections.iter().flat_map(|it| &it.captures);
        captures.into_iter().find(|it| it.capture == record.capture)
    }
}

/// A capture that is new and was never right is not worse, unless an honest one is accused: those
/// of the corpora are not listed while they are silent, and a false alert must be seen anyway.
fn worse(before: Option<&Record>, now: &Record) -> Option<String> {
    let is_worse = match before {
        None => now.kind != Kind::Attack && now.is_wrong(),
        Some(before) => goodness(now) < goodness(before) || (now.is_wrong() && !before.is_wrong()),
    };
    let was = before.map_or_else(|| "silent".to_owned(), Record::came);
    is_worse.then(|| {
        format!(
            "{}: expected {}; now {}; was {was}",
            now.capture,
            now.expected,
            now.came()
        )
    })
}

const fn goodness(record: &Record) -> u8 {
    match record.outcome {
        Outcome::Told | Outcome::Silent => 2,
        Outcome::Imprecise => 1,
        Outcome::NotTold | Outcome::FalseAlert => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::record::Section;
    use realmward_testkit::{run, truth};

    /// Two attacks and an honest look-alike of the repository.
    fn report(shown: impl Fn(&str) -> bool) -> Report {
        let mut folder = truth::fixtures(&run::fixtures()).expect("fixtures");
        folder.labelled.retain(|it| {
            ["a01_", "a27_", "b03_"]
                .iter()
                .any(|start| it.name.contains(start))
        });
        assert_eq!(folder.labelled.len(), 3, "{folder:?}");
        let section = Section::run("fixtures", &folder, |it| shown(it.detector.as_str()));
        Report {
            sections: vec![section],
        }
    }

    #[test]
    fn a_broken_detection_is_told_with_capture_and_expectation() {
        let right = report(|_| true);
        let broken = report(|it| it != "directory_replication");
        let worse = Comparison::new(&right, &broken).worse;
        assert_eq!(
            worse,
            [
                "fixtures/a01_dcsync_krbtgt.pcap.zst: expected directory_replication by adm-jane \
                 from 10.77.0.66 on 10.77.0.10; now not told: defect; was told by directory_replication"
            ]
        );
        assert!(Comparison::new(&right, &right).worse.is_empty());
        // What was wrong already stays on the page, and does not fail the check.
        assert!(Comparison::new(&broken, &broken).worse.is_empty());
    }

    #[test]
    fn an_accused_honest_capture_is_told_and_is_noise() {
        let right = report(|_| true);
        let mut noisy = right.clone();
        let section = noisy.sections.first_mut().expect("a section");
        let told = section.captures[0].best("directory_replication");
        let alert = told.expect("an alert").clone();
        let honest = section
            .captures
            .iter_mut()
            .find(|it| it.kind == Kind::Honest);
        let honest = honest.expect("an honest capture");
        honest.outcome = Outcome::FalseAlert;
        honest.fault = Some("directory_replication (high)".to_owned());
        honest.reason = Some(truth::Reason::Defect);
        honest.alerts.push(alert);
        let comparison = Comparison::new(&right, &noisy);
        assert_eq!(
            comparison.worse,
            [
                "fixtures/b03_dc2_join.pcap.zst: expected no alert of medium severity or higher; \
                 now false alert: directory_replication (high); was silent"
            ]
        );
        assert_eq!(
            comparison.noise,
            ["+ fixtures/b03_dc2_join.pcap.zst: directory_replication (high), 1 instead of 0"]
        );
        assert_eq!(
            Comparison::new(&noisy, &right).noise,
            ["- fixtures/b03_dc2_join.pcap.zst: directory_replication (high), 0 instead of 1"]
        );
        // Of the corpora a silent capture is not listed; accused, it must be told all the same.
        assert_eq!(Comparison::new(&Report::default(), &noisy).worse.len(), 1);
    }
}
