//! What was told of honest people, for a person to read.

use super::trial::is_from;
use realmward_pipeline::Pipeline;
use realmward_testkit::organisation::Simulation;
use realmward_vocab::EventTime;
use std::net::IpAddr;

/// Alerts since `from` of a detection, or of a severity, that neither the intruder nor what operators
/// exclude has caused, and why each was told.
pub(super) fn told(
    pipeline: &Pipeline,
    simulation: &Simulation,
    asked: &str,
    from: EventTime,
) -> Vec<String> {
    let mut left_out: Vec<IpAddr> = simulation.arranged();
    left_out.extend(simulation.steps().iter().map(|it| it.source));
    let alerts = pipeline.alerts().iter().filter(|it| from <= it.start);
    alerts
        .filter(|it| it.detector.as_str() == asked || it.severity.word() == asked)
        .filter(|it| !is_from(it, &left_out))
        .map(|it| {
            let why: Vec<String> = (it.why.iter())
                .map(|it| format!("{}: {} ({})", it.condition, it.observed, it.expected))
                .collect();
            format!(
                "{} {} x{}: {} | {}",
                it.detector,
                it.severity.word(),
                it.findings,
                it.story.join("; "),
                why.join(" | ")
            )
        })
        .collect()
}
