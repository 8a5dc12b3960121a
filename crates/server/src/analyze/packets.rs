//! Evidence as capture files, one an alert.

use anyhow::{Context as _, Result};
use realmward_export::{Alert, Report};
use realmward_sensor::extract;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes exactly the evidence of each alert to `NNN-detector-source.pcap` in `folder`.
pub(super) fn write(folder: &Path, paths: &[PathBuf], report: &Report) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for alert in report.alerts.iter().filter(|it| !it.evidence.is_empty()) {
        write_one(folder, paths, alert)?;
    }
    Ok(())
}

/// Writes that of one; returns the file's name and how many octets it has.
pub(super) fn write_one(folder: &Path, paths: &[PathBuf], alert: &Alert) -> Result<(String, u64)> {
    // At most a thousand packets an alert, so memory holds them.
    let mut octets = Vec::new();
    let written = extract(paths, &alert.evidence, &mut octets)?;
    let extension = if written.pcapng { "pcapng" } else { "pcap" };
    let name = format!("{}.{extension}", name(alert));
    let path = folder.join(&name);
    fs::write(&path, &octets).with_context(|| path.display().to_string())?;
    Ok((name, octets.len() as u64))
}

fn name(alert: &Alert) -> String {
    let source = alert.sources().next().map_or_else(
        || "unknown".to_owned(),
        |host| match (&host.name, host.ip) {
            (Some(name), _) if !name.is_empty() => name.to_string(),
            (_, Some(ip)) => ip.to_string(),
            (_, None) => "unknown".to_owned(),
        },
    );
    format!(
        "{:03}-{}-{}",
        alert.number,
        alert.detector,
        harmless(&source)
    )
}

/// Names come from attackers: nothing that a path or a shell could take for more than a name.
fn harmless(name: &str) -> String {
    name.chars()
        .take(NAME_MAX)
        .map(|it| match it {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => it,
            _ => '_',
        })
        .collect()
}

/// A DNS label's length; the number before it makes the name unique.
const NAME_MAX: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_in_the_folder() {
        assert_eq!(harmless("../../etc/passwd"), ".._.._etc_passwd");
        assert_eq!(harmless("$(reboot)\n"), "__reboot__");
        assert_eq!(harmless(&"a".repeat(300)).len(), NAME_MAX);
    }
}
