//! All numbers, as text.

use super::meters::{Labels, Meters};
use crate::engine::LeftOut;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use realmward_store::{OutputState, Sensor, Store, StoreError};
use realmward_vocab::EventTime;
use std::sync::atomic::AtomicU64;

/// A gauge of seconds or the like.
type Real = Gauge<f64, AtomicU64>;

/// The page.
pub(super) fn text(
    store: &Store,
    meters: &Meters,
    is_in_trouble: bool,
) -> Result<Result<String, std::fmt::Error>, StoreError> {
    let mut page = Registry::with_prefix("realmward");
    let version = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    gauges(&mut page, "build", "The version that runs", [(version, 1)]);
    engine(&mut page, store, is_in_trouble)?;
    alerts(&mut page, store)?;
    sensors(&mut page, store)?;
    outputs(&mut page, &store.outputs()?);
    sizes(&mut page, store)?;
    meters.register(&mut page);
    let mut text = String::new();
    let written = encode(&mut text, &page);
    Ok(written.map(|()| text))
}

fn engine(page: &mut Registry, store: &Store, is_in_trouble: bool) -> Result<(), StoreError> {
    let (appended, committed) = (store.appended()?.0, store.committed()?.0);
    let none = Labels::new;
    counters(
        page,
        "journal_entries",
        "Batches and decisions that came in",
        [(none(), appended)],
    );
    counters(
        page,
        "engine_entries",
        "Entries of the journal of which alerts and activities are made",
        [(none(), committed)],
    );
    let lag = appended.saturating_sub(committed);
    let lag_help = "Entries of the journal that wait for the detections";
    gauges(page, "engine_lag_entries", lag_help, [(none(), lag)]);
    let trouble = u64::from(is_in_trouble);
    let trouble_help =
        "1 while what comes in or what comes of it cannot be kept, as on a full disk";
    gauges(page, "storage_trouble", trouble_help, [(none(), trouble)]);
    let left_out = store.summary::<LeftOut>()?.unwrap_or_default();
    let row = |what: &str, number| (vec![("what", what.to_owned())], number);
    counters(
        page,
        "left_out",
        "What the engine left out because there was too much of it",
        [
            row("users", left_out.users),
            row("hygiene", left_out.hygiene),
            row("findings", left_out.findings),
        ],
    );
    Ok(())
}

fn alerts(page: &mut Registry, store: &Store) -> Result<(), StoreError> {
    let rows = store.alert_tally()?.into_iter().map(|it| {
        let labels = vec![
            ("detector", it.detector),
            ("severity", word(&it.severity)),
            ("status", it.status),
        ];
        (labels, it.alerts)
    });
    gauges(page, "alerts", "Alerts that are kept", rows);
    Ok(())
}

fn sensors(page: &mut Registry, store: &Store) -> Result<(), StoreError> {
    let all = store.health()?;
    let of = |it: &Sensor| vec![("sensor", it.name.clone())];
    let each = |number: fn(&Sensor) -> u64| {
        let rows: Vec<(Labels, u64)> = all.iter().map(|(it, _)| (of(it), number(it))).collect();
        rows
    };
    counters(
        page,
        "sensor_batches",
        "Batches taken of a sensor",
        each(|it| it.batches),
    );
    counters(
        page,
        "sensor_events",
        "Facts taken of a sensor",
        each(|it| it.events),
    );
    let missing = "Batches of a sensor that never came";
    gauges(
        page,
        "sensor_batches_missing",
        missing,
        each(|it| it.missing),
    );
    let seen = all
        .iter()
        .filter_map(|(it, _)| Some((of(it), seconds(it.last_seen?))));
    let help = "When a sensor was last heard, in seconds since 1970";
    reals(page, "sensor_last_seen_timestamp_seconds", help, seen);
    let reports = || {
        all.iter()
            .filter_map(|(it, report)| Some((of(it), report.as_ref()?)))
    };
    let lag = reports().map(|(labels, it)| (labels, it.lag_s));
    reals(
        page,
        "sensor_lag_seconds",
        "How far a sensor is behind its traffic",
        lag,
    );
    let spooled = reports().map(|(labels, it)| (labels, it.spooled_octets));
    gauges(
        page,
        "sensor_spool_octets",
        "What waits in the spool of a sensor",
        spooled,
    );
    let memory = reports().map(|(labels, it)| (labels, it.memory_peak_octets));
    gauges(
        page,
        "sensor_memory_peak_octets",
        "Most memory that a sensor had",
        memory,
    );
    Ok(())
}

fn outputs(page: &mut Registry, all: &[OutputState]) {
    let of = |it: &OutputState| {
        vec![
            ("output", it.output.name.clone()),
            ("kind", it.output.kind.clone()),
        ]
    };
    let waiting = all.iter().map(|it| (of(it), it.waiting));
    gauges(
        page,
        "output_waiting",
        "Notices that an output is still to be told",
        waiting,
    );
    let failures = all.iter().map(|it| (of(it), it.failures));
    let help = "Tries of an output that failed, of the notices that are kept";
    gauges(page, "output_failures", help, failures);
    let is_failing = all
        .iter()
        .map(|it| (of(it), u64::from(!it.last_error.is_empty())));
    let help = "1 while an output does not take the oldest notice";
    gauges(page, "output_failing", help, is_failing);
    let sent = all
        .iter()
        .filter_map(|it| Some((of(it), seconds(it.last_sent?))));
    let help = "When an output last took a notice, in seconds since 1970";
    reals(page, "output_last_sent_timestamp_seconds", help, sent);
}

fn sizes(page: &mut Registry, store: &Store) -> Result<(), StoreError> {
    let file = |name: &str| {
        let octets = std::fs::metadata(store.file().with_extension(name));
        let part = vec![("part", name.to_owned())];
        (part, octets.map_or(0, |it| it.len()))
    };
    let files = [file("db"), file("db-wal")];
    gauges(
        page,
        "store_file_octets",
        "Octets of the files of the database",
        files,
    );
    let used = [(Labels::new(), store.octets_used()?)];
    gauges(
        page,
        "store_used_octets",
        "Octets of the database that hold something",
        used,
    );
    let memory = [(Labels::new(), resident_octets())];
    gauges(
        page,
        "process_resident_octets",
        "Memory of the server",
        memory,
    );
    Ok(())
}

fn gauges(
    page: &mut Registry,
    name: &str,
    help: &str,
    rows: impl IntoIterator<Item = (Labels, u64)>,
) {
    let family = Family::<Labels, Gauge>::default();
    for (labels, number) in rows {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        family.get_or_create(&labels).set(number);
    }
    page.register(name, help, family);
}

fn reals(
    page: &mut Registry,
    name: &str,
    help: &str,
    rows: impl IntoIterator<Item = (Labels, f64)>,
) {
    let family = Family::<Labels, Real>::default();
    for (labels, number) in rows {
        family.get_or_create(&labels).set(number);
    }
    page.register(name, help, family);
}

fn counters(
    page: &mut Registry,
    name: &str,
    help: &str,
    rows: impl IntoIterator<Item = (Labels, u64)>,
) {
    let family = Family::<Labels, Counter>::default();
    for (labels, number) in rows {
        family.get_or_create(&labels).inc_by(number);
    }
    page.register(name, help, family);
}

fn word(value: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(value).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

fn seconds(time: EventTime) -> f64 {
    std::time::Duration::from_nanos(u64::try_from(time.unix_nanoseconds()).unwrap_or(0))
        .as_secs_f64()
}

/// Memory that this process has resident now; 0 where the system does not tell.
fn resident_octets() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|it| it.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
