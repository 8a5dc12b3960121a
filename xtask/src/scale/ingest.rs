//! Facts into a sensor's spool, and from there into the server, with the clock running.

use super::made::{Organisation, Size};
use super::say;
use crate::house::House;
use crate::programs::Programs;
use crate::usage::Usage;
use anyhow::{Context as _, Result, bail, ensure};
use realmward_sensor::spool::{Appended, Spool};
use realmward_sensor::uplink::{Identity, SharedSpool, Uplink};
use realmward_store::{Position, Store};
use realmward_vocab::EventTime;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Sends an organisation's facts and says how fast they went in and what the server weighed.
pub(super) fn run(house: &House<'_>, size: Size, seed: u64, state: &Path) -> Result<()> {
    let mut spool = Spool::open(&state.join("spool"), SPOOL_OCTETS)?;
    let made = fill(&mut spool, size, seed)?;
    say(&format!(
        "made {} facts in {} batches, {} MiB packed",
        size.facts,
        made,
        spool.octets() >> 20
    ));
    let store = house.store()?;
    let spool: SharedSpool = Arc::new(Mutex::new(spool));
    let (before, begun) = (Usage::of(house.process())?, Instant::now());
    let uplink = Uplink::start(Arc::clone(&spool), &Identity::load(state)?)?;
    uplink.wake();
    let watched = watch(house, &store, made, begun)?;
    let seconds = watched.done.as_secs_f64();
    let after = Usage::of(house.process())?;
    let facts = f64::from(u32::try_from(size.facts)?);
    say(&format!(
        "ingest: {:.0} facts/s end to end ({seconds:.1} s; acknowledged after {:.1} s), {:.2} cores of \
         the server",
        facts / seconds,
        watched.acknowledged.as_secs_f64(),
        (after.cpu_s - before.cpu_s) / seconds
    ));
    let memory: Vec<String> = watched.memory.iter().map(|it| format!("{it:.0}")).collect();
    say(&format!(
        "server under ingest: {} MiB resident at each tenth, peak {:.0} MiB",
        memory.join(" "),
        after.peak_mib
    ));
    ensure!(uplink.finish(PATIENCE) == 0, "batches are left");
    std::thread::sleep(PAUSE * 100);
    let rest = Usage::of(house.process())?;
    say(&format!(
        "server after it: {:.0} MiB resident",
        rest.resident_mib
    ));
    Ok(())
}

/// Sends the captures of the fixtures, by the sensor's program.
pub(super) fn fixtures(programs: &Programs, house: &House<'_>, state: &Path) -> Result<()> {
    let mut captures = crate::tree::files("fixtures/captures", "zst")?;
    captures.sort();
    let store = house.store()?;
    let out = Command::new(&programs.sensor)
        .arg("read")
        .args(&captures)
        .arg(format!("--to=https://{}", house.address))
        .arg("--state")
        .arg(state)
        .stdin(Stdio::null())
        .output()?;
    ensure!(out.status.success(), "{out:?}");
    let begun = Instant::now();
    while store.committed()? < store.appended()? {
        ensure!(begun.elapsed() < PATIENCE, "the engine does not go on");
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

fn fill(spool: &mut Spool, size: Size, seed: u64) -> Result<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    // Before the fixtures, which were recorded at one time.
    let end = EventTime::from_unix_seconds(i64::try_from(now.as_secs())?.min(FIXTURES_S));
    let mut organisation = Organisation::new(size, seed, end);
    let mut batches = 0;
    while let Some(mut batch) = organisation.batch() {
        let mark = batch.events.last().context("an empty batch")?.order;
        match spool.append(&mut batch, mark)? {
            Appended::Kept(_) => batches += 1,
            other => bail!("the spool takes no more: {other:?}"),
        }
    }
    Ok(batches)
}

struct Watched {
    acknowledged: Duration,
    done: Duration,
    memory: Vec<f64>,
}

/// Waits until all is committed.
fn watch(house: &House<'_>, store: &Store, batches: u64, begun: Instant) -> Result<Watched> {
    let mut watched = Watched {
        acknowledged: Duration::ZERO,
        done: Duration::ZERO,
        memory: Vec::new(),
    };
    let (first, mut last) = (store.committed()?, (Position::default(), begun));
    loop {
        let (appended, committed) = (store.appended()?, store.committed()?);
        if last.0 < committed {
            last = (committed, Instant::now());
        }
        ensure!(last.1.elapsed() < PATIENCE, "the engine does not go on");
        let done = committed.0 - first.0;
        if watched.memory.len() as u64 <= done * 10 / batches {
            watched
                .memory
                .push(Usage::of(house.process())?.resident_mib);
        }
        if watched.acknowledged.is_zero() && batches <= appended.0 - first.0 {
            watched.acknowledged = begun.elapsed();
        }
        if batches <= done {
            watched.done = begun.elapsed();
            return Ok(watched);
        }
        std::thread::sleep(PAUSE);
    }
}

const SPOOL_OCTETS: u64 = 64 << 30;
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// 2026-11-24, the morning of the day on which the fixtures were recorded.
const FIXTURES_S: i64 = 1_795_478_400;
