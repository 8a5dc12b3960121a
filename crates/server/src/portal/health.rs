//! How sensors and server are, what is wrong, and what mends it.

mod below;
mod chart;
mod coverage;
mod storage;

use super::frame::{Frame, is_silent};
use super::words::When;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::{AppState, now};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use below::below;
use chart::{Chart, charts};
use coverage::{Matrix, matrix};
use realmward_event::batch::SensorHealth;
use realmward_export::time::span;
use realmward_export::words::{count, number, percent, size};
use realmward_store::{
    ComputerFilter, ComputerRecord, Covered, HealthStep, Page, Sensor, Store, StoreError,
};
use realmward_vocab::EventTime;
use std::time::Duration;
use storage::Storage;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/health", VIEWER, page)]
}

#[derive(Template)]
#[template(path = "health.html")]
struct Health<'a> {
    frame: &'a Frame,
    sensors: Vec<SensorRow>,
    waiting: String,
    /// Why nothing can be kept now, if so.
    trouble: Option<String>,
    storage: Storage,
    appended: String,
    coverage: Matrix,
    /// The hours that charts show.
    hours: u64,
}

struct SensorRow {
    name: String,
    state: &'static str,
    class: &'static str,
    seen: Option<When>,
    version: String,
    input: String,
    /// What is wrong, and what mends it.
    problems: Vec<Problem>,
    /// Names and values.
    facts: Vec<(&'static str, String)>,
    charts: Vec<Chart>,
}

struct Problem {
    what: String,
    mend: &'static str,
}

/// What the store knows of all this.
struct Known {
    sensors: Vec<(Sensor, Option<SensorHealth>, Vec<HealthStep>)>,
    controllers: Vec<ComputerRecord>,
    covered: Vec<Covered>,
    storage: storage::Known,
    appended: u64,
    committed: u64,
}

async fn page(State(state): State<AppState>, frame: Frame) -> Result<Response, Refusal> {
    let time = now();
    let known = state.ask(move |store| known(store, time)).await?;
    let sensors: Vec<&Sensor> = known.sensors.iter().map(|(it, ..)| it).collect();
    frame.show(&Health {
        coverage: matrix(&known.controllers, &sensors, &known.covered),
        trouble: state.trouble(),
        storage: storage::storage(&known.storage, state.retention()),
        waiting: number(known.appended.saturating_sub(known.committed)),
        appended: number(known.appended),
        hours: CHART_SPAN.as_secs() / 3600,
        sensors: known
            .sensors
            .iter()
            .map(|(sensor, report, steps)| row(sensor, report.as_ref(), steps, time))
            .collect(),
        frame: &frame,
    })
}

fn known(store: &Store, time: EventTime) -> Result<Known, StoreError> {
    let mut sensors = Vec::new();
    for (sensor, report) in store.health()? {
        let steps = store.sensor_history(sensor.id, ago(time, CHART_SPAN), chart::STEP)?;
        sensors.push((sensor, report, steps));
    }
    let filter = ComputerFilter {
        is_domain_controller: Some(true),
        ..ComputerFilter::default()
    };
    Ok(Known {
        sensors,
        controllers: store
            .computers(&filter, &Page::first(CONTROLLERS_MAX))?
            .items,
        covered: store.coverage()?,
        storage: storage::Known {
            used: store.octets_used()?,
            notes: store.size_notes(ago(time, SIZES_SPAN))?,
            oldest: store.oldest_activity()?,
            now: time,
        },
        appended: store.appended()?.0,
        committed: store.committed()?.0,
    })
}

fn ago(time: EventTime, span: Duration) -> EventTime {
    let span = i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
    EventTime::from_unix_nanoseconds(time.unix_nanoseconds().saturating_sub(span))
}

fn row(
    sensor: &Sensor,
    report: Option<&SensorHealth>,
    steps: &[HealthStep],
    time: EventTime,
) -> SensorRow {
    let problems = problems(sensor, report, steps, time);
    let (state, class) = match (is_silent(sensor, time), problems.is_empty(), report) {
        (true, ..) => ("silent", "high"),
        (false, false, _) => ("needs a look", "medium"),
        (false, true, None) => ("no report yet", "low"),
        (false, true, Some(_)) => ("well", "good"),
    };
    SensorRow {
        name: sensor.name.clone(),
        state,
        class,
        seen: sensor.last_seen.map(When::new),
        version: report.map(|it| it.version.clone()).unwrap_or_default(),
        input: report.map(|it| it.input.clone()).unwrap_or_default(),
        problems,
        facts: facts(sensor, report),
        charts: charts(steps, time),
    }
}

fn problems(
    sensor: &Sensor,
    report: Option<&SensorHealth>,
    steps: &[HealthStep],
    time: EventTime,
) -> Vec<Problem> {
    let mut all = Vec::new();
    let mut tell = |what: String, mend| all.push(Problem { what, mend });
    if is_silent(sensor, time) {
        let seen = sensor.last_seen.unwrap_or(sensor.joined);
        let silent = span(whole(time.saturating_since(seen)));
        tell(
            format!("Not heard for {silent}."),
            "systemctl status realmward-sensor",
        );
    }
    if 0 < sensor.missing {
        let batches = count(sensor.missing, "batch").replace("batchs", "batches");
        tell(
            format!("{batches} never came: the sensor's spool was full while the server was away."),
            "realmward-sensor doctor",
        );
    }
    let lost: u64 = steps.iter().map(|it| it.dropped).sum();
    if 0 < lost {
        tell(
            format!(
                "{} dropped in the last {} hours: the machine is too slow for this traffic.",
                count(lost, "packet"),
                CHART_SPAN.as_secs() / 3600
            ),
            "realmward-sensor doctor",
        );
    }
    let Some(report) = report else {
        return all;
    };
    if ONE_SIDED_MAX < share(report.one_sided_connections, report.connections) {
        let share = percent(share(report.one_sided_connections, report.connections));
        tell(
            format!(
                "Of {share} of the connections only one direction is seen: the mirror shows half."
            ),
            "realmward-sensor doctor",
        );
    }
    if LAG_MAX < report.lag_s {
        tell(
            format!("{:.0} seconds behind the traffic.", report.lag_s),
            "realmward-sensor doctor",
        );
    }
    if !matches!(report.sandbox.as_str(), "" | "whole") {
        tell(
            format!("Its sandbox is not whole: {}.", report.sandbox),
            "uname -r",
        );
    }
    if let Some(ahead) = ahead(sensor, report) {
        tell(
            format!("Its clock is {} ahead of the server's.", span(ahead)),
            "timedatectl status",
        );
    }
    all
}

fn facts(sensor: &Sensor, report: Option<&SensorHealth>) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("Events told", number(sensor.events)),
        ("Batches missing", number(sensor.missing)),
    ];
    if let Some(it) = report {
        let faults: u64 = it.faults.values().sum();
        let hidden: u64 = it.opaque.values().sum();
        all.extend([
            ("Packets a second", rate(it.packets, it.span_s, number)),
            ("Traffic a second", rate(it.octets, it.span_s, size)),
            ("Packets dropped", number(it.dropped_packets)),
            ("Lag", format!("{:.1} s", it.lag_s)),
            ("Messages not readable", number(faults)),
            ("Hidden by encryption", number(hidden)),
            (
                "Seen in one direction only",
                percent(share(it.one_sided_connections, it.connections)),
            ),
            ("Waiting in the spool", size(it.spooled_octets)),
            ("Memory at most", size(it.memory_peak_octets)),
        ]);
        all.extend(below(it));
    }
    all
}

