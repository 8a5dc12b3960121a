//! Law 1 and law 11 of the house: who may depend on whom, and on what.

use anyhow::{Context as _, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// Every edge between crates that breaks a law.
pub(crate) fn check() -> Result<Vec<String>> {
    let out = Command::new("cargo")
        .args(["metadata", "--format-version=1", "--no-deps"])
        .current_dir(crate::tree::root())
        .output()
        .context("cargo metadata")?;
    let metadata: Value = serde_json::from_slice(&out.stdout).context("cargo metadata")?;
    let packages: Vec<&Value> = metadata
        .pointer("/packages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .collect();
    let floors: BTreeMap<&str, u64> = packages
        .iter()
        .filter_map(|it| {
            Some((
                it.pointer("/name")?.as_str()?,
                it.pointer("/metadata/house/floor")?.as_u64()?,
            ))
        })
        .collect();
    let mut faults = Vec::new();
    for package in packages {
        check_package(package, &floors, &mut faults);
    }
    Ok(faults)
}

fn check_package(package: &Value, floors: &BTreeMap<&str, u64>, faults: &mut Vec<String>) {
    let name = text(package, "/name");
    let Some(mine) = floors.get(name) else {
        faults.push(format!("{name}: no floor under [package.metadata.house]"));
        return;
    };
    let edges = package
        .pointer("/dependencies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for edge in edges.filter(|edge| edge.pointer("/kind").is_none_or(Value::is_null)) {
        let other = text(edge, "/name");
        if let Some(theirs) = floors.get(other) {
            if mine <= theirs {
                faults.push(format!(
                    "{name} (floor {mine}) may not depend on {other} (floor {theirs})"
                ));
            }
        } else if let Some((_, least)) = LEAST_FLOOR.iter().find(|(it, _)| *it == other)
            && mine < least
        {
            faults.push(format!(
                "{name} (floor {mine}) may not depend on {other} (only from floor {least} up)"
            ));
        }
        if NEVER_BELOW_SERDE.contains(&name) && other == "serde" {
            faults.push(format!(
                "{name} may not depend on serde: events are made above it"
            ));
        }
        if other == "kerberos_asn1" && name != "xtask" {
            faults.push(format!(
                "{name} may not ship kerberos_asn1 (AGPL, panics on hostile bytes)"
            ));
        }
    }
}

fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    value
        .pointer(at)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Libraries that belong to the edge, and the lowest floor that may use them.
const LEAST_FLOOR: &[(&str, u64)] = &[
    ("anyhow", 8),
    ("axum", 8),
    ("clap", 8),
    ("crossbeam-channel", 8),
    ("hyper", 8),
    ("indicatif", 9),
    ("reqwest", 8),
    ("serde_json", 7),
    ("tokio", 8),
    ("tracing", 7),
];

/// Rooms that know bytes and not records.
const NEVER_BELOW_SERDE: &[&str] = &["realmward-stream", "realmward-protocols"];
