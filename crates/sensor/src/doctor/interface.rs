//! The interface: there, up, showing whole frames, both directions and a domain controller.

use super::Finding;
use crate::service::{Observed, observe};
use realmward_capture::{Interface, LinkKind};
use std::process::Command;
use std::time::Duration;

pub(super) fn examine(name: &str, listen: Duration, findings: &mut Vec<Finding>) {
    let interface = match Interface::named(name) {
        Ok(interface) => interface,
        Err(error) => {
            findings.push(Finding::fail("interface", error.to_string(), "ip link"));
            return;
        }
    };
    findings.push(match (interface.up, interface.kind) {
        (false, _) => Finding::fail(
            "interface",
            format!("{name} is down"),
            format!("ip link set {name} up"),
        ),
        (true, LinkKind::Other(kind)) => Finding::fail(
            "interface",
            format!("{name} has frames of kind {kind}, which are not read"),
            "name an Ethernet interface",
        ),
        (true, kind) => Finding::ok("interface", format!("{name} is up ({kind:?})")),
    });
    findings.extend(offloads(name));
    match observe(&interface, listen) {
        Ok(observed) => judge(&observed, name, listen, findings),
        Err(error) => findings.push(Finding::fail(
            "listening",
            error.to_string(),
            "run the doctor with sudo",
        )),
    }
}

/// Joined frames are read well, but their times and sizes are not those of the wire, and frames past
/// 64 KiB are not seen whole.
fn offloads(name: &str) -> Option<Finding> {
    let told = Command::new("ethtool").args(["-k", name]).output().ok()?;
    let text = String::from_utf8_lossy(&told.stdout);
    let on = on_offloads(&text);
    Some(if on.is_empty() {
        Finding::ok("offloads", "none that joins frames is on")
    } else {
        let short = on.iter().map(|(_, short)| format!(" {short} off"));
        Finding::warn(
            "offloads",
            format!(
                "{} join frames, so their sizes and times are not those of the wire",
                on.iter()
                    .map(|(long, _)| *long)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            format!("ethtool -K {name}{}", short.collect::<String>()),
        )
    })
}

pub(super) fn on_offloads(text: &str) -> Vec<(&'static str, &'static str)> {
    let is_on = |name: &str| {
        text.lines().any(|line| {
            line.trim()
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(": on") && !rest.contains("[fixed]"))
        })
    };
    OFFLOADS
        .into_iter()
        .filter(|(long, _)| is_on(long))
        .collect()
}

pub(super) fn judge(seen: &Observed, name: &str, listen: Duration, findings: &mut Vec<Finding>) {
    let mirror =
        "let the switch mirror both directions of the domain controllers' ports to this one";
    if seen.packets == 0 {
        findings.push(Finding::fail(
            "traffic",
            format!("not one packet within {listen:?}"),
            format!("{mirror}; to see for yourself: tcpdump -i {name}"),
        ));
        return;
    }
    let seen_text = format!(
        "{} packets within {listen:?}, {} dropped",
        seen.packets, seen.dropped
    );
    findings.push(if seen.dropped == 0 {
        Finding::ok("traffic", seen_text)
    } else {
        Finding::warn(
            "traffic",
            seen_text,
            "live --workers N or --ring-mib N with larger numbers",
        )
    });
    findings.push(match (seen.connections, seen.one_sided) {
        (0, _) => Finding::warn(
            "directions",
            "too few connections to tell",
            "listen longer: doctor --seconds 60",
        ),
        (all, one) if all < one * 5 => Finding::fail(
            "directions",
            format!("of {one} of {all} connections only one direction is seen"),
            mirror,
        ),
        (all, one) => Finding::ok(
            "directions",
            format!("both are seen ({one} of {all} connections one-sided)"),
        ),
    });
    let ports: Vec<String> = seen
        .ports
        .iter()
        .map(|(port, speaks, packets)| format!("{speaks} {port} ({packets})"))
        .collect();
    let has = |port: u16| seen.ports.iter().any(|it| it.0 == port);
    findings.push(if has(88) && has(389) {
        Finding::ok("domain controller", ports.join(", "))
    } else {
        Finding::warn(
            "domain controller",
            if ports.is_empty() {
                "none of its ports is seen".to_owned()
            } else {
                format!("of its ports only {}", ports.join(", "))
            },
            format!("{mirror}, or listen longer: doctor --seconds 60"),
        )
    });
}

const OFFLOADS: [(&str, &str); 4] = [
    ("generic-receive-offload", "gro"),
    ("large-receive-offload", "lro"),
    ("tcp-segmentation-offload", "tso"),
    ("generic-segmentation-offload", "gso"),
];
