//! Public captures, which are not ours to publish: `public/manifest.tsv` of the corpora says what
//! is there, `fixtures/public-captures.tsv` what must be told of which, `fixtures/public-labels.tsv`
//! what the manifest's labels mean and why the rest of the attacks need not be told.

use super::{Demand, Expectation, Folder, Labelled, Reason, claimed};
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(super) fn read(corpora: &Path, fixtures: &Path) -> Result<Folder> {
    let folder = corpora.join("public");
    let mut wanted = wanted(&fixtures.join("public-captures.tsv"))?;
    let labels = labels(&fixtures.join("public-labels.tsv"))?;
    let manifest = folder.join("manifest.tsv");
    let mut found = Folder::default();
    for (place, [file, kind, label]) in rows(&manifest)? {
        let name = format!("public/{file}");
        let is_attack = kind == "attack";
        let expectation = match kind.as_str() {
            "benign" => Expectation::Honest,
            "malformed" => Expectation::Damaged,
            "attack" => {
                let label = labels.get(&label);
                let label = label.with_context(|| {
                    format!("{place}: public-labels.tsv has no label of `{name}`")
                })?;
                Expectation::Attack(wanted.remove(&file).unwrap_or_else(|| label.demand.clone()))
            }
            // Windows event sets, and whatever else is no capture.
            _ => continue,
        };
        let technique = labels.get(&label).and_then(|it| it.technique.clone());
        found.labelled.push(Labelled {
            path: folder.join(&file),
            name,
            title: label,
            technique: technique.filter(|_| is_attack),
            variant: None,
            expectation,
            known_fault: None,
            honeytokens: Vec::new(),
            habit_days: 0,
        });
    }
    let left: Vec<&str> = wanted.keys().map(String::as_str).collect();
    ensure!(
        left.is_empty(),
        "in public-captures.tsv and no attack of {}: {}",
        manifest.display(),
        left.join(", ")
    );
    Ok(found)
}

struct Label {
    technique: Option<String>,
    demand: Demand,
}

fn labels(path: &Path) -> Result<BTreeMap<String, Label>> {
    let mut labels = BTreeMap::new();
    for (place, [label, technique, ids, reason]) in rows(path)? {
        let told_by: Vec<String> = list(&ids);
        let detectors = claimed(&told_by);
        let reason: Reason = serde_json::from_value(reason.clone().into())
            .with_context(|| format!("{place}: `{reason}` is no reason"))?;
        ensure!(
            reason != Reason::Defect,
            "{place}: a defect excuses nothing"
        );
        let is_unbuilt = reason == Reason::NotDemanded && detectors.is_empty();
        let demand = Demand {
            told_by,
            detectors,
            excused: Some(if is_unbuilt { Reason::NotBuilt } else { reason }),
            ..Demand::default()
        };
        let technique = (!technique.is_empty()).then_some(technique);
        labels.insert(label, Label { technique, demand });
    }
    Ok(labels)
}

fn wanted(path: &Path) -> Result<BTreeMap<String, Demand>> {
    let mut wanted = BTreeMap::new();
    for (place, [file, ids, source, actor, targets]) in rows(path)? {
        let told_by: Vec<String> = list(&ids);
        let detectors = claimed(&told_by);
        ensure!(
            !detectors.is_empty(),
            "{place}: no detection is one of `{ids}`"
        );
        let demand = Demand {
            told_by,
            detectors,
            source: (!source.is_empty()).then_some(source),
            actors: list(&actor),
            targets: list(&targets),
            excused: None,
        };
        wanted.insert(file, demand);
    }
    Ok(wanted)
}

/// The first `N` columns of each line, with its place; `#` begins a comment, `file` the heading.
fn rows<const N: usize>(path: &Path) -> Result<Vec<(String, [String; N])>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with('#') || line.starts_with("file\t") {
            continue;
        }
        let place = format!("{}:{number}", path.display());
        let columns: Vec<String> = line.split('\t').take(N).map(str::to_owned).collect();
        let columns: Option<[String; N]> = columns.try_into().ok();
        let columns = columns.with_context(|| format!("{place}: not {N} columns"))?;
        rows.push((place, columns));
    }
    Ok(rows)
}

fn list(words: &str) -> Vec<String> {
    let words = words.split(',').filter(|it| !it.is_empty());
    words.map(str::to_owned).collect()
}
