//! `truth.json`: one object a capture, as `docs/truth.md` says.
//!
//! Strict, because a truth that is half read flatters: an unknown key, a word that is none of the
//! words, an address that is none, a capture named twice or missing are faults, each told with the
//! file and the place.

use super::{Demand, Expectation, Folder, Labelled, Reason, claimed, none_missing};
use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::{Component, Path};

/// Reads `truth.json` of the folder, and finds the captures beside it that it does not name.
pub(super) fn read(folder: &Path, called: &str) -> Result<Folder> {
    let path = folder.join("truth.json");
    let place = || path.display().to_string();
    let text = fs::read_to_string(&path).with_context(place)?;
    let captures = parse(&text, folder, called).with_context(place)?;
    none_missing(&captures).with_context(place)?;
    let known: BTreeSet<&Path> = captures.iter().map(|it| it.path.as_path()).collect();
    let mut unlabelled = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).with_context(|| inner.display().to_string())? {
            let path = entry?.path();
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy();
            if path.is_dir() {
                folders.push(path);
            } else if is_capture(&name) && !known.contains(path.as_path()) {
                unlabelled.push(format!("{called}/{name}"));
            }
        }
    }
    unlabelled.sort();
    Ok(Folder {
        labelled: captures,
        unlabelled,
    })
}

