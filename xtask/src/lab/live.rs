//! Plays scenarios before a running sensor and server, and looks at what they tell.
//!
//! Both run in the namespace of the switch, the sensor at the mirror port; so does this program,
//! which starts itself there. An attack is right when one of those that must tell of it does, with
//! its source; told is the time from the end of the act to the alert. An honest act is right when
//! no alert of medium severity or higher that began during it is there at the end of all.

use super::host::{BRIDGE, Host, SWITCH};
use super::record::{self, Act};
use super::scenario::{Kind, Scenario};
use crate::house::{House, stop};
use crate::programs::Programs;
use anyhow::{Context as _, Result, ensure};
use realmward_alert::Alert;
use realmward_detect::Severity;
use realmward_store::{AlertFilter, Page, Store};
use realmward_testkit::truth::claimed;
use realmward_vocab::EventTime;
use std::fs::File;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

/// Starts this very command in the namespace of the switch.
pub(super) fn enter() -> Result<()> {
    let status = Command::new("ip")
        .args(["netns", "exec", SWITCH])
        .arg(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env(INSIDE, "1")
        .status()
        .context("ip netns exec")?;
    ensure!(status.success(), "lab run --live failed");
    Ok(())
}

/// Whether this program runs there.
pub(super) fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Plays the scenarios; the faults.
pub(super) fn run(scenarios: &[Scenario]) -> Result<Vec<String>> {
    let programs = Programs::build()?;
    let folder = tempfile::tempdir()?;
    let house = House::open(&programs, &folder.path().join("data"))?;
    let state = folder.path().join("state");
    house.join("mirror", &state)?;
    let mut sensor = Command::new(&programs.sensor)
        .args(["live", "--interface", BRIDGE])
        .arg(format!("--to=https://{}", house.address))
        .arg("--state")
        .arg(&state)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(folder.path().join("sensor.log"))?)
        .spawn()?;
    thread::sleep(BEGINS_WITHIN);
    let store = house.store()?;
    let faults = play(scenarios, &store);
    ensure!(sensor.try_wait()?.is_none(), "the sensor ended by itself");
    stop(&mut sensor)?;
    house.stop()?;
    faults
}

fn play(scenarios: &[Scenario], store: &Store) -> Result<Vec<String>> {
    let (mut faults, mut honest) = (Vec::new(), Vec::new());
    for scenario in scenarios {
        let act = record::play(scenario)?;
        if scenario.kind == Kind::Honest {
            eprintln!("{:<34} played", scenario.name);
            honest.push((scenario, act));
            continue;
        }
        match (told(scenario, act, store)?, is_due(scenario)) {
            (Some(after), _) => eprintln!("{:<34} told after {after:.1} s", scenario.name),
            (None, true) => {
                faults.push(format!("{}: not told within {PATIENCE:?}", scenario.name));
            }
            (None, false) => eprintln!("{:<34} not told, as expected", scenario.name),
        }
    }
    thread::sleep(SETTLES_WITHIN);
    for (scenario, act) in honest {
        let known = scenario.known_fault.is_some();
        for alert in during(scenario, act, store)? {
            let loud = Severity::Medium <= alert.severity && !known;
            if loud {
                faults.push(format!("{}: {} was told", scenario.name, alert.detector));
            }
        }
    }
    Ok(faults)
}

/// Whether somebody must tell of it who exists.
fn is_due(scenario: &Scenario) -> bool {
    let excused = scenario.not_told_because.is_some() || scenario.known_fault.is_some();
    !excused && !claimed(&scenario.told_by).is_empty()
}

/// Waits for the alert; how long after the end of the act it was there, in seconds.
fn told(scenario: &Scenario, act: Act, store: &Store) -> Result<Option<f64>> {
    let (due, tellers) = (is_due(scenario), claimed(&scenario.told_by));
    loop {
        let alerts = during(scenario, act, store)?;
        let is_told = |alert: &Alert| tellers.iter().any(|it| it.id == alert.detector.as_str());
        let late = act.end.elapsed().unwrap_or_default();
        if alerts.iter().any(is_told) {
            return Ok(Some(late.as_secs_f64()));
        }
        if !due || PATIENCE < late {
            return Ok(None);
        }
        thread::sleep(PAUSE);
    }
}

/// Alerts that name the source of the scenario and whose last proof was seen during it.
fn during(scenario: &Scenario, act: Act, store: &Store) -> Result<Vec<Alert>> {
    let filter = AlertFilter {
        address: Some(Host::named(&scenario.source)?.address_seen().parse()?),
        since: Some(time(act.start)?),
        until: Some(time(act.end + LINGER)?),
        ..AlertFilter::default()
    };
    let records = store.alerts(&filter, &Page::first(ALERTS_MAX))?.items;
    Ok(records.into_iter().map(|it| it.alert).collect())
}

fn time(time: SystemTime) -> Result<EventTime> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(EventTime::from_unix_nanoseconds(i64::try_from(
        since.as_nanos(),
    )?))
}

const INSIDE: &str = "LAB_INSIDE_SWITCH";
const BEGINS_WITHIN: Duration = Duration::from_secs(3);

/// Some detections wait a minute for what would excuse.
const PATIENCE: Duration = Duration::from_secs(100);
const SETTLES_WITHIN: Duration = Duration::from_secs(100);
const PAUSE: Duration = Duration::from_millis(100);

/// Packets of an act come a little after its programs have ended.
const LINGER: Duration = Duration::from_secs(1);
const ALERTS_MAX: usize = 1_000;
