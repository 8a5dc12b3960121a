//! What a sensor reports of itself, each as a difference to the report before.

use super::totals::{Counts, Totals};
use crate::spool::Spool;
use realmward_event::batch::SensorHealth;
use realmward_vocab::EventTime;
use std::time::{Duration, Instant, SystemTime};

/// Makes reports.
#[derive(Debug)]
pub(crate) struct Health {
    input: String,
    sandbox: String,
    before: Totals,
    reported: Instant,
}

impl Health {
    pub(crate) fn new(input: String, sandbox: String) -> Self {
        Self {
            input,
            sandbox,
            before: Totals::default(),
            reported: Instant::now(),
        }
    }

    pub(crate) fn is_due(&self) -> bool {
        REPORT_EACH <= self.reported.elapsed()
    }

    /// A report of what came since the last.
    pub(crate) fn report(&mut self, totals: Totals, spool: &Spool) -> SensorHealth {
        let span_s = self.reported.elapsed().as_secs_f64();
        self.reported = Instant::now();
        let now = now();
        let before = std::mem::take(&mut self.before);
        let lag = totals.until.map(|until| now.saturating_since(until));
        let report = SensorHealth {
            time: now,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            input: self.input.clone(),
            span_s,
            packets: totals.packets - before.packets,
            octets: totals.octets - before.octets,
            dropped_packets: totals.dropped.saturating_sub(before.dropped),
            events: since(&totals.events, &before.events),
            faults: since(&totals.faults, &before.faults),
            limits: since(&totals.limits, &before.limits),
            opaque: since(&totals.opaque, &before.opaque),
            one_sided_connections: totals.one_sided.saturating_sub(before.one_sided),
            connections: totals.connections.saturating_sub(before.connections),
            lag_s: lag.unwrap_or_default().as_secs_f64(),
            spooled_batches: spool.waiting(),
            spooled_octets: spool.octets(),
            memory_peak_octets: memory_peak_octets(),
            sandbox: self.sandbox.clone(),
            wire: since(&totals.wire, &before.wire),
        };
        self.before = totals;
        report
    }
}

fn since(now: &Counts, before: &Counts) -> Counts {
    now.iter()
        .map(|(name, count)| (name, count - before.get(name).copied().unwrap_or_default()))
        .filter(|(_, count)| *count != 0)
        .map(|(name, count)| (name.clone(), count))
        .collect()
}

/// The sensor's clock.
pub(crate) fn now() -> EventTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let nanoseconds = since.unwrap_or_default().as_nanos();
    EventTime::from_unix_nanoseconds(i64::try_from(nanoseconds).unwrap_or(i64::MAX))
}

/// Most memory that this process ever had resident (proc(5), `VmHWM` of `status`); 0 if the system does
/// not tell. What getrusage(2) tells is that of the program before `exec` too.
#[must_use]
pub fn memory_peak_octets() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|it| it.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1024
}

const REPORT_EACH: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::watch::Seen;
    use std::collections::BTreeMap;

    #[test]
    fn a_sensor_is_as_far_behind_as_its_slowest_source_that_heard_anything() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), 1 << 20).unwrap();
        let until = |age_s: i64| Seen {
            until: Some(EventTime::from_unix_nanoseconds(
                now().unix_nanoseconds() - age_s * 1_000_000_000,
            )),
            ..Seen::default()
        };
        let mut health = Health::new("eth0".to_owned(), String::new());
        for (seen, least_s) in [
            (vec![], 0.0),
            (vec![Seen::default()], 0.0),
            (vec![until(3), Seen::default(), until(40)], 40.0),
        ] {
            let totals = Totals::of(&seen, &BTreeMap::new(), &[]);
            let lag_s = health.report(totals, &spool).lag_s;
            assert!(least_s <= lag_s && lag_s < least_s + 5.0, "{lag_s}");
        }
    }
}
