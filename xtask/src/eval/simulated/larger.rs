//! Organisations larger than those of the main table, a row each, kept from run to run.
//!
//! They take long, so they are run one at a time (`--larger`), and the page keeps
//! what each run found.

use super::Options;
use super::measure::{Estimate, mean};
use super::outcome::Trial;
use super::scores::{Way, number};
use crate::simulate::numbers::float;
use crate::tree;
use anyhow::{Context as _, Result};
use realmward_detect::Severity;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// The rows that were kept.
pub(super) fn kept() -> Vec<Value> {
    let text = fs::read_to_string(json_path()).unwrap_or_default();
    let whole: Value = serde_json::from_str(&text).unwrap_or_default();
    let rows = whole.get("larger").and_then(Value::as_array);
    rows.cloned().unwrap_or_default()
}

/// Keeps what a run found in the page and the JSON, in the place of an earlier run of that size.
pub(super) fn keep(options: &Options, trials: &[Trial], took: Duration) -> Result<()> {
    let mut rows = kept();
    rows.retain(|it| it.get("users") != Some(&json!(options.users)));
    rows.push(row(options, trials, took)?);
    rows.sort_by_key(|it| it.get("users").and_then(Value::as_u64));
    let text = fs::read_to_string(json_path())?;
    let mut whole: serde_json::Map<String, Value> = serde_json::from_str(&text)?;
    whole.insert("larger".to_owned(), json!(rows));
    fs::write(json_path(), serde_json::to_string_pretty(&whole)? + "\n")?;
    let path = tree::root().join("docs/scoreboard-simulated.md");
    let page = fs::read_to_string(&path)?;
    let (before, after) = page.split_once(NEXT).context("the page has lost its end")?;
    let before = before.split(TITLE).next().unwrap_or(before);
    fs::write(path, format!("{before}{}{NEXT}{after}", section(&rows)))?;
    Ok(())
}

/// The section of the page; empty if nothing was kept.
pub(super) fn section(rows: &[Value]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut section = format!(
        "{TITLE}\n\n\
         The same by size, ordered by priority; each row is a run of its own on a shared machine.\n\
         Places are medians over all intruders; the last columns are a day and 1,000 accounts, without what operators exclude.\n\n\
         | people | seeds | million events | minutes | GiB | place, 1 h | 24 h | 72 h | in 10, 24 h | in 10, 72 h | honest red | high alerts | medium | low |\n\
         | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    for row in rows {
        let number = |key: &str| row.get(key).and_then(Value::as_f64).unwrap_or_default();
        let _ = writeln!(
            section,
            "| {} | {} | {:.1} | {:.0} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0} % | {:.0} % | {:.2} | {:.2} | {:.2} | {:.2} |",
            number("users"),
            row.get("seeds").and_then(Value::as_str).unwrap_or_default(),
            number("events") / 1e6,
            number("seconds") / 60.0,
            number("mebibytes") / 1_024.0,
            number("place_1h"),
            number("place_24h"),
            number("place_72h"),
            number("in_10_24h") * 100.0,
            number("in_10_72h") * 100.0,
            number("red"),
            number("high"),
            number("medium"),
            number("low"),
        );
    }
    section.push('\n');
    section
}

fn row(options: &Options, trials: &[Trial], took: Duration) -> Result<Value> {
    let places = |at: usize| -> Vec<_> {
        let all = trials.iter();
        all.filter_map(|it| it.places.get(&(at, Way::Priority)))
            .collect()
    };
    let place = |at: usize| {
        let ranks: Vec<f64> = places(at).iter().map(|it| it.rank).collect();
        Estimate::median(&ranks).value
    };
    let in_ten = |at: usize| {
        let within: Vec<f64> = places(at).iter().map(|it| it.within[2]).collect();
        mean(&within)
    };
    let exposure: f64 = trials.iter().map(|it| it.days * it.users / 1_000.0).sum();
    let alerts = |severity: Severity| {
        let counts = trials.iter().flat_map(|it| &it.honest);
        let kept: u64 = (counts.filter(|((_, it), _)| *it == severity))
            .map(|(_, (_, kept))| *kept)
            .sum();
        float(kept) / exposure.max(1e-9)
    };
    let red: Vec<f64> = (trials.iter())
        .flat_map(|it| {
            it.red
                .iter()
                .map(|(all, _)| number(*all) * 1_000.0 / it.users)
        })
        .collect();
    Ok(json!({
        "users": options.users,
        "seeds": super::page::seeds(options),
        "intruders": trials.len(),
        "events": trials.iter().map(|it| it.events).max().unwrap_or(0),
        "seconds": took.as_secs(),
        "mebibytes": realmward_testkit::run::peak_mib()?,
        "place_1h": place(0), "place_24h": place(1), "place_72h": place(2),
        "in_10_24h": in_ten(1), "in_10_72h": in_ten(2),
        "red": mean(&red),
        "high": alerts(Severity::High),
        "medium": alerts(Severity::Medium),
        "low": alerts(Severity::Low),
    }))
}

fn json_path() -> PathBuf {
    tree::root().join("docs/scoreboard-simulated.json")
}

const TITLE: &str = "## Larger organisations";

/// What stands behind the section.
const NEXT: &str = "## Published figures";
