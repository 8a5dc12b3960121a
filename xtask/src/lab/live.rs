//! Plays scenarios before a running sensor and server, and looks at what they tell.
//!
//! Both run in the namespace of the switch, the sensor at the mirror port; so does this program,
//! which starts itself there. First the honest scenarios are played, all before one sensor and one
//! server: nothing of medium severity or higher may be told. What these two learned in that time is
//! kept, and each attack is played before a copy of them, started once the attack is prepared. So
//! each attack meets a house that knows the domain and not this intruder: a real domain is not
//! attacked eighty times in ten minutes by the same account from the same address, of which the second
//! time is rightly no news.
//!
//! Judged as captures are (`realmward_testkit::verdict`), by the alerts whose proof lies in the time
//! of the act. How soon is the time from the end of the act until the alert is stored.

mod room;

use super::host::{Host, SWITCH};
use super::record::{self, Act};
use super::scenario::{Kind, Scenario};
use crate::figures::Figures;
use crate::programs::Programs;
use anyhow::{Context as _, Result, ensure};
use realmward_alert::Alert;
use realmward_detect::Severity;
use realmward_store::{AlertFilter, Page, Store};
use realmward_testkit::truth::{Demand, claimed};
use realmward_testkit::verdict::{asks, hold};
use realmward_vocab::EventTime;
use room::Room;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

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

/// Plays the scenarios; the faults, each of which was printed when it showed.
pub(super) fn run(scenarios: &[Scenario]) -> Result<Vec<String>> {
    let programs = Programs::build()?;
    let folder = tempfile::tempdir()?;
    let begun = Instant::now();
    let of = |kind| {
        scenarios
            .iter()
            .filter(move |it: &&Scenario| it.kind == kind)
    };
    let mut run = Run::default();
    let learned = folder.path().join("honest");
    let room = Room::open(&programs, &learned)?;
    let played = run.honest(of(Kind::Honest), &room);
    room.close()?;
    played?;
    for scenario in of(Kind::Attack) {
        let copy = folder.path().join(&scenario.name);
        room::copy(&learned, &copy)?;
        if let Err(error) = run.attack(scenario, &programs, &copy) {
            run.fault(format!("{}: {error:#}", scenario.name));
        }
        std::fs::remove_dir_all(&copy)?;
    }
    eprintln!(
        "lab, live: {} honest acts, {} attacks told, {} not told as expected, in {:.0} s; told \
         after {:.1} s (median), {:.1} s (worst)",
        run.silent,
        run.told.0,
        run.not_due,
        begun.elapsed().as_secs_f64(),
        run.told.1.median() / 1e3,
        run.told.1.worst() / 1e3
    );
    Ok(run.faults)
}

/// What came of a run.
#[derive(Default)]
struct Run {
    faults: Vec<String>,
    /// Honest acts of which nothing was told.
    silent: usize,
    /// Attacks told, and how soon.
    told: (usize, Figures),
    not_due: usize,
}

impl Run {
    fn fault(&mut self, fault: String) {
        eprintln!("FAULT {fault}");
        self.faults.push(fault);
    }

