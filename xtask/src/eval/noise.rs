//! All that was told of honest captures, however quietly.

use super::record::{Kind, Section};
use super::table::Table;
use std::collections::BTreeMap;

/// Capture, detection and severity, with how many such alerts.
pub(super) type Noise<'a> = BTreeMap<(&'a str, &'a str, &'a str), u32>;

pub(super) fn noise(sections: &[Section]) -> Noise<'_> {
    let mut noise = Noise::new();
    for record in sections.iter().flat_map(|it| it.of(Kind::Honest)) {
        for alert in &record.alerts {
            let key = (
                record.capture.as_str(),
                alert.detection.as_str(),
                alert.severity.as_str(),
            );
            *noise.entry(key).or_default() += 1;
        }
    }
    noise
}

pub(super) fn table(sections: &[Section]) -> Table {
    let mut table = Table::new(&["honest capture", "detection", "severity", "alerts"]);
    for ((capture, detection, severity), count) in noise(sections) {
        table.row([
            capture.to_owned(),
            detection.to_owned(),
            severity.to_owned(),
            count.to_string(),
        ]);
    }
    table
}

/// A line for each kind of alert that there are more (`+`) or fewer (`-`) of than before.
pub(super) fn difference(before: &[Section], now: &[Section]) -> Vec<String> {
    let (before, now) = (noise(before), noise(now));
    let mut keys: Vec<_> = before.keys().chain(now.keys()).collect();
    keys.sort();
    keys.dedup();
    let mut lines = Vec::new();
    for key in keys {
        let count = |noise: &Noise<'_>| noise.get(key).copied().unwrap_or_default();
        let (was, is) = (count(&before), count(&now));
        let (capture, detection, severity) = key;
        if was != is {
            let sign = if was < is { '+' } else { '-' };
            lines.push(format!(
                "{sign} {capture}: {detection} ({severity}), {is} instead of {was}"
            ));
        }
    }
    lines
}
