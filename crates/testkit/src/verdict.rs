//! Holds the alerts of a capture against what is known of it.

use crate::truth::{Expectation, Labelled};
use realmward_alert::Alert;
use realmward_detect::Severity;

/// What came of a labelled capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Told what had to be told, about the right ones; or stayed silent where silence was due.
    Right,
    /// The detection fired, but these are wrong or missing.
    Imprecise(String),
    /// Nothing of what had to be told was told.
    Missed,
    /// Something was told that must not be.
    FalseAlert(String),
    /// Nothing was demanded; this many alerts were raised.
    Open(usize),
}

impl Verdict {
    /// Whether it is as demanded.
    #[must_use]
    pub const fn is_right(&self) -> bool {
        matches!(self, Self::Right | Self::Open(_))
    }
}

/// Judges the alerts of one capture.
#[must_use]
pub fn judge(capture: &Labelled, alerts: &[Alert]) -> Verdict {
    match &capture.expectation {
        Expectation::Honest => silent(alerts, Severity::Medium),
        Expectation::Damaged => silent(alerts, Severity::High),
        Expectation::Open => Verdict::Open(alerts.len()),
        Expectation::Raises {
            detectors,
            source,
            actors,
            targets,
        } => {
            let told: Vec<&Alert> = alerts
                .iter()
                .filter(|alert| detectors.iter().any(|it| it.id == alert.detector.as_str()))
                .collect();
            if told.is_empty() {
                return Verdict::Missed;
            }
            let faults: Vec<String> = told
                .iter()
                .map(|alert| wrong(alert, source.as_deref(), actors, targets))
                .collect();
            match faults.iter().min_by_key(|it| it.len()) {
                Some(least) if !least.is_empty() => Verdict::Imprecise(least.clone()),
                _ => Verdict::Right,
            }
        }
    }
}

fn silent(alerts: &[Alert], below: Severity) -> Verdict {
    let loud: Vec<String> = alerts
        .iter()
        .filter(|alert| below <= alert.severity)
        .map(|alert| format!("{} ({:?})", alert.detector, alert.severity))
        .collect();
    if loud.is_empty() {
        Verdict::Right
    } else {
        Verdict::FalseAlert(loud.join(", "))
    }
}

/// What of source, actor and target is not as it should be; empty if all is right.
fn wrong(alert: &Alert, source: Option<&str>, actors: &[String], targets: &[String]) -> String {
    let mut faults = Vec::new();
    let sources: Vec<String> = alert
        .sources()
        .filter_map(|it| it.ip)
        .map(|ip| ip.to_string())
        .collect();
    if let Some(source) = source
        && !sources.iter().any(|it| it == source)
    {
        faults.push(format!("source {sources:?}, not {source}"));
    }
    let names: Vec<&str> = alert.accounts.iter().map(|it| it.name.as_str()).collect();
    if !actors.is_empty()
        && !actors
            .iter()
            .any(|actor| names.iter().any(|name| name.eq_ignore_ascii_case(actor)))
    {
        faults.push(format!("accounts {names:?}, not {actors:?}"));
    }
    let reached: Vec<String> = alert
        .targets()
        .filter_map(|it| it.ip)
        .map(|ip| ip.to_string())
        .collect();
    if !targets.is_empty() && !targets.iter().any(|target| reached.contains(target)) {
        faults.push(format!("targets {reached:?}, not {targets:?}"));
    }
    faults.join("; ")
}
