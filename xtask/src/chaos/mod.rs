//! Kills sensor, server and the link between them at random during a replay, and looks whether
//! anything was lost or told twice.
//!
//! The fixtures are sent in steps: one run of the sensor each, some with one capture, some with
//! many. Whatever is killed is started again at once. In the end the server shows what it shows
//! after the same steps without a disturbance: the same alerts with the same packets as proof, the
//! same activities, users and computers, and outputs heard of each alert as new exactly once.
//! The seed decides who is killed and after how long; how far they are by then, the machine decides.
//!
//! Deliberately absent: loss of power, and disks that lie.

mod house;
mod link;
mod picture;

use crate::programs::Programs;
use anyhow::{Context as _, Result, ensure};
use clap::Args;
use house::House;
use link::Fuse;
use picture::Picture;
use realmward_testkit::hostile::random::Random;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// How much to disturb.
#[derive(Args)]
pub(crate) struct Options {
    /// How often something is killed.
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// Decides what is killed when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the replay twice; fails if both differ.
#[expect(
    clippy::print_stdout,
    reason = "the figures are the output of the command"
)]
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = Programs::build()?;
    let (steps, begun) = (steps()?, Instant::now());
    let (expected, _) = replay(&programs, &steps, 0, options.seed)?;
    println!("undisturbed: {:.1} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let (found, tally) = replay(&programs, &steps, options.kills, options.seed)?;
    println!(
        "disturbed: {:.1} s, {tally:?}; {} alerts, {} activities",
        begun.elapsed().as_secs_f64(),
        found.alerts.len(),
        found.activities.len()
    );
    ensure!(!expected.alerts.is_empty(), "the fixtures raise no alert");
    expected.expect(&found)
}

/// What was killed.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    sensor: u32,
    server: u32,
    link: u32,
}

impl Tally {
    const fn sum(self) -> u32 {
        self.sensor + self.server + self.link
    }
}

/// The captures of each run of the sensor.
fn steps() -> Result<Vec<Vec<PathBuf>>> {
    let folder = crate::tree::root().join("fixtures/captures");
    let mut captures = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "zst") {
            captures.push(path);
        }
    }
    captures.sort();
    let (mut rest, mut steps) = (captures.into_iter(), Vec::new());
    for size in STEP_CAPTURES.iter().cycle() {
        let step: Vec<PathBuf> = rest.by_ref().take(*size).collect();
        if step.is_empty() {
            break;
        }
        steps.push(step);
    }
    Ok(steps)
}

fn replay(
    programs: &Programs,
    steps: &[Vec<PathBuf>],
    kills: u32,
    seed: u64,
) -> Result<(Picture, Tally)> {
    let mut chaos = Chaos {
        house: House::open(programs)?,
        random: Random::new(seed),
        tally: Tally::default(),
        next: Instant::now(),
    };
    let count = u32::try_from(steps.len())?;
    for (at, step) in (1_u32..).zip(steps) {
        chaos.step(step, kills * at / count, at == count)?;
    }
    chaos.drain()?;
    let store = chaos.house.stop()?;
    let faults = chaos.house.faults();
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    let picture = Picture::of(&store).with_context(|| chaos.house.logs())?;
    Ok((picture, chaos.tally))
}

struct Chaos<'a> {
    house: House<'a>,
    random: Random,
    tally: Tally,
    /// When something is killed next.
    next: Instant,
}

impl Chaos<'_> {
    /// Sends these captures, and kills until so much was killed in all. What is not killed by the
    /// time all is sent is left to the next step; after the last it is the server's.
    fn step(&mut self, captures: &[PathBuf], kills: u32, last: bool) -> Result<()> {
        let (before, begun) = (self.house.run(), Instant::now());
        let mut sensor = None;
        self.next = Instant::now() + self.pause();
        loop {
            ensure!(
                begun.elapsed() < STEP_TIME_MAX,
                "no progress:\n{}",
                self.house.logs()
            );
            self.house.check_server()?;
            self.tally.link = self.house.link.broken();
            let told = self.told(&before);
            if sensor.is_none() && told && (!last || kills <= self.tally.sum()) {
                return Ok(());
            }
            if sensor.is_none() && !told {
                sensor = Some(self.house.sense(captures)?);
            }
            if self.tally.sum() < kills && self.next <= Instant::now() {
                self.next = Instant::now() + self.pause();
                self.kill(&mut sensor)?;
            }
            self.reap(&mut sensor)?;
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn told(&self, before: &str) -> bool {
        let run = self.house.run();
        run != before && run.contains("\"finished\":true")
    }

    /// Forgets a sensor that ended.
    fn reap(&self, sensor: &mut Option<std::process::Child>) -> Result<()> {
        if let Some(child) = sensor
            && let Some(status) = child.try_wait()?
        {
            *sensor = None;
            ensure!(
                status.success(),
                "the sensor ended, {status}:\n{}",
                self.house.logs()
            );
        }
        Ok(())
    }

    fn kill(&mut self, sensor: &mut Option<std::process::Child>) -> Result<()> {
        match (self.random.below(3), sensor.take()) {
            (0, Some(mut child)) => {
                child.kill()?;
                child.wait()?;
                self.tally.sensor += 1;
            }
            (1, Some(child)) if !self.house.link.is_lit() => {
                *sensor = Some(child);
                let up = self.random.below(2) == 0;
                let longest = if up { REQUEST_OCTETS } else { ANSWER_OCTETS };
                let octets = self.random.below(longest);
                self.house.link.light(Fuse { up, octets });
            }
            (_, child) => {
                *sensor = child;
                self.house.kill_server()?;
                self.tally.server += 1;
            }
        }
        Ok(())
    }

    /// Runs the sensor once more, on nothing, in peace.
    fn drain(&mut self) -> Result<()> {
        self.house.link.put_out();
        let status = self.house.sense(&[])?.wait()?;
        ensure!(
            status.success(),
            "the sensor ended, {status}:\n{}",
            self.house.logs()
        );
        Ok(())
    }

    fn pause(&mut self) -> Duration {
        Duration::from_micros(self.random.below(PAUSE_US) as u64)
    }
}

/// Captures of the steps, over and over.
const STEP_CAPTURES: [usize; 6] = [1, 1, 4, 1, 1, 16];

/// Between kills; a step without any takes some hundred milliseconds.
const PAUSE_US: usize = 250_000;

/// A connection's request is somewhere in it: the greeting of TLS, or within a body.
const REQUEST_OCTETS: usize = 60_000;

/// Likewise the answer: the greeting of TLS, or an acknowledgement.
const ANSWER_OCTETS: usize = 4_000;

const STEP_TIME_MAX: Duration = Duration::from_secs(180);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_lose_nothing_and_tell_nothing_twice() {
        run(&Options { kills: 12, seed: 7 }).unwrap();
    }
}
