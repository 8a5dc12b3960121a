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
    /// Why it need not be told: one of `REASONS`.
    pub(super) not_told_because: Option<String>,
    /// Why it is known not to come out as it should today; to be removed when it does.
    pub(super) known_fault: Option<String>,
    /// Why it is told, but too late to be waited for when it is played live.
    pub(super) told_late: Option<String>,
    /// On how many days before the same happened, as a sensor would have seen; of honest acts.
    pub(super) habit: Option<u32>,
    /// What a reader should know.
    #[serde(default)]
    pub(super) note: String,
    /// What is done before the capture begins; must succeed.
    #[serde(default)]
    pub(super) before: Vec<Step>,
    /// What is done, in order.
    #[serde(rename = "step")]
    pub(super) steps: Vec<Step>,
    /// What is done after the capture, to take back what was changed; must succeed.
    #[serde(default)]
    pub(super) after: Vec<Step>,
    /// How much of each frame is committed, in octets; all of it unless said otherwise.
    pub(super) octets_max: Option<usize>,
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
    check_twins(&scenarios)?;
    Ok(scenarios)
}

/// Each attack has an honest twin; each twin is there, and of the other kind.
fn check_twins(scenarios: &[Scenario]) -> Result<()> {
    for scenario in scenarios {
        let name = &scenario.name;
        for twin in &scenario.twins {
            let found = scenarios.iter().find(|it| it.name == *twin);
            let found = found.with_context(|| format!("{name}: no scenario is called {twin}"))?;
            ensure!(
                found.kind != scenario.kind,
                "{name}: its twin {twin} is of the same kind"
            );
        }
        ensure!(
            scenario.kind == Kind::Honest || !scenario.twins.is_empty(),
            "{name}: an attack needs an honest twin"
        );
    }
    Ok(())
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
        ensure!(!self.steps.is_empty(), "nothing is done");
        ensure!(!self.checks.is_empty(), "nothing is checked");
        if let Some(reason) = &self.not_told_because {
            ensure!(
                REASONS.contains(&reason.as_str()),
                "not_told_because = {reason:?} is none of {REASONS:?}"
            );
        }
        match self.kind {
            Kind::Honest => ensure!(
                self.told_by.is_empty() && self.not_told_because.is_none(),
                "an honest act is told by nobody"
            ),
            Kind::Attack => ensure!(
                !self.told_by.is_empty() && self.technique.is_some(),
                "an attack needs a technique and who must tell of it"
            ),
        }
        Ok(())
    }

    fn machines(&self) -> impl Iterator<Item = &str> {
        let steps = [&self.before, &self.steps, &self.after];
        let steps = steps
            .into_iter()
            .flatten()
            .filter_map(|it| it.on.as_deref());
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

/// What may keep an attack from being told, in the words of `docs/truth.md`. A fault of ours is
/// none of it: that is a `known_fault`.
const REASONS: &[&str] = &[
    "encrypted",
    "refused",
    "below_threshold",
    "not_seen",
    "not_demanded",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_file_is_complete_and_names_only_what_exists() {
        let scenarios = all().unwrap();
        assert!(scenarios.iter().any(|it| it.kind == Kind::Attack));
        assert!(scenarios.iter().any(|it| it.kind == Kind::Honest));
    }

    #[test]
    fn a_scenario_that_says_too_little_or_the_wrong_thing_is_refused() {
        const WHOLE: &str = r#"
            title = "t"
            kind = "attack"
            technique = "T1110.003"
            source = "atk"
            told_by = ["2023"]
            [[step]]
            run = "true"
            [[check]]
            what = "w"
            tshark = "ip"
        "#;
        let check = |text: &str| -> Result<()> { toml::from_str::<Scenario>(text)?.check() };
        check(WHOLE).unwrap();
        for (from, to) in [
            ("source = \"atk\"", "source = \"nobody\""),
            ("told_by = [\"2023\"]", ""),
            ("technique = \"T1110.003\"", ""),
            ("kind = \"attack\"", "kind = \"honest\""),
            (
                "title = \"t\"",
                "title = \"t\"\nnot_told_because = \"mood\"",
            ),
            ("run = \"true\"", "run = \"true\"\non = \"nobody\""),
            ("run = \"true\"", "walk = \"true\""),
        ] {
            let broken = WHOLE.replace(from, to);
            assert_ne!(broken, WHOLE);
            assert!(check(&broken).is_err(), "{to}");
        }
    }
}
