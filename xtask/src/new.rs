//! Stubs of a new unit: the two files that are written by hand.

use anyhow::{Result, ensure};
use clap::Subcommand;
use std::fs;
use std::path::Path;

/// What to begin.
#[derive(Subcommand)]
pub(crate) enum Unit {
    /// A detector: its file and its scenario page.
    Detector {
        /// The observed behaviour in snake case.
        id: String,
    },
}

/// Writes the stubs and registers the unit.
pub(crate) fn run(unit: &Unit) -> Result<()> {
    let Unit::Detector { id } = unit;
    ensure!(
        !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
        "detector id `{id}` is not snake case"
    );
    let root = crate::tree::root();
    let code = root
        .join("crates/detect/src/detectors")
        .join(id)
        .with_extension("rs");
    let page = root
        .join("fixtures/detectors")
        .join(id)
        .with_extension("md");
    write_new(&code, &detector(id))?;
    write_new(&page, &scenario(id))?;
    crate::codegen::write_register()?;
    eprintln!(
        "next: fill both in, then `cargo xtask codegen` and `cargo test -p realmward-detect`"
    );
    Ok(())
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    ensure!(!path.exists(), "{} exists", crate::tree::relative(path));
    fs::write(path, text)?;
    eprintln!("wrote {}", crate::tree::relative(path));
    Ok(())
}

fn detector(id: &str) -> String {
    let name = crate::codegen::type_name(id);
    format!(
        r#"//! TITLE: why this is the right thing to count, and what an attacker cannot avoid.

use crate::{{Context, Data, Detector, Finding, Key, Metadata, Severity}};
use realmward_profile::Sighting;
use serde::{{Deserialize, Serialize}};

/// What was seen so far.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct {name} {{}}

impl Detector for {name} {{
    const METADATA: Metadata = Metadata {{
        id: "{id}",
        external_id: None,
        title: "TITLE",
        techniques: &[],
        severity: Severity::Medium,
        looks_for: "ONE SENTENCE.",
        needs: &[Data::Kerberos],
        learning: None,
        next_steps: &[],
        probability_if_compromised: 0.1,
        probability_if_honest: 0.01,
    }};

    fn key(_sighting: &Sighting) -> Option<Key> {{
        None
    }}

    fn observe(&mut self, _cx: &Context<'_>, _sighting: &Sighting, _findings: &mut Vec<Finding>) {{}}
}}
"#
    )
}

fn scenario(id: &str) -> String {
    let mut page = format!("# {id}\n");
    for kind in ["attack", "benign", "blind"] {
        page += &format!("\n## {kind}: TITLE\n\nWhy.\n\n```events\n```\n");
    }
    page
}
