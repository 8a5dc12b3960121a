//! Whether a capture holds what its label says, by a dissector that is not ours.

use super::scenario::Check;
use super::shell;
use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;

/// Counts with tshark what each check asks for.
pub(super) fn verify(checks: &[Check], capture: &Path) -> Result<()> {
    let faults: Vec<String> = checks
        .iter()
        .map(|check| fault(check, capture))
        .filter_map(Result::transpose)
        .collect::<Result<_>>()?;
    ensure!(faults.is_empty(), "{}", faults.join("; "));
    Ok(())
}

fn fault(check: &Check, capture: &Path) -> Result<Option<String>> {
    let mut tshark = Command::new("tshark");
    tshark
        .arg("-r")
        .arg(capture)
        .args(["-Y", &check.tshark, "-T", "fields", "-e", "frame.number"]);
    let found = shell::run(&mut tshark)?.lines().count() as u64;
    let right = check.at_least <= found && check.at_most.is_none_or(|most| found <= most);
    Ok((!right).then(|| {
        let most = check
            .at_most
            .map(|it| format!(" and at most {it}"))
            .unwrap_or_default();
        format!(
            "{}: {found} packets, not at least {}{most}",
            check.what, check.at_least
        )
    }))
}
