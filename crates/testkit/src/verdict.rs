//! Holds the alerts of a capture against what is known of it.

use crate::truth::{Demand, Expectation, Labelled, Reason};
use realmward_alert::Alert;
use realmward_detect::Severity;

/// What came of a labelled capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An attack, told of the right ones; or told at all, where nothing was demanded.
    Told,
    /// An attack that had to be told was told, but of wrong ones, or without one of them.
    Imprecise(String),
    /// An attack of which nothing was told.
    NotTold(Reason),
    /// Silent where silence was due.
    Silent,
    /// Something was told that must not be.
    FalseAlert(String),
}

/// What of an alert is right; `None` where the truth says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Right {
    /// An account that acts.
    pub actor: Option<bool>,
    /// The source.
    pub source: Option<bool>,
    /// A target.
    pub target: Option<bool>,
}

impl Verdict {
    /// Whether it is as demanded.
    #[must_use]
    pub const fn is_right(&self) -> bool {
        !matches!(
            self,
            Self::Imprecise(..) | Self::FalseAlert(_) | Self::NotTold(Reason::Defect)
        )
    }
}

/// Judges the alerts of one capture.
#[must_use]
pub fn judge(capture: &Labelled, alerts: &[Alert]) -> Verdict {
    match &capture.expectation {
        Expectation::Honest => silent(alerts, Severity::Medium),
        Expectation::Damaged => silent(alerts, Severity::High),
        Expectation::Attack(demand) => told(demand, alerts),
    }
}

/// Whether the alert is of a detection that should tell of the attack.
#[must_use]
pub fn asks(demand: &Demand, alert: &Alert) -> bool {
    (demand.detectors.iter()).any(|it| it.id == alert.detector.as_str())
}

fn told(demand: &Demand, alerts: &[Alert]) -> Verdict {
    let asked = alerts.iter().filter(|it| asks(demand, it));
    let held = asked.map(|alert| hold(alert, demand).1);
    let Some(faults) = held.min_by_key(Vec::len) else {
        return Verdict::NotTold(demand.excused.unwrap_or(Reason::Defect));
    };
    if faults.is_empty() || demand.excused.is_some() {
        Verdict::Told
    } else {
        Verdict::Imprecise(faults.join("; "))
    }
}

fn silent(alerts: &[Alert], below: Severity) -> Verdict {
    let loud: Vec<String> = alerts
        .iter()
        .filter(|alert| below <= alert.severity)
        .map(|alert| format!("{} ({})", alert.detector, alert.severity.word()))
        .collect();
    if loud.is_empty() {
        Verdict::Silent
    } else {
        Verdict::FalseAlert(loud.join(", "))
    }
}

/// What of the alert's actor, source and target is as demanded, and what is not.
#[must_use]
pub fn hold(alert: &Alert, demand: &Demand) -> (Right, Vec<String>) {
    let mut faults = Vec::new();
    let mut check = |what: &str, told: Vec<String>, wanted: &[String]| {
        if wanted.is_empty() {
            return None;
        }
        let is_right = wanted
            .iter()
            .any(|w| told.iter().any(|it| it.eq_ignore_ascii_case(w)));
        if !is_right {
            let told = if told.is_empty() {
                "nobody".to_owned()
            } else {
                told.join(", ")
            };
            faults.push(format!("{what} {told}, not {}", wanted.join(" or ")));
        }
        Some(is_right)
    };
    let right = Right {
        actor: check(
            "actor",
            alert.actors().map(|it| it.name.to_string()).collect(),
            &demand.actors,
        ),
        source: check(
            "source",
            addresses(alert.sources()),
            demand.source.as_slice(),
        ),
        target: check("target", addresses(alert.targets()), &demand.targets),
    };
    (right, faults)
}

fn addresses<'a>(hosts: impl Iterator<Item = &'a realmward_detect::PartyHost>) -> Vec<String> {
    hosts
        .filter_map(|it| it.ip)
        .map(|ip| ip.to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run;
    use crate::truth::fixtures;

    /// DCSync by adm-jane from 10.77.0.66 on 10.77.0.10, whose truth demands something else.
    fn verdict(edit: impl Fn(&mut Demand)) -> Verdict {
        let folder = fixtures(&run::fixtures()).expect("fixtures");
        let capture = folder
            .labelled
            .into_iter()
            .find(|it| it.name.contains("a01_"));
        let mut capture = capture.expect("a capture");
        let Expectation::Attack(demand) = &mut capture.expectation else {
            panic!("{capture:?}");
        };
        edit(demand);
        let trial = run::trial(&capture);
        let alerts: Vec<Alert> = trial.raised.into_iter().map(|(it, _)| it).collect();
        judge(&capture, &alerts)
    }

    #[test]
    fn an_alert_is_right_only_if_actor_source_and_target_are() {
        assert_eq!(verdict(|_| {}), Verdict::Told);
        for (edit, expected) in [
            (
                (|it| it.actors = vec!["eve".to_owned()]) as fn(&mut Demand),
                "actor adm-jane, not eve",
            ),
            (
                |it| it.source = Some("10.77.0.10".to_owned()),
                "source 10.77.0.66, not 10.77.0.10",
            ),
            (
                |it| it.targets = vec!["10.77.0.66".to_owned()],
                "target 10.77.0.10, not 10.77.0.66",
            ),
        ] {
            assert_eq!(verdict(edit), Verdict::Imprecise(expected.to_owned()));
        }
    }

    #[test]
    fn silence_is_a_defect_unless_it_is_excused() {
        assert_eq!(
            verdict(|it| it.detectors.clear()),
            Verdict::NotTold(Reason::Defect)
        );
        let excused = verdict(|it| {
            it.detectors.clear();
            it.excused = Some(Reason::Encrypted);
        });
        assert_eq!(excused, Verdict::NotTold(Reason::Encrypted));
        assert!(excused.is_right());
    }
}
