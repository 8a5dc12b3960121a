//! Ratios: to the floor of the same run, and through the floor to Suricata and tshark.

use super::Run;
use anyhow::{Context as _, Result};
use std::fmt::Write as _;

/// What others reach of the same floor on such a capture, measured once on a quiet machine: packets
/// for each second of CPU.
pub(super) struct Others {
    /// Reading, decoding headers, a flow table in a hash map.
    floor: f64,
    /// Suricata 8.0.6, only the protocols of Active Directory, writing EVE.
    suricata: f64,
    /// tshark 4.0.17 writing fifteen fields.
    tshark: f64,
}

/// The load of a domain.
pub(super) const LOAD: Others = Others {
    floor: 3_995_600.0,
    suricata: 184_800.0,
    tshark: 24_400.0,
};

/// The lab's captures repeated.
pub(super) const DENSE: Others = Others {
    floor: 6_745_300.0,
    suricata: 141_600.0,
    tshark: 22_000.0,
};

/// Prints a table of medians.
pub(super) fn print(name: &str, runs: &[Run], others: Option<&Others>) -> Result<()> {
    let floor = runs.first().context("no parts")?.rate();
    let mut text = format!("\n{name}: load average {}\n", crate::usage::load_average());
    text.push_str("part        packets   CPU s   Mpackets/s/core   of floor   x Suricata   x tshark   peak MiB\n");
    for run in runs {
        let share = run.rate() / floor;
        let times = |of: fn(&Others) -> f64| match others {
            Some(others) => format!("{:.1}", share * others.floor / of(others)),
            None => "-".to_owned(),
        };
        writeln!(
            text,
            "{:<8} {:>10} {:>7.2} {:>17.2} {:>8.1} % {:>12} {:>10} {:>10.0}",
            run.part,
            run.median(|it| it.packets),
            run.median(|it| it.cpu_s),
            run.rate() / 1e6,
            100.0 * share,
            times(|it| it.suricata),
            times(|it| it.tshark),
            run.median(|it| it.peak_mib),
        )?;
    }
    crate::tree::say(&text)
}