fn parse(text: &str, folder: &Path, called: &str) -> Result<Vec<Labelled>> {
    let truths: Vec<Truth> = serde_json::from_str(text)?;
    let mut names = BTreeSet::new();
    let mut captures = Vec::new();
    for (number, truth) in (1..).zip(truths) {
        let place = format!("capture {number} (`{}`)", truth.file);
        ensure!(
            names.insert(truth.file.clone()),
            "{place}: is named a second time"
        );
        let path = folder.join(&truth.file);
        captures.push(Labelled {
            name: format!("{called}/{}", truth.file),
            path,
            title: truth.title(),
            technique: truth.technique_id(),
            variant: truth.variant(),
            known_fault: truth.known_fault.clone(),
            honeytokens: truth.honeytokens.clone(),
            habit_days: truth.habit_days().context(place.clone())?,
            expectation: truth.expectation().context(place)?,
        });
    }
    captures.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(captures)
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Attack,
    #[serde(alias = "benign")]
    Honest,
    #[serde(alias = "malformed")]
    Damaged,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Truth {
    file: String,
    kind: Kind,
    title: Option<String>,
    technique: Option<String>,
    variant: Option<String>,
    source: Option<String>,
    account: Option<String>,
    target: Option<String>,
    #[serde(default)]
    expect_any: Vec<Value>,
    required: Option<bool>,
    not_told_because: Option<Reason>,
    known_fault: Option<String>,
    #[serde(default = "bait")]
    honeytokens: Vec<String>,
    #[serde(default)]
    habit: u32,
    note: Option<String>,
    /// For people, as `start`, `end` and `checks`.
    #[serde(rename = "twins")]
    _twins: Option<Vec<String>>,
    #[serde(rename = "start")]
    _start: Option<f64>,
    #[serde(rename = "end")]
    _end: Option<f64>,
    #[serde(rename = "checks")]
    _checks: Option<Value>,
    /// The technique's id in files whose `technique` is a title.
    mitre: Option<String>,
}

impl Truth {
    fn title(&self) -> String {
        let words = self.technique.as_ref().filter(|it| !is_technique(it));
        let title = self.title.as_ref().or(words).or(self.note.as_ref());
        title.cloned().unwrap_or_default()
    }

    fn technique_id(&self) -> Option<String> {
        let id = self.technique.as_ref().filter(|it| is_technique(it));
        id.or(self.mitre.as_ref()).cloned()
    }

    fn variant(&self) -> Option<String> {
        let plain = || "plain".to_owned();
        (self.kind == Kind::Attack).then(|| self.variant.clone().unwrap_or_else(plain))
    }

    /// An attack is nobody's habit.
    fn habit_days(&self) -> Result<u32> {
        ensure!(
            self.habit == 0 || self.kind == Kind::Honest,
            "`habit` is said of what is honest"
        );
        ensure!(
            self.habit <= HABIT_DAYS_MAX,
            "`habit` is more than {HABIT_DAYS_MAX} days"
        );
        Ok(self.habit)
    }

    fn expectation(&self) -> Result<Expectation> {
        let path = Path::new(&self.file);
        ensure!(
            path.components()
                .all(|it| matches!(it, Component::Normal(_))),
            "`file` leaves the folder"
        );
        match self.kind {
            Kind::Attack => Ok(Expectation::Attack(self.demand()?)),
            Kind::Honest | Kind::Damaged => {
                ensure!(
                    self.expect_any.is_empty() && self.required != Some(true),
                    "only an attack is told: `expect_any` must be empty"
                );
                Ok(if self.kind == Kind::Honest {
                    Expectation::Honest
                } else {
                    Expectation::Damaged
                })
            }
        }
    }

    fn demand(&self) -> Result<Demand> {
        let told_by: Vec<String> = self.expect_any.iter().map(id).collect::<Result<_>>()?;
        ensure!(
            !told_by.is_empty(),
            "an attack needs `expect_any`: who must tell of it"
        );
        ensure!(
            self.technique_id().is_none_or(|it| is_technique(&it)),
            "`technique` is no ATT&CK id"
        );
        let detectors = claimed(&told_by);
        let source = self.source.clone().filter(|it| !it.is_empty());
        if let Some(source) = &source {
            ensure!(
                source.parse::<IpAddr>().is_ok(),
                "`source` is no address: `{source}`"
            );
        }
        // What is not told because of a fault of ours must be told.
        let is_due = self.required == Some(true) || self.not_told_because == Some(Reason::Defect);
        let unsaid = (!is_due).then_some(Reason::NotDemanded);
        let said = self.not_told_because.filter(|it| *it != Reason::Defect);
        ensure!(
            self.required != Some(true) || self.not_told_because.is_none(),
            "`required` is true, yet `not_told_because` says why it is not told"
        );
        let unbuilt = detectors.is_empty().then_some(Reason::NotBuilt);
        Ok(Demand {
            excused: said.or(unbuilt).or(unsaid),
            told_by,
            detectors,
            source,
            actors: list(self.account.as_deref()).map(str::to_owned).collect(),
            targets: list(self.target.as_deref()).filter_map(address).collect(),
        })
    }
}

fn id(value: &Value) -> Result<String> {
    match value {
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        other => bail!("`expect_any` holds `{other}`: neither a number nor the id of a detection"),
    }
}

fn list(words: Option<&str>) -> impl Iterator<Item = &str> {
    let words = words.unwrap_or_default().split(',').map(str::trim);
    words.filter(|it| !it.is_empty() && *it != "-")
}

/// `T1003` or `T1003.006`.
fn is_technique(text: &str) -> bool {
    let digits = |it: &str, count| it.len() == count && it.bytes().all(|it| it.is_ascii_digit());
    let Some(rest) = text.strip_prefix('T') else {
        return false;
    };
    match rest.split_once('.') {
        Some((main, sub)) => digits(main, 4) && digits(sub, 3),
        None => digits(rest, 4),
    }
}

/// An address, or a machine of the project's lab. Other words are for people and bind nothing.
fn address(name: &str) -> Option<String> {
    let address = match name {
        "dc1" => "10.77.0.10",
        "dc2" => "10.77.0.11",
        "ws1" => "10.77.0.21",
        "ws2" => "10.77.0.22",
        other => return other.parse::<IpAddr>().ok().map(|it| it.to_string()),
    };
    Some(address.to_owned())
}

fn is_capture(name: &str) -> bool {
    let name = name.strip_suffix(".zst").unwrap_or(name);
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let end = Path::new(name).extension();
    end.is_some_and(|it| ["pcap", "pcapng", "cap"].iter().any(|end| it == *end))
}

/// The bait account of the project's lab; elsewhere nobody has it, so that it does no harm.
fn bait() -> Vec<String> {
    vec!["svc-backup-old".to_owned()]
}

/// Detections look back a month.
const HABIT_DAYS_MAX: u32 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(json: &str) -> String {
        let error = parse(json, Path::new("captures"), "captures").expect_err(json);
        format!("{error:#}")
    }

    #[test]
    fn a_faulty_truth_is_told_with_its_place_and_fault() {
        for (json, expected) in [
            ("[{}]", "missing field `file` at line 1 column 3"),
            (
                "[\n{\"file\": \"a.pcap\", \"kind\": \"attak\"}]",
                "unknown variant `attak`, expected one of `attack`, `benign`, `honest`, `damaged`, `malformed` at line 2",
            ),
            (
                r#"[{"file": "a.pcap", "kind": "honest", "expect": []}]"#,
                "unknown field `expect`",
            ),
            (
                r#"[{"file": "a.pcap", "kind": "attack"}]"#,
                "capture 1 (`a.pcap`): an attack needs `expect_any`: who must tell of it",
            ),
            (
                r#"[{"file": "a.pcap", "kind": "attack", "expect_any": [true]}]"#,
                "capture 1 (`a.pcap`): `expect_any` holds `true`",
            ),
            (
                r#"[{"file": "a.pcap", "kind": "honest", "expect_any": [2006]}]"#,
                "capture 1 (`a.pcap`): only an attack is told",
            ),
            (
                r#"[{"file": "a.pcap", "kind": "attack", "expect_any": [2006], "source": "ws1"}]"#,
                "capture 1 (`a.pcap`): `source` is no address: `ws1`",
            ),
            (
                r#"[{"file": "a.pcap", "kind": "attack", "expect_any": [2006], "mitre": "DCSync"}]"#,
                "capture 1 (`a.pcap`): `technique` is no ATT&CK id",
            ),
            (
                r#"[{"file": "a.pcap", "kind": "attack", "expect_any": [2006], "required": true, "not_told_because": "encrypted"}]"#,
                "capture 1 (`a.pcap`): `required` is true, yet",
            ),
            (
                r#"[{"file": "a.pcap", "kind": "attack", "expect_any": [2006], "habit": 5}]"#,
                "capture 1 (`a.pcap`): `habit` is said of what is honest",
            ),
            (
                r#"[{"file": "a.pcap", "kind": "honest", "habit": 31}]"#,
                "capture 1 (`a.pcap`): `habit` is more than 30 days",
            ),
            (
                r#"[{"file": "../a.pcap", "kind": "honest"}]"#,
                "capture 1 (`../a.pcap`): `file` leaves the folder",
            ),
            (
                r#"[{"file": "a.pcap", "kind": "honest"}, {"file": "a.pcap", "kind": "honest"}]"#,
                "capture 2 (`a.pcap`): is named a second time",
            ),
        ] {
            let told = fault(json);
            assert!(told.contains(expected), "{json}\n{told}");
        }
    }

    fn demand(json: &str) -> Demand {
        let captures = parse(json, Path::new("captures"), "captures").expect(json);
        match &captures[0].expectation {
            Expectation::Attack(demand) => demand.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_must_be_told_is_read_in_both_spellings() {
        let new = r#"[{"file": "a.pcap", "kind": "attack", "title": "t", "technique": "T1003.006",
            "source": "10.0.0.1", "account": "eve, mal", "target": "10.0.0.2,10.0.0.3",
            "expect_any": ["2006"], "required": true}]"#;
        let old = r#"[{"file": "a.pcap", "kind": "attack", "technique": "t", "mitre": "T1003.006",
            "source": "10.0.0.1", "account": "eve,mal", "target": "10.0.0.2, 10.0.0.3, all hosts",
            "start": 1.5, "end": 2, "expect_any": [2006], "required": true, "note": ""}]"#;
        for json in [new, old] {
            let demand = demand(json);
            assert_eq!(
                demand.to_string(),
                "directory_replication by eve or mal from 10.0.0.1 on 10.0.0.2 or 10.0.0.3"
            );
            assert_eq!(demand.excused, None);
        }
    }

    #[test]
    fn what_nobody_claims_is_excused_as_not_built_unless_its_truth_says_why() {
        for (more, expected) in [
            (
                r#""expect_any": ["9999"], "required": true"#,
                Some(Reason::NotBuilt),
            ),
            (r#""expect_any": [2006], "required": true"#, None),
            (
                r#""expect_any": [2006], "required": false"#,
                Some(Reason::NotDemanded),
            ),
            (
                r#""expect_any": ["9999"], "not_told_because": "encrypted""#,
                Some(Reason::Encrypted),
            ),
            (
                r#""expect_any": [2006], "not_told_because": "defect""#,
                None,
            ),
        ] {
            let json = format!(r#"[{{"file": "a.pcap", "kind": "attack", {more}}}]"#);
            assert_eq!(demand(&json).excused, expected, "{json}");
        }
    }
}
