//! What is known of a capture, in the form of `docs/truth.md`.

use super::host::Host;
use super::record::Act;
use super::scenario::{Kind, Scenario};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// The truth of a scenario that was played from `start` to `end`, in seconds since 1970.
pub(super) fn of(scenario: &Scenario, file: &str, start: f64, end: f64) -> Result<Value> {
    let seen = |name: &String| Host::named(name).map(|it| it.address_seen());
    let target: Vec<String> = scenario.target.iter().map(seen).collect::<Result<_>>()?;
    let attack = scenario.kind == Kind::Attack;
    let excused = scenario.not_told_because.is_some();
    let mut truth = json!({
        "file": file,
        "kind": scenario.kind.word(),
        "title": scenario.title,
        "technique": scenario.technique,
        "variant": attack.then_some(&scenario.variant),
        "twins": scenario.twins,
        "source": Host::named(&scenario.source)?.address_seen(),
        "account": scenario.actor.join(","),
        "target": target.join(","),
        "start": start,
        "end": end,
        "expect_any": scenario.told_by,
        "required": attack.then_some(!excused),
        "not_told_because": scenario.not_told_because,
        "known_fault": scenario.known_fault,
        "habit": scenario.habit,
        "note": scenario.note,
    });
    if let Some(fields) = truth.as_object_mut() {
        fields.retain(|_, value| !value.is_null() && *value != "" && *value != json!([]));
    }
    Ok(truth)
}

/// Writes it beside the capture.
pub(super) fn write(scenario: &Scenario, act: Act, out: &Path) -> Result<()> {
    let file = format!("{}.pcap", scenario.name);
    let truth = of(scenario, &file, seconds(act.start)?, seconds(act.end)?)?;
    let path = out.join(format!("{}.json", scenario.name));
    fs::write(&path, serde_json::to_string_pretty(&truth)? + "\n")
        .with_context(|| path.display().to_string())
}

/// What was written beside a capture, as the scenario says it now and for a file of this name;
/// `None` if the scenario was not played.
pub(super) fn reread(scenario: &Scenario, from: &Path, file: &str) -> Result<Option<Value>> {
    let path = from.join(format!("{}.json", scenario.name));
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(None);
    };
    let place = || path.display().to_string();
    let written: Value = serde_json::from_str(&text).with_context(place)?;
    let time = |key: &str| {
        let time = written.get(key).and_then(Value::as_f64);
        time.with_context(|| format!("{}: no `{key}`", path.display()))
    };
    of(scenario, file, time("start")?, time("end")?).map(Some)
}

/// To the millisecond: more says nothing about an act.
pub(super) fn seconds(time: SystemTime) -> Result<f64> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH)?;
    Ok((since.as_secs_f64() * 1000.0).round() / 1000.0)
}
