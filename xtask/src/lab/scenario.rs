//! A scenario: one act, who does it to whom, what must be told of it, and what the packets must hold.

use super::host::{self, Host};
use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// One file of `fixtures/lab/scenarios`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    /// The name of the file.
    #[serde(skip)]
    pub(super) name: String,
    /// What happens, in a line.
    pub(super) title: String,
    pub(super) kind: Kind,
    /// ATT&CK technique of an attack.
    pub(super) technique: Option<String>,
    /// How the attack hides; `plain` if it does not.
    #[serde(default = "plain")]
    pub(super) variant: String,
    /// For an attack, the honest acts that look like it; for an honest act, the attacks.
    #[serde(default)]
    pub(super) twins: Vec<String>,
    /// The machine it comes from.
    pub(super) source: String,
    /// Accounts, any of which acts.
    #[serde(default)]
    pub(super) actor: Vec<String>,
    /// Machines, any of which it is aimed at.
    #[serde(default)]
    pub(super) target: Vec<String>,
    /// External numbers or detectors, any of which must tell of it.
    #[serde(default)]
    pub(super) told_by: Vec<String>,
    /// Why it need not be told: `encrypted`, `refused`, `below_threshold`.
    pub(super) not_told_because: Option<String>,
    /// What a reader should know.
    #[serde(default)]
    pub(super) note: String,
    /// Shell on the source, before the capture begins.
    #[serde(default)]
    pub(super) before: String,
    /// What is done, in order.
    #[serde(rename = "step")]
    pub(super) steps: Vec<Step>,
    /// Shell on dc1 after the capture: takes back what was changed.
    #[serde(default)]
    pub(super) after: String,
    /// What an independent dissector must find.
    #[serde(rename = "check")]
    pub(super) checks: Vec<Check>,
}

/// Whether something must be told of it.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Attack,
    Honest,
}

/// Shell on a machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// The machine; the source unless said otherwise.
    pub(super) on: Option<String>,
    pub(super) run: String,
    /// Goes on without waiting for its end.
    #[serde(default)]
    pub(super) beside: bool,
}

/// A display filter of tshark, and how many packets must match.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    pub(super) what: String,
    pub(super) tshark: String,
    #[serde(default = "one")]
    pub(super) at_least: u64,
    pub(super) at_most: Option<u64>,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Attack => "attack",
            Self::Honest => "honest",
        }
    }
}

/// All scenarios, by name.
pub(super) fn all() -> Result<Vec<Scenario>> {
    let folder = host::files().join("scenarios");
    let mut scenarios = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "toml") {
            scenarios.push(read(&path)?);
        }
    }
    scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    for scenario in &scenarios {
        for twin in &scenario.twins {
            ensure!(
                scenarios.iter().any(|it| it.name == *twin),
                "{}: no scenario is called {twin}",
                scenario.name
            );
        }
    }
    Ok(scenarios)
}

fn read(path: &Path) -> Result<Scenario> {
    let place = crate::tree::relative(path);
    let text = fs::read_to_string(path).with_context(|| place.clone())?;
    let mut scenario: Scenario = toml::from_str(&text).with_context(|| place.clone())?;
    let name = path.file_stem().map(|it| it.to_string_lossy().into_owned());
    scenario.name = name.unwrap_or_default();
    scenario.check().with_context(|| place)?;
    Ok(scenario)
}

impl Scenario {
    /// What cannot be said by types.
    fn check(&self) -> Result<()> {
        for machine in self.machines() {
            Host::named(machine)?;
        }
        ensure!(!self.checks.is_empty(), "nothing is checked");
        match self.kind {
            Kind::Honest => ensure!(self.told_by.is_empty(), "an honest act is told by nobody"),
            Kind::Attack => ensure!(
                !self.told_by.is_empty() && self.technique.is_some(),
                "an attack needs a technique and who must tell of it"
            ),
        }
        Ok(())
    }

    fn machines(&self) -> impl Iterator<Item = &str> {
        let steps = self.steps.iter().filter_map(|it| it.on.as_deref());
        let ends = self.target.iter().map(String::as_str);
        steps.chain(ends).chain([self.source.as_str()])
    }
}

fn plain() -> String {
    "plain".to_owned()
}

const fn one() -> u64 {
    1
}
