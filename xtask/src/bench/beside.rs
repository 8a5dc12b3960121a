//! Another program beside us: the same captures, in the same run, in turns.
//!
//! What others did on another day is told through the floor (`table`); what can be had on the machine
//! is better measured here. Only tshark can: Debian 12 has no Suricata any more.

use super::{Run, dense, load};
use crate::usage::{Usage, cpu_seconds};
use anyhow::{Context as _, Result, ensure};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Measures and prints.
pub(super) fn run(program: &Path, rounds: u32) -> Result<()> {
    let version = Command::new("tshark").arg("--version").output();
    let version = version.context("tshark, of Debian's package")?.stdout;
    let version = String::from_utf8_lossy(&version);
    let mut text = format!("beside {}\n\n", version.lines().next().unwrap_or("tshark"));
    text.push_str(
        "| capture | packets | CPU s, ours | CPU s, tshark | times | MiB, ours | MiB, tshark |\n",
    );
    text.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    let folder = load::folder()?;
    let (load, dense) = (folder.join("load-1.pcap"), folder.join("dense-1.pcap"));
    load::repeat(&load::source(), &load, 1)?;
    dense::write(&dense::sources()?, 1, usize::MAX, &dense)?;
    for (name, capture) in [("load", load), ("dense", dense)] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=rounds {
            let usage = Run::new("lines", vec![capture.clone()]).measure(program)?;
            let other = tshark(&capture, &folder.join("tshark.out"))?;
            // The first warms the page cache.
            if 0 < round {
                ours.push((usage.cpu_s, usage.peak_mib, usage.packets));
                theirs.push((other.cpu_s, other.peak_mib, usage.packets));
            }
        }
        let (ours, theirs) = (middle(ours)?, middle(theirs)?);
        writeln!(
            text,
            "| {name} | {} | {:.3} | {:.2} | {:.0} | {:.0} | {:.0} |",
            ours.2,
            ours.0,
            theirs.0,
            theirs.0 / ours.0,
            ours.1,
            theirs.1
        )?;
    }
    crate::tree::say(&text)
}

/// The run of the median time.
fn middle(mut runs: Vec<(f64, f64, f64)>) -> Result<(f64, f64, f64)> {
    runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let middle = runs.get(runs.len() / 2).copied();
    middle.context("no rounds")
}

/// What tshark uses to write the fields that answer who logged on where, and asked for what.
fn tshark(capture: &Path, to: &Path) -> Result<Usage> {
    let mut command = Command::new("tshark");
    command
        .arg("-n")
        .arg("-r")
        .arg(capture)
        .args(["-T", "fields"]);
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(File::create(to)?)
        .stderr(Stdio::null())
        .spawn()
        .context("tshark")?;
    let mut peak_mib = 0_f64;
    while !is_over(child.id())? {
        if let Ok(usage) = Usage::of(child.id()) {
            peak_mib = peak_mib.max(usage.peak_mib);
        }
        sleep(PAUSE);
    }
    // Until it is waited for, the system still knows what it used.
    let cpu_s = cpu_seconds(&child.id().to_string())?;
    ensure!(child.wait()?.success(), "tshark failed");
    Ok(Usage {
        cpu_s,
        peak_mib,
        ..Usage::default()
    })
}

/// Whether a child ended that was not waited for (state `Z` in proc(5)).
fn is_over(process: u32) -> Result<bool> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("stat")?;
    Ok(fields.trim_start().starts_with('Z'))
}

const FIELDS: [&str; 15] = [
    "frame.number",
    "frame.time_epoch",
    "ip.src",
    "ip.dst",
    "kerberos.msg_type",
    "kerberos.CNameString",
    "kerberos.SNameString",
    "kerberos.etype",
    "ldap.protocolOp",
    "ldap.baseObject",
    "smb2.cmd",
    "smb2.filename",
    "dcerpc.opnum",
    "ntlmssp.auth.username",
    "dns.qry.name",
];

const PAUSE: Duration = Duration::from_millis(10);
