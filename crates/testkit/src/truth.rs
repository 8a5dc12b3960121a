//! Captures with known contents: what must be told of them, and what must not.
//!
//! One form for everybody, `truth.json` beside the captures (`docs/truth.md`); the manifest of the
//! public captures and the two tables of `fixtures` that say more of them are read into the same.
//! A capture that no truth names is told apart, never counted.

mod file;
mod public;

use anyhow::{Result, ensure};
use realmward_detect::{Metadata, detectors};
use realmward_pipeline::PipelineSettings;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// A capture and what is known of it.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// The name under which it is told of: the folder's and the path below it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What happens in it, in a line; may be empty.
    pub title: String,
    /// ATT&CK technique of an attack.
    pub technique: Option<String>,
    /// How the attack hides; `plain` if it does not; `None` if nobody said.
    pub variant: Option<String>,
    /// What must or must not be told.
    pub expectation: Expectation,
    /// Why it is known not to come out as it should, today.
    pub known_fault: Option<String>,
    /// Bait accounts in it.
    pub honeytokens: Vec<String>,
    /// On how many days before the same happened at the same hour, before a sensor that watched.
    pub habit_days: u32,
}

/// What must or must not be told of a capture.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// Somebody attacks.
    Attack(Demand),
    /// No alert of medium severity or higher.
    Honest,
    /// No alert of high severity, and no crash.
    Damaged,
}

/// What must be told of an attack.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// External numbers or ids of detections, any of which must tell of it; some may not exist yet.
    pub told_by: Vec<String>,
    /// Those of them that exist.
    pub detectors: Vec<&'static Metadata>,
    /// Address of the source; `None` if any.
    pub source: Option<String>,
    /// Accounts, any of which must be the actor; empty if hidden in the packets.
    pub actors: Vec<String>,
    /// Addresses, any of which must be a target; empty if any.
    pub targets: Vec<String>,
    /// Why it need not be told; telling it is welcome. `None` if it must be told.
    pub excused: Option<Reason>,
}

/// Why an attack was not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It had to be told and was not: a fault of ours.
    Defect,
    /// No detection claims it yet.
    NotBuilt,
    /// What shows it is encrypted.
    Encrypted,
    /// The packets that show it are not in the capture.
    NotSeen,
    /// There is less of it than honest software also does.
    BelowThreshold,
    /// The server refused, and no more than the attempt is there.
    Refused,
    /// Its truth demands nothing and does not say why.
    NotDemanded,
}

/// A folder's captures.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// Those with truth, by name.
    pub labelled: Vec<Labelled>,
    /// Names of captures without; they are listed, not counted.
    pub unlabelled: Vec<String>,
}

/// The captures of this repository.
///
/// # Errors
///
/// When their truth is faulty, or names a capture that is not there.
pub fn fixtures(fixtures: &Path) -> Result<Folder> {
    file::read(&fixtures.join("captures"), "fixtures")
}

/// The captures of a folder with a `truth.json`.
///
/// # Errors
///
/// When it is faulty, or names a capture that is not there.
pub fn folder(folder: &Path) -> Result<Folder> {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    file::read(folder, &name.to_string_lossy())
}

/// The captures that are not in the repository, below `corpora`; those of the lab that are in the
/// repository too, trimmed or not, are left out so that nothing is counted twice.
///
/// # Errors
///
/// When a truth is faulty, or names a capture that is not there.
pub fn corpora(corpora: &Path, fixtures: &Path) -> Result<Folder> {
    let ours = file::read(&fixtures.join("captures"), "fixtures")?;
    let mut found = file::read(&corpora.join("lab"), "lab")?;
    // The load capture is honest; its folder's truth lists scenarios only.
    found.unlabelled.retain(|name| name != LOAD);
    found.labelled.push(Labelled {
        name: LOAD.to_owned(),
        path: corpora.join(LOAD),
        title: "60 hosts work for two minutes".to_owned(),
        technique: None,
        variant: None,
        expectation: Expectation::Honest,
        known_fault: None,
        honeytokens: Vec::new(),
        habit_days: 0,
    });
    let is_ours = |it: &Labelled| ours.labelled.iter().any(|our| stem(our) == stem(it));
    found.labelled.retain(|it| !is_ours(it));
    let public = public::read(corpora, fixtures)?;
    found.labelled.extend(public.labelled);
    found.unlabelled.extend(public.unlabelled);
    none_missing(&found.labelled)?;
    Ok(found)
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

impl Reason {
    /// As people read it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Defect => "defect",
            Self::NotBuilt => "not built yet",
            Self::Encrypted => "encrypted",
            Self::NotSeen => "not seen",
            Self::BelowThreshold => "below threshold",
            Self::Refused => "refused",
            Self::NotDemanded => "not demanded",
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Honest => f.write_str("no alert of medium severity or higher"),
            Self::Damaged => f.write_str("no alert of high severity"),
            Self::Attack(demand) => demand.fmt(f),
        }
    }
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.detectors.iter().map(|it| it.id).collect();
        if ids.is_empty() {
            write!(f, "{} (not built)", self.told_by.join(" or "))?;
        } else {
            f.write_str(&ids.join(" or "))?;
        }
        if !self.actors.is_empty() {
            write!(f, " by {}", self.actors.join(" or "))?;
        }
        if let Some(source) = &self.source {
            write!(f, " from {source}")?;
        }
        if !self.targets.is_empty() {
            write!(f, " on {}", self.targets.join(" or "))?;
        }
        Ok(())
    }
}

/// The detectors of the register that one of `wanted` (external numbers or ids) names.
pub fn claimed(wanted: &[String]) -> Vec<&'static Metadata> {
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

fn none_missing(captures: &[Labelled]) -> Result<()> {
    let missing: Vec<&str> = captures
        .iter()
        .filter(|it| !it.path.is_file())
        .map(|it| it.name.as_str())
        .collect();
    ensure!(
        missing.is_empty(),
        "listed captures are missing: {}",
        missing.join(", ")
    );
    Ok(())
}

/// The name of the file up to its first dot.
fn stem(capture: &Labelled) -> Option<&str> {
    let file = capture.path.file_name()?.to_str()?;
    file.split('.').next()
}

const LOAD: &str = "lab/load-110s.pcap.zst";