    /// Plays honest scenarios one after the other.
    fn honest<'a>(
        &mut self,
        scenarios: impl Iterator<Item = &'a Scenario>,
        room: &Room<'_>,
    ) -> Result<()> {
        let (mut acts, mut known) = (Vec::new(), BTreeSet::new());
        for scenario in scenarios {
            let act = record::play(scenario, || Ok(()), |(), act| Ok(act))?;
            eprintln!("{:<34} played", scenario.name);
            acts.push((scenario, act));
            self.told_of(&acts, room, &mut known)?;
        }
        if acts.is_empty() {
            return Ok(());
        }
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            self.told_of(&acts, room, &mut known)?;
            thread::sleep(PAUSE);
        }
        self.silent = acts.len() - known.len();
        Ok(())
    }

    /// Tells once of each honest act of which something was told.
    fn told_of<'a>(
        &mut self,
        acts: &[(&'a Scenario, Act)],
        room: &Room<'_>,
        known: &mut BTreeSet<&'a str>,
    ) -> Result<()> {
        let Some((_, first)) = acts.first() else {
            return Ok(());
        };
        for alert in alerts(&room.store, first.start, None)? {
            // What comes between two acts belongs to the one before: it is taken back, or still works.
            let began = |act: &Act| time(act.start).is_ok_and(|it| it <= alert.start);
            let of = acts.iter().rev().find(|(_, act)| began(act));
            let Some((scenario, _)) = of.filter(|_| Severity::Medium <= alert.severity) else {
                continue;
            };
            if !known.insert(scenario.name.as_str()) {
                continue;
            }
            let told = format!("{} ({})", alert.detector, alert.severity.word());
            if scenario.known_fault.is_some() {
                eprintln!("{:<34} {told}, as is known", scenario.name);
            } else if scenario.habit.is_some() {
                eprintln!("{:<34} {told}, as on a first day", scenario.name);
            } else {
                let story = alert.story.join("; ");
                self.fault(format!("{}: {told} was told: {story}", scenario.name));
            }
        }
        Ok(())
    }

    /// Plays an attack before the sensor and server in this folder.
    fn attack(&mut self, scenario: &Scenario, programs: &Programs, folder: &Path) -> Result<()> {
        let demand = demand(scenario)?;
        let (room, told) = record::play(
            scenario,
            || Room::open(programs, folder),
            |room, act| {
                let told = told(&demand, act, &room.store)?;
                Ok((room, told))
            },
        )?;
        room.close()?;
        match told {
            Told::Right(after) => {
                self.told.0 += 1;
                self.told.1.add(after);
                let after = after.as_secs_f64();
                eprintln!("{:<34} told after {after:.1} s", scenario.name);
            }
            Told::NotDue => {
                self.not_due += 1;
                eprintln!("{:<34} not told, as expected", scenario.name);
            }
            Told::Wrong(why) => self.fault(format!("{}: {why}", scenario.name)),
        }
        Ok(())
    }
}

/// What was told of an attack.
enum Told {
    /// What had to be, so long after its end.
    Right(Duration),
    /// Nothing, and nothing had to be.
    NotDue,
    Wrong(String),
}

/// What must be told of an attack.
fn demand(scenario: &Scenario) -> Result<Demand> {
    let seen = |name: &String| Host::named(name).map(|it| it.address_seen());
    Ok(Demand {
        told_by: scenario.told_by.clone(),
        detectors: if is_due(scenario) {
            claimed(&scenario.told_by)
        } else {
            Vec::new()
        },
        source: Some(Host::named(&scenario.source)?.address_seen()),
        actors: scenario.actor.clone(),
        targets: scenario.target.iter().map(seen).collect::<Result<_>>()?,
        excused: None,
    })
}

/// Whether somebody must tell of it who exists, and soon.
fn is_due(scenario: &Scenario) -> bool {
    let excused = scenario.not_told_because.is_some()
        || scenario.known_fault.is_some()
        || scenario.told_late.is_some();
    !excused && !claimed(&scenario.told_by).is_empty()
}

/// Waits for the alert.
fn told(demand: &Demand, act: Act, store: &Store) -> Result<Told> {
    if demand.detectors.is_empty() {
        return Ok(Told::NotDue);
    }
    loop {
        let late = act.end.elapsed().unwrap_or_default();
        let alerts = alerts(store, act.start, Some(act.end + LINGER))?;
        let asked = alerts.iter().filter(|it| asks(demand, it));
        let faults = asked.map(|it| hold(it, demand).1).min_by_key(Vec::len);
        match faults {
            Some(faults) if faults.is_empty() => return Ok(Told::Right(late)),
            Some(faults) if PATIENCE < late => return Ok(Told::Wrong(faults.join("; "))),
            None if PATIENCE < late => {
                return Ok(Told::Wrong(format!("not told within {PATIENCE:?}")));
            }
            _ => thread::sleep(PAUSE),
        }
    }
}

/// Alerts whose last proof was seen in this time.
fn alerts(store: &Store, since: SystemTime, until: Option<SystemTime>) -> Result<Vec<Alert>> {
    let filter = AlertFilter {
        since: Some(time(since)?),
        until: until.map(time).transpose()?,
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

/// Some detections wait a minute for what would excuse; then comes the next tick of time, and the
/// sensor's next word.
const PATIENCE: Duration = Duration::from_secs(100);
const PAUSE: Duration = Duration::from_millis(100);

/// Packets of an act come a little after its programs have ended.
const LINGER: Duration = Duration::from_secs(1);
const ALERTS_MAX: usize = 1_000;
