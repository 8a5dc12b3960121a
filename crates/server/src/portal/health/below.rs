//! What is rarely there, and is then worth a line of a sensor's card.

use realmward_event::batch::SensorHealth;
use realmward_export::words::number;
use std::collections::BTreeMap;

/// What is rarely there, and is then worth a line.
pub(super) fn below(report: &SensorHealth) -> impl Iterator<Item = (&'static str, String)> {
    let sum = |counts: &BTreeMap<String, u64>, which: fn(&str) -> bool| -> u64 {
        let named = counts.iter().filter(|(name, _)| which(name));
        named.map(|(_, count)| count).sum()
    };
    let is_tunnel: fn(&str) -> bool = |name| name.starts_with("tunnel_");
    let rows = [
        ("Came through tunnels", sum(&report.wire, is_tunnel)),
        (
            "Signs of evasion",
            sum(&report.wire, |it| !it.starts_with("tunnel_")),
        ),
        (
            "Given up for memory",
            sum(&report.limits, |it| it.starts_with("memory_")),
        ),
        (
            "Given up for the processor",
            sum(&report.limits, |it| it.starts_with("cpu_")),
        ),
    ];
    let some = rows.into_iter().filter(|(_, count)| 0 < *count);
    some.map(|(name, count)| (name, number(count)))
}
