//! From the last packet that proves an attack to its alert, at the API and on the timeline.
//!
//! The packet's time is what the kernel stamped on it at the mirror end, and what the alert calls its
//! end; the page's is when an answer that holds the alert was read. Both are of one clock.

use super::tap::Tap;
use super::wire::Pace;
use super::{Lab, capture, say};
use crate::figures::Figures;
use crate::house::{Client, House};
use anyhow::{Context as _, Result, ensure};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// Replays attacks, round after round.
pub(super) fn run(lab: &Lab, rounds: u32, smoke: bool) -> Result<()> {
    let (attacks, rounds) = if smoke {
        (1, 1)
    } else {
        (ATTACKS.len(), rounds)
    };
    let mut found: BTreeMap<&str, Latency> = BTreeMap::new();
    let background = capture::background(&lab.folder)?;
    for _ in 0..rounds {
        let room = lab.fresh("latency")?;
        let house = House::open(&lab.programs, &room.join("data"))?;
        let mut client = house.administrator()?;
        house.join("tap", &room.join("state"))?;
        let tap = Tap::open(lab, &room.join("state"), "server", &[])?;
        let background = lab.wire.begin(&background, Pace::Trickle(BACKGROUND))?;
        for (name, detector) in ATTACKS.iter().take(attacks) {
            let latency = found.entry(name).or_default();
            one(lab, &mut client, name, detector, latency)?;
        }
        background.end()?;
        tap.finish()?;
        house.stop()?;
    }
    say(&format!(
        "from the last packet of proof to the alert, {rounds} rounds, in ms:"
    ));
    say("  API median   worst   timeline median   worst   attack");
    let mut all = Latency::default();
    for (name, latency) in &found {
        print(name, latency);
        all.api.extend(&latency.api);
        all.page.extend(&latency.page);
    }
    print("all", &all);
    Ok(())
}

fn print(name: &str, latency: &Latency) {
    say(&format!(
        "{:>12.0} {:>7.0} {:>17.0} {:>7.0}   {name}",
        latency.api.median(),
        latency.api.worst(),
        latency.page.median(),
        latency.page.worst()
    ));
}

#[derive(Default)]
struct Latency {
    api: Figures,
    page: Figures,
}

/// Replays one attack at its own pace and waits for its alert.
fn one(
    lab: &Lab,
    client: &mut Client,
    name: &str,
    detector: &str,
    latency: &mut Latency,
) -> Result<()> {
    let capture = capture::fixture(name, &lab.folder)?;
    let before = alerts(client)?;
    let mut replay = lab.wire.begin(&capture, Pace::Own)?;
    let mut over: Option<Instant> = None;
    loop {
        for alert in alerts(client)? {
            if before.iter().any(|it| it.id == alert.id) || alert.detector != detector {
                continue;
            }
            latency.api.add(since(alert.end)?);
            let link = format!("/alerts/{}", alert.id);
            let shown = Instant::now();
            while !client.get("/")?.text().contains(&link) {
                ensure!(shown.elapsed() < PATIENCE, "{name}: {link} is not shown");
                sleep(PAUSE);
            }
            latency.page.add(since(alert.end)?);
            replay.finish()?;
            return Ok(());
        }
        if over.is_none() && replay.is_over()? {
            over = Some(Instant::now());
        }
        let waited = over.is_some_and(|it| PATIENCE < it.elapsed());
        ensure!(
            !waited,
            "{name}: no alert of {detector} within {PATIENCE:?}"
        );
        sleep(PAUSE);
    }
}

struct Seen {
    id: u64,
    detector: String,
    end: Timestamp,
}

fn alerts(client: &mut Client) -> Result<Vec<Seen>> {
    let answer = client.get("/api/v1/alerts?limit=100")?.json()?;
    let alerts = answer.get("alerts").and_then(Value::as_array);
    let alerts = alerts.with_context(|| answer.to_string())?;
    let seen = alerts.iter().map(|it| {
        let end = it.get("end").and_then(Value::as_str).context("no end")?;
        Ok(Seen {
            id: it.get("id").and_then(Value::as_u64).context("no id")?,
            detector: it
                .get("detector")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            end: end.parse()?,
        })
    });
    seen.collect()
}

/// How long ago that was.
fn since(time: Timestamp) -> Result<Duration> {
    let now = Timestamp::try_from(SystemTime::now())?;
    Ok(now.duration_since(time).unsigned_abs())
}

/// Captures, and the detector that must raise an alert of each.
const ATTACKS: &[(&str, &str)] = &[
    ("a14_pass_the_hash", "pass_the_hash"),
    ("a15_overpass_hash_rc4", "overpass_the_hash"),
    ("a17_golden_ticket", "ticket_not_issued"),
    ("a20_pass_the_ticket", "pass_the_ticket"),
    ("a25_session_enum", "session_enumeration"),
    ("a27_psexec", "remote_execution"),
    ("a01_dcsync_krbtgt", "directory_replication"),
];

/// Answers of a name server in a second: detections go by the time of what is told.
const BACKGROUND: u32 = 2;

/// Some detections wait a minute by design for what would clear the suspect.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(4);
