//! Attacks have an order: reconnaissance, credentials, movement, dominance. Forward steps add up.

use realmward_alert::Alert;
use realmward_vocab::EventTime;
use std::time::Duration;

/// Forward steps along the kill chain among `alerts`, each within two days of the one before.
pub(crate) fn forward_links(alerts: &[&Alert]) -> u32 {
    let mut stages: Vec<(EventTime, u8)> = alerts
        .iter()
        .filter_map(|alert| Some((alert.start, stage(alert)?)))
        .collect();
    stages.sort_unstable();
    let mut links = 0;
    let mut last: Option<(EventTime, u8)> = None;
    for (start, stage) in stages {
        if let Some((before, reached)) = last
            && reached < stage
            && start.saturating_since(before) <= WITHIN
        {
            links += 1;
        }
        if last.is_none_or(|(_, reached)| reached <= stage) {
            last = Some((start, stage));
        }
    }
    links
}

/// Where a technique stands in the chain, by its ATT&CK tactic.
fn stage(alert: &Alert) -> Option<u8> {
    let technique = alert.metadata()?.techniques.first()?;
    let parent = technique.split('.').next().unwrap_or(technique);
    match parent {
        "T1087" | "T1069" | "T1049" | "T1018" | "T1033" | "T1046" | "T1135" | "T1201" => Some(0),
        "T1110" | "T1187" | "T1557" | "T1558" | "T1552" => Some(1),
        "T1550" | "T1021" | "T1047" | "T1053" | "T1569" | "T1570" => Some(2),
        "T1003" | "T1207" | "T1098" | "T1484" | "T1556" => Some(3),
        _ => None,
    }
}

const WITHIN: Duration = Duration::from_secs(48 * 3_600);
