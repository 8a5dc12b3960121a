//! Records hours of honest work: everybody of `fixtures/lab/day.toml` does what they are used to do,
//! at the pace of people, while the mirror port is captured.
//!
//! When each does what is decided by the seed before the day begins; how long a thing takes and what
//! meets what is decided by the machine, as in life. Whoever has more to do than time does it late,
//! one thing after the other.

use super::host::Host;
use super::record::{Act, Log, Tap};
use super::scenario::{Check, Step};
use super::{host, label, network, verify};
use anyhow::{Context as _, Result, ensure};
use realmward_testkit::hostile::random::Random;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// `fixtures/lab/day.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Days {
    #[serde(rename = "day")]
    days: Vec<Day>,
    /// Names for several who do the same.
    people: BTreeMap<String, Vec<String>>,
    #[serde(rename = "habit")]
    habits: Vec<Habit>,
    #[serde(default)]
    after: Vec<Step>,
    #[serde(rename = "check")]
    checks: Vec<Check>,
}

/// A stretch of work.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Day {
    pub(super) name: String,
    title: String,
    seed: u64,
    minutes: f64,
    /// Habits that rest on this day.
    #[serde(default)]
    leave_out: Vec<String>,
    /// Why it is known not to come out as it should today; to be removed when it does.
    known_fault: Option<String>,
    /// On how many days before the same was done, as sensor and server would have learned.
    habit: Option<u32>,
}

/// What somebody does again and again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Habit {
    name: String,
    /// What is done, in a line.
    #[serde(rename = "title")]
    _title: String,
    /// `account@machine`, or one of the names of `people`.
    who: Vec<String>,
    /// The mean time between two of them; each wait is independent of the others.
    every_minutes: f64,
    run: String,
}

/// Something that one does at a time.
struct Due<'a> {
    after: Duration,
    habit: &'a Habit,
    chance: usize,
}

/// One account at one machine, and what it will do.
struct Worker<'a> {
    account: &'a str,
    host: Host,
    dues: Vec<Due<'a>>,
}

/// All that `day.toml` says.
pub(super) fn read() -> Result<Days> {
    let path = host::files().join("day.toml");
    let place = || crate::tree::relative(&path);
    let text = fs::read_to_string(&path).with_context(place)?;
    let days: Days = toml::from_str(&text).with_context(place)?;
    for day in &days.days {
        days.workers(day).with_context(place)?;
        for name in &day.leave_out {
            let known = days.habits.iter().any(|it| it.name == *name);
            ensure!(known, "{}: no habit is called {name}", place());
        }
    }
    Ok(days)
}

/// Plays the day and captures it, with its truth beside.
pub(super) fn record(days: &Days, name: &str, out: &Path) -> Result<()> {
    let day = days.days.iter().find(|it| it.name == name);
    let day = day.with_context(|| format!("no day is called {name}"))?;
    let capture = capture(day, out);
    network::sweep()?;
    let workers = days.workers(day)?;
    let acts: usize = workers.iter().map(|it| it.dues.len()).sum();
    eprintln!(
        "lab: {}: {} at work, {acts} things to do in {} minutes",
        day.name,
        workers.len(),
        day.minutes
    );
    let tap = Tap::open(&capture)?;
    let act = play(
        day,
        &workers,
        &out.join(format!("day_{}.acts.tsv", day.name)),
    );
    let closed = tap.close();
    network::sweep()?;
    let log = Log::open(&format!("day_{}", day.name))?;
    for step in &days.after {
        let on = step.on.as_deref().context("a step without a machine")?;
        let ended = log.start(&Host::named(on)?, "day", &step.run)?.wait()?;
        ensure!(
            ended.success(),
            "on {on}: `{}` ended with {ended}",
            step.run
        );
    }
    closed?;
    verify::verify(&days.checks, &capture)?;
    let file = capture.file_name().unwrap_or_default().to_string_lossy();
    let act = act?;
    let (start, end) = (label::seconds(act.start)?, label::seconds(act.end)?);
    let truth = truth(day, &file, start, end);
    fs::write(
        capture.with_extension("json"),
        serde_json::to_string_pretty(&truth)? + "\n",
    )?;
    eprintln!("lab: {}: ok", day.name);
    Ok(())
}