/// How far a sensor's clock is ahead. A report cannot come before it was written.
fn ahead(sensor: &Sensor, report: &SensorHealth) -> Option<Duration> {
    let ahead = report.time.saturating_since(sensor.last_seen?);
    (SKEW_MAX < ahead).then(|| whole(ahead))
}

const fn whole(it: Duration) -> Duration {
    Duration::from_secs(it.as_secs())
}

#[expect(clippy::cast_precision_loss, reason = "a share for eyes")]
fn share(part: u64, all: u64) -> f64 {
    if all == 0 {
        0.0
    } else {
        part as f64 / all as f64
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate for eyes; casts saturate"
)]
fn per_second(number: u64, seconds: f64) -> u64 {
    if seconds <= 0.0 {
        0
    } else {
        (number as f64 / seconds) as u64
    }
}

/// A rate in words; a report of no time has none.
fn rate(number: u64, seconds: f64, word: fn(u64) -> String) -> String {
    if seconds <= 0.0 {
        return "not measured".to_owned();
    }
    word(per_second(number, seconds))
}

/// Connections that began before the sensor did look one-sided; more than these are the mirror.
const ONE_SIDED_MAX: f64 = 0.2;
/// Seconds.
const LAG_MAX: f64 = 30.0;
/// Kerberos itself allows five minutes; a few seconds are the network.
const SKEW_MAX: Duration = Duration::from_secs(5);

/// Half a day: what a person who comes in the morning wants to see of the night.
const CHART_SPAN: Duration = Duration::from_secs(chart::STEP.as_secs() * chart::STEPS as u64);
/// Growth of a week has its Sundays.
const SIZES_SPAN: Duration = Duration::from_secs(7 * 86_400);
/// More domain controllers than this are a list of computers.
const CONTROLLERS_MAX: usize = 200;
