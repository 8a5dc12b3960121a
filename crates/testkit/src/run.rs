//! Runs the real chain over captures, as the server does.

use crate::truth::Labelled;
use anyhow::{Result, ensure};
use realmward_alert::Alert;
use realmward_event::Event;
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_sensor::{Sensor, SensorOptions, SensorStats, input};
use realmward_stream::Merge;
use realmward_vocab::EventTime;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder of fixtures.
#[must_use]
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// The folder of labelled captures that are not in the repository, if it is there:
/// `$REALMWARD_CORPORA`, or `../shared/corpora` beside the checkout.
#[must_use]
pub fn corpora() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("REALMWARD_CORPORA") {
        return Some(PathBuf::from(folder));
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    beside.is_dir().then_some(beside)
}

/// All events of the captures, merged on time.
///
/// # Errors
///
/// When a capture is damaged or cannot be read.
pub fn events(paths: &[PathBuf]) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let stats = sensor(paths, |batch| events.extend(batch));
    for file in &stats.files {
        ensure!(file.fault.is_none(), "{:?}", file.fault);
    }
    Ok(events)
}

/// Analyses captures to their end; a damaged one as far as it goes.
#[must_use]
pub fn analyse(paths: &[PathBuf], settings: &PipelineSettings) -> (Pipeline, SensorStats) {
    let mut pipeline = Pipeline::new(settings, 1);
    let stats = sensor(paths, |batch| pipeline.take(batch));
    pipeline.finish();
    (pipeline, stats)
}

/// What came of a labelled capture by itself.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// The alerts, and when each was opened: event time since the first packet of the capture.
    pub raised: Vec<(Alert, Duration)>,
    /// How long the capture watches: the time from packet to packet, of which no more than
    /// [`PAUSE_MAX`] is counted at a time.
    pub watched: Duration,
    /// Whether anything of Kerberos, NTLM, LDAP, SMB or DCE/RPC was read in it.
    pub speaks: bool,
}

/// Analyses a labelled capture, and looks after each event whether an alert was opened. After the
/// last one time goes on for [`QUIET`], as it does in the service, so that what waits is settled
/// when it would be. What is a habit happened on the days before, too; what was told then is not
/// counted.
#[must_use]
pub fn trial(capture: &Labelled) -> Trial {
    let mut pipeline = Pipeline::new(&capture.settings(), 1);
    let mut opened = Vec::new();
    let paths = std::slice::from_ref(&capture.path);
    rehearse(&mut pipeline, paths, capture.habit_days);
    let stats = sensor(paths, |batch| {
        for event in batch {
            pipeline.take(vec![event]);
            opened.resize(pipeline.alerts().len(), pipeline.front.now());
        }
    });
    let mut now = pipeline.front.now();
    let end = now.saturating_add(QUIET);
    while now < end {
        now = now.saturating_add(TICK);
        pipeline.advance(now);
        opened.resize(pipeline.alerts().len(), now);
    }
    pipeline.finish();
    opened.resize(pipeline.alerts().len(), now);
    let first = stats.first.unwrap_or_default();
    Trial {
        raised: (pipeline.alerts().iter().cloned())
            .zip(opened.iter().map(|it| it.saturating_since(first)))
            .collect(),
        watched: watched(&capture.path),
        speaks: stats.events.keys().any(|kind| !AROUND.contains(kind)),
    }
}

/// Facts of what only names machines and people, and says nothing of who logs on.
const AROUND: [&str; 14] = [
    "NameResolved",
    "NamesAsked",
    "ZoneTransferred",
    "ZoneUpdated",
    "AddressLeased",
    "NetworkAccessAsked",
    "NetworkSessionReported",
    "LocalNameAsked",
    "LocalNameAnswered",
    "NetbiosNameClaimed",
    "HostAnnounced",
    "RemoteDesktopAsked",
    "TlsNegotiated",
    "DatabaseLogon",
];

/// Lets the same happen at the same hour of as many days before.
fn rehearse(pipeline: &mut Pipeline, paths: &[PathBuf], days: u32) {
    let mut once = Vec::new();
    if 0 < days {
        sensor(paths, |batch| once.extend(batch));
    }
    for ago in (1..=i64::from(days)).rev() {
        let mut then = once.clone();
        for event in &mut then {
            let now = event.time.unix_nanoseconds();
            event.time = EventTime::from_unix_nanoseconds(now.saturating_sub(ago * DAY_NS));
        }
        let end = then.last().map(|it| it.time.saturating_add(QUIET));
        pipeline.rehearse(then);
        pipeline.rehearse_until(end.unwrap_or_default());
    }
}

fn watched(path: &Path) -> Duration {
    let mut merge = Merge::open(vec![input(path)]);
    let mut last: Option<EventTime> = None;
    let mut watched = Duration::ZERO;
    while let Some(frame) = merge.next_frame() {
        let before = last.unwrap_or(frame.frame.time);
        watched += frame.frame.time.saturating_since(before).min(PAUSE_MAX);
        last = Some(before.max(frame.frame.time));
    }
    watched
}

/// The most memory this process ever had, in MiB.
///
/// # Errors
///
/// Where the system does not say.
pub fn peak_mib() -> Result<u64> {
    let octets = realmward_sensor::service::memory_peak_octets();
    ensure!(
        0 < octets,
        "the system does not say how much memory was used"
    );
    Ok(octets >> 20)
}

fn sensor(paths: &[PathBuf], take: impl FnMut(Vec<Event>)) -> SensorStats {
    let inputs = paths.iter().map(|path| input(path)).collect();
    Sensor::new(SensorOptions { workers: 1 }).run(inputs, take, |_| {})
}

/// Some public captures are several in one file, years apart. A minute is longer than any pause of
/// a network with people in it.
pub const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Longer than detections wait for what should follow at once, and too short for those that wait for
/// something to stay away: a capture that has ended does not show that it did.
const QUIET: Duration = Duration::from_secs(600);

const DAY_NS: i64 = 86_400 * 1_000_000_000;

/// The rhythm at which the pipeline settles what waits.
const TICK: Duration = Duration::from_secs(10);