fn play(day: &Day, workers: &[Worker<'_>], acts: &Path) -> Result<Act> {
    let done = Mutex::new(File::create(acts)?);
    let (start, begun) = (SystemTime::now(), Instant::now());
    let faults = thread::scope(|scope| {
        let threads: Vec<_> = workers
            .iter()
            .map(|worker| scope.spawn(|| worker.work(day, begun, &done)))
            .collect();
        let ended = threads.into_iter().map(thread::ScopedJoinHandle::join);
        ended
            .filter_map(|it| match it {
                Ok(worked) => worked.err().map(|it| format!("{it:#}")),
                Err(_) => Some("somebody ended by a fault of this program".to_owned()),
            })
            .collect::<Vec<_>>()
    });
    ensure!(faults.is_empty(), "{}", faults.join("; "));
    let end = SystemTime::now();
    Ok(Act { start, end })
}

/// The truth of a day, in the form of `docs/truth.md`.
fn truth(day: &Day, file: &str, start: f64, end: f64) -> Value {
    let mut truth = json!({
        "file": file,
        "kind": "honest",
        "title": day.title,
        "start": start,
        "end": end,
        "habit": day.habit,
        "known_fault": day.known_fault,
    });
    if let Some(fields) = truth.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    truth
}

/// Where the capture of a day is.
fn capture(day: &Day, out: &Path) -> PathBuf {
    out.join(format!("day_{}.pcap", day.name))
}

impl Days {
    /// The days whose captures are in the folder, with their truth as the file `name` gives.
    pub(super) fn recorded(
        &self,
        from: &Path,
        name: impl Fn(&str) -> String,
    ) -> Result<Vec<(PathBuf, String, Value)>> {
        let mut found = Vec::new();
        for day in &self.days {
            let capture = capture(day, from);
            let Ok(text) = fs::read_to_string(capture.with_extension("json")) else {
                continue;
            };
            let written: Value = serde_json::from_str(&text)?;
            let time = |key: &str| {
                let time = written.get(key).and_then(Value::as_f64);
                time.with_context(|| format!("day {}: no `{key}`", day.name))
            };
            let name = name(&day.name);
            let truth = truth(day, &name, time("start")?, time("end")?);
            found.push((capture, name, truth));
        }
        Ok(found)
    }

    /// Whether there is a day of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.days.iter().any(|it| it.name == name)
    }

    /// Everybody with what they do, in order of time.
    fn workers<'a>(&'a self, day: &Day) -> Result<Vec<Worker<'a>>> {
        let mut workers: BTreeMap<&str, Worker<'_>> = BTreeMap::new();
        let mut seeds = Random::new(day.seed);
        for habit in &self.habits {
            for who in self.all_of(habit) {
                // Also of those who rest, so that a day with one habit less is otherwise the same.
                let dues = dues(habit, day, Random::new(seeds.below(usize::MAX) as u64));
                if day.leave_out.contains(&habit.name) {
                    continue;
                }
                let (account, machine) = who
                    .split_once('@')
                    .with_context(|| format!("{}: nobody is called {who}", habit.name))?;
                let host = Host::named(machine)?;
                let worker = workers.entry(who).or_insert_with(|| Worker {
                    account,
                    host,
                    dues: Vec::new(),
                });
                worker.dues.extend(dues);
            }
        }
        let mut workers: Vec<Worker<'_>> = workers.into_values().collect();
        for worker in &mut workers {
            worker.dues.sort_by_key(|it| it.after);
        }
        Ok(workers)
    }

    fn all_of<'a>(&'a self, habit: &'a Habit) -> impl Iterator<Item = &'a str> {
        let several = |who: &'a String| match self.people.get(who) {
            Some(people) => people.as_slice(),
            None => std::slice::from_ref(who),
        };
        habit.who.iter().flat_map(several).map(String::as_str)
    }
}

fn dues<'a>(habit: &'a Habit, day: &Day, mut chance: Random) -> Vec<Due<'a>> {
    let mut dues = Vec::new();
    let mut minutes = 0.0;
    loop {
        // Waits of independent events are exponential.
        minutes -= habit.every_minutes * (1.0 - unit(&mut chance)).ln();
        if day.minutes <= minutes {
            return dues;
        }
        dues.push(Due {
            after: Duration::from_secs_f64(minutes * 60.0),
            habit,
            chance: chance.below(CHANCES),
        });
    }
}

/// 0 to 1, without 1.
#[expect(clippy::cast_precision_loss, reason = "32 bits fit exactly")]
fn unit(chance: &mut Random) -> f64 {
    chance.below(1 << 32) as f64 / (1_u64 << 32) as f64
}

impl Worker<'_> {
    fn work(&self, day: &Day, begun: Instant, done: &Mutex<File>) -> Result<()> {
        let name = format!("day_{}_{}_{}", day.name, self.account, self.host.name);
        let log = Log::open(&name)?;
        for due in &self.dues {
            thread::sleep(due.after.saturating_sub(begun.elapsed()));
            let late = begun.elapsed().saturating_sub(due.after);
            let script = format!(
                "RANDOM={}; who='{}'; export KRB5CCNAME=\"FILE:$HOME/$who.ccache\"\n{}",
                due.chance, self.account, due.habit.run
            );
            let at = label::seconds(SystemTime::now())?;
            let ended = log.start(&self.host, "day", &script)?.wait()?;
            let line = format!(
                "{at:.3}\t{}\t{}\t{}\tlate {:.1} s\t{ended}\n",
                self.account,
                self.host.name,
                due.habit.name,
                late.as_secs_f64()
            );
            let mut done = done
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            done.write_all(line.as_bytes())?;
        }
        Ok(())
    }
}

/// As many as a shell's own source of chance has seeds.
const CHANCES: usize = 1 << 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_same_for_the_same_seed_and_fills_its_hour() {
        let days = read().unwrap();
        let plan = |day: &Day| -> Vec<(String, Vec<(Duration, String)>)> {
            let workers = days.workers(day).unwrap();
            let of = |it: &Worker<'_>| {
                let dues = it.dues.iter();
                let dues = dues.map(|it| (it.after, it.habit.name.clone())).collect();
                (format!("{}@{}", it.account, it.host.name), dues)
            };
            workers.iter().map(of).collect()
        };
        for day in &days.days {
            let planned = plan(day);
            assert_eq!(planned, plan(day));
            let acts: Vec<_> = planned.iter().flat_map(|(_, it)| it).collect();
            assert!(500 < acts.len(), "{}", acts.len());
            let last = acts.iter().map(|(after, _)| *after).max().unwrap();
            let longest = Duration::from_secs_f64(day.minutes * 60.0);
            assert!(longest.mul_f64(0.9) < last && last < longest);
            let rests = |it: &&&(Duration, String)| day.leave_out.contains(&it.1);
            assert_eq!(acts.iter().filter(rests).count(), 0);
        }
    }
}
