//! Captures with known contents: what must be told of them, and what must not.
//!
//! Three sources, one form: `lab/truth.json` and `public/manifest.tsv` of the corpora, and
//! `fixtures/public-captures.tsv`, which says what must be told of public captures.

use anyhow::{Context as _, Result, bail};
use realmward_detect::{Metadata, detectors};
use realmward_pipeline::PipelineSettings;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A capture and what is known of it.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// The path below its folder.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What must or must not be told.
    pub expectation: Expectation,
    /// Bait accounts in it.
    pub honeytokens: Vec<String>,
}

/// What must or must not be told of a capture.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// One of these detectors must raise an alert with this source, actor and target.
    Raises {
        /// Any of these.
        detectors: Vec<&'static Metadata>,
        /// Address of the source; `None` if any.
        source: Option<String>,
        /// Accounts, any of which must act; empty if hidden in the packets.
        actors: Vec<String>,
        /// Addresses, any of which must be a target; empty if any.
        targets: Vec<String>,
    },
    /// No alert of medium severity or higher.
    Honest,
    /// No alert of high severity, and no crash.
    Damaged,
    /// An attack that no detector claims yet, or that encryption hides: anything may be told.
    Open,
}

/// All labelled captures below `corpora`.
///
/// # Errors
///
/// When a truth file cannot be read, or names a capture that is not there.
pub fn all(corpora: &Path, fixtures: &Path) -> Result<Vec<Labelled>> {
    let mut captures = lab(&corpora.join("lab"))?;
    captures.push(Labelled {
        name: "lab/load-110s.pcap.zst".to_owned(),
        path: corpora.join("lab/load-110s.pcap.zst"),
        expectation: Expectation::Honest,
        honeytokens: Vec::new(),
    });
    captures.extend(public(corpora, fixtures)?);
    none_missing(&captures)?;
    Ok(captures)
}

/// The captures of this repository.
///
/// # Errors
///
/// When their truth file cannot be read, or names a capture that is not there.
pub fn committed(fixtures: &Path) -> Result<Vec<Labelled>> {
    let captures = lab(&fixtures.join("captures"))?;
    none_missing(&captures)?;
    Ok(captures)
}

impl Labelled {
    /// What the operator of the capture would set.
    #[must_use]
    pub fn settings(&self) -> PipelineSettings {
        let mut settings = PipelineSettings::default();
        settings.profile.honeytokens = self
            .honeytokens
            .iter()
            .map(|it| it.as_str().into())
            .collect();
        settings
    }
}

fn none_missing(captures: &[Labelled]) -> Result<()> {
    let missing: Vec<&str> = captures
        .iter()
        .filter(|it| !it.path.is_file())
        .map(|it| it.name.as_str())
        .collect();
    if !missing.is_empty() {
        bail!(
            "{} listed captures are missing: {}",
            missing.len(),
            missing.join(", ")
        );
    }
    Ok(())
}

#[derive(Deserialize)]
struct LabTruth {
    file: String,
    kind: String,
    source: String,
    account: String,
    target: String,
    expect_any: Vec<serde_json::Value>,
    required: Option<bool>,
}

fn lab(folder: &Path) -> Result<Vec<Labelled>> {
    let path = folder.join("truth.json");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let truths: Vec<LabTruth> =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    Ok(truths
        .into_iter()
        .map(|truth| Labelled {
            name: format!("lab/{}", truth.file),
            path: folder.join(&truth.file),
            expectation: truth.expectation(),
            honeytokens: vec!["svc-backup-old".to_owned()],
        })
        .collect())
}

impl LabTruth {
    fn expectation(&self) -> Expectation {
        if self.kind == "benign" {
            return Expectation::Honest;
        }
        let detectors = claimed(self.expect_any.iter().map(ToString::to_string));
        if detectors.is_empty() || self.required != Some(true) {
            return Expectation::Open;
        }
        Expectation::Raises {
            detectors,
            source: Some(self.source.clone()),
            actors: self.account.split(',').map(str::to_owned).collect(),
            targets: self.target.split(',').filter_map(lab_address).collect(),
        }
    }
}

/// The detectors of the register that one of `wanted` (external ids or quoted detector ids) names.
fn claimed(wanted: impl Iterator<Item = String>) -> Vec<&'static Metadata> {
    let wanted: Vec<String> = wanted.map(|it| it.trim_matches('"').to_owned()).collect();
    detectors::ALL
        .iter()
        .map(|it| &it.metadata)
        .filter(|it| {
            let external = it.external_id.map(|id| id.to_string());
            wanted
                .iter()
                .any(|w| w == it.id || external.as_ref() == Some(w))
        })
        .collect()
}

/// Hosts of the lab by the names that its truth file uses; `None` for "all hosts".
fn lab_address(name: &str) -> Option<String> {
    let address = match name.trim() {
        "dc1" => "10.77.0.10",
        "dc2" => "10.77.0.11",
        "ws1" => "10.77.0.21",
        "ws2" => "10.77.0.22",
        other => {
            return other
                .parse::<std::net::IpAddr>()
                .ok()
                .map(|it| it.to_string());
        }
    };
    Some(address.to_owned())
}

fn public(corpora: &Path, fixtures: &Path) -> Result<Vec<Labelled>> {
    let folder = corpora.join("public");
    let wanted = wanted(&fixtures.join("public-captures.tsv"))?;
    let path = folder.join("manifest.tsv");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut captures = Vec::new();
    for line in text.lines().skip(1) {
        let mut columns = line.split('\t');
        let (Some(file), Some(kind)) = (columns.next(), columns.next()) else {
            bail!("{}: `{line}` has no two columns", path.display());
        };
        let honest = match kind {
            "benign" => Expectation::Honest,
            "malformed" => Expectation::Damaged,
            "attack" => Expectation::Open,
            _ => continue,
        };
        captures.push(Labelled {
            name: format!("public/{file}"),
            path: folder.join(file),
            expectation: wanted.get(file).cloned().unwrap_or(honest),
            honeytokens: Vec::new(),
        });
    }
    for file in wanted.keys() {
        if !captures.iter().any(|it| it.path == folder.join(file)) {
            bail!(
                "{file}: in public-captures.tsv and not in {}",
                path.display()
            );
        }
    }
    Ok(captures)
}

fn wanted(path: &Path) -> Result<BTreeMap<String, Expectation>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut wanted = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [file, ids, source, actor, target] = columns[..] else {
            bail!("{}: `{line}` has no five columns", path.display());
        };
        let detectors = claimed(ids.split(',').map(str::to_owned));
        if detectors.is_empty() {
            bail!("{}: no detector is one of `{ids}`", path.display());
        }
        let some = |it: &str| (!it.is_empty()).then(|| it.to_owned());
        let expectation = Expectation::Raises {
            detectors,
            source: some(source),
            actors: some(actor).into_iter().collect(),
            targets: target.split(',').filter_map(some).collect(),
        };
        wanted.insert(file.to_owned(), expectation);
    }
    Ok(wanted)
}
