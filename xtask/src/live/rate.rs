//! The highest rate that lasts without a drop.
//!
//! Each step replays the load capture over and over at one rate, each pass with new addresses. A step
//! is clean when every packet sent was read: the ring's drops, the kernel's before it, and the sum all
//! say so. With a server it must also keep pace: what the sensor told must be in the server soon after
//! the last packet, not heap up in the spool. On few cores the sender takes a good part of them, and
//! where it cannot send faster, its ceiling is what is found: both are told.

use super::tap::{Summary, Tap};
use super::wire::{Pace, Sent, arrived};
use super::{Lab, say};
use crate::bench::load;
use crate::house::House;
use crate::usage::Usage;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Finds the rate without a server and with one.
pub(super) fn run(lab: &Lab, seconds: u64, steps: u32) -> Result<()> {
    let capture = load::plain(&lab.folder)?;
    say(&format!("load: {}", load::source().display()));
    let ceiling = lab.wire.replay(&capture, Pace::Top(seconds.min(10)))?;
    say(&format!(
        "tcpreplay alone, nobody listening: {:.0} packets/s, {:.0} Mbit/s",
        ceiling.packets_s(),
        ceiling.mbit_s
    ));
    for to in ["none", "server"] {
        let search = Search {
            lab,
            capture: capture.clone(),
            to,
            seconds,
        };
        search.run(steps)?;
    }
    Ok(())
}

struct Search<'a> {
    lab: &'a Lab,
    capture: PathBuf,
    to: &'static str,
    seconds: u64,
}

impl Search<'_> {
    fn run(&self, steps: u32) -> Result<()> {
        say(&format!(
            "`live --to {}`, each step {} s:",
            self.to, self.seconds
        ));
        say(HEAD);
        let top = self.step(Pace::Top(self.seconds))?;
        if top.is_clean() {
            say("  clean at the top: tcpreplay's ceiling beside a sensor is what was reached");
            return Ok(());
        }
        let (mut clean, mut unclean) = (0, round(top.sent.packets_s()));
        let mut best: Option<Sent> = None;
        for _ in 0..steps {
            let rate = u32::midpoint(clean, unclean);
            let step = self.step(Pace::Packets(rate, self.seconds))?;
            if step.is_clean() {
                clean = rate;
                // Sent may be fewer than were asked for.
                let is_faster = |best: &Sent| best.packets_s() < step.sent.packets_s();
                if best.as_ref().is_none_or(is_faster) {
                    best = Some(step.sent);
                }
            } else {
                unclean = rate;
            }
        }
        match best {
            Some(best) => say(&format!(
                "  highest clean: {:.0} packets/s, {:.0} Mbit/s; unclean at {unclean} packets/s asked",
                best.packets_s(),
                best.mbit_s
            )),
            None => say("  no clean step"),
        }
        Ok(())
    }

    fn step(&self, pace: Pace) -> Result<Step> {
        let room = self.lab.fresh("rate")?;
        let house = match self.to {
            "none" => None,
            _ => Some(House::open(&self.lab.programs, &room.join("data"))?),
        };
        if let Some(house) = &house {
            house.join("tap", &room.join("state"))?;
        }
        let tap = Tap::open(self.lab, &room.join("state"), self.to, &[])?;
        let serving = |of: Option<&House<'_>>| match of {
            Some(house) => Usage::of(house.process()),
            None => Ok(Usage::default()),
        };
        let (before, server_before) = (tap.usage()?, serving(house.as_ref())?);
        let came = arrived()?;
        let sent = self.lab.wire.replay(&self.capture, pace)?;
        let (after, server_after) = (tap.usage()?, serving(house.as_ref())?);
        let over = Instant::now();
        sleep(LAST);
        let came = (arrived()?.0 - came.0, arrived()?.1 - came.1);
        let summary = tap.finish()?;
        let lag = match &house {
            Some(house) => caught_up(house, over)?,
            None => Duration::ZERO,
        };
        let step = Step {
            sent,
            arrived: came.0,
            lost_before: came.1,
            summary,
            lag,
            cores: (after.cpu_s - before.cpu_s) / sent.seconds,
            server_cores: (server_after.cpu_s - server_before.cpu_s) / sent.seconds,
            server_peak_mib: serving(house.as_ref())?.peak_mib,
        };
        say(&step.line(pace));
        std::fs::remove_dir_all(Path::new(&room))?;
        Ok(step)
    }
}

/// How long after the replay the server had committed all that the sensor told.
fn caught_up(house: &House<'_>, over: Instant) -> Result<Duration> {
    let store = house.store()?;
    while store.committed()? < store.appended()? && over.elapsed() < LAG_MAX * 6 {
        sleep(Duration::from_millis(20));
    }
    Ok(over.elapsed())
}

struct Step {
    sent: Sent,
    arrived: u64,
    lost_before: u64,
    summary: Summary,
    lag: Duration,
    cores: f64,
    server_cores: f64,
    server_peak_mib: f64,
}

impl Step {
    fn is_clean(&self) -> bool {
        let summary = &self.summary;
        self.lost_before + summary.dropped + summary.waiting + summary.dropped_batches == 0
            && summary.packets == self.sent.packets
            && self.arrived == self.sent.packets
            && self.lag < LAG_MAX
    }

    fn line(&self, pace: Pace) -> String {
        let asked = match pace {
            Pace::Packets(rate, _) => rate.to_string(),
            _ => "top".to_owned(),
        };
        let summary = &self.summary;
        format!(
            "{asked:>8} {:>8.0} {:>7.0} {:>9} {:>8} {:>8} {:>8} {:>8} {:>6.2} {:>6.2} {:>5.0} {:>5.0} {:>6.1}  {}",
            self.sent.packets_s(),
            self.sent.mbit_s,
            self.sent.packets,
            self.sent.packets.saturating_sub(summary.packets),
            summary.dropped,
            self.lost_before,
            summary.facts,
            self.cores,
            self.server_cores,
            summary.peak_mib,
            self.server_peak_mib,
            self.lag.as_secs_f64(),
            if self.is_clean() { "clean" } else { "" }
        )
    }
}

fn round(rate: f64) -> u32 {
    format!("{rate:.0}").parse().unwrap_or(u32::MAX)
}

const HEAD: &str = "   asked packets/s Mbit/s     sent  unread  dropped   kernel    facts  cores server   MiB server  lag s";

/// The last block of a ring is handed over so late at most; with room to spare.
const LAST: Duration = Duration::from_millis(1500);

/// What came in the last second waits for its batch, and the sensor is ended meanwhile.
const LAG_MAX: Duration = Duration::from_secs(6);
