//! Words and numbers that all forms share.

use crate::report::{Alert, Report};
use crate::{packet_runs, time};
use realmward_detect::{Party, PartyHost, Severity};
use realmward_event::Outcome;
use realmward_event::operator::AlertStatus;
use realmward_vocab::PacketRef;

/// A number with thousands apart: `48,213`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if 0 < place && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and its noun: `1 packet`, `2,000 packets`.
pub fn count(n: u64, one: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {one}{s}", number(n))
}

/// Octets in the largest unit that leaves a number: `31.2 MB`.
pub fn size(bytes: u64) -> String {
    let mut unit = 1_u64;
    let mut name = "B";
    for (next, next_name) in [(1_000, "kB"), (1_000_000, "MB"), (1_000_000_000, "GB")] {
        if next <= bytes {
            (unit, name) = (next, next_name);
        }
    }
    if unit == 1 {
        return format!("{bytes} B");
    }
    let tenths = bytes / (unit / 10);
    format!("{}.{} {name}", number(tenths / 10), tenths % 10)
}

/// Tenths of a deciban as points with a sign: `+14.2`.
pub fn points(tenths: i32) -> String {
    let sign = if tenths < 0 { '−' } else { '+' };
    let size = tenths.unsigned_abs();
    format!("{sign}{}.{}", size / 10, size % 10)
}

/// What points are, for who has never heard of them.
pub const POINTS: &str = "Reasons add up, in points of evidence: every 10 points multiply the \
                                 odds that the account is compromised by ten, and 0 points are \
                                 even odds, which is priority 50.";

/// The state of an alert.
pub const fn status(status: AlertStatus) -> &'static str {
    match status {
        AlertStatus::Open => "open",
        AlertStatus::InProgress => "in progress",
        AlertStatus::TruePositive => "closed: attack",
        AlertStatus::BenignPositive => "closed: allowed",
        AlertStatus::FalsePositive => "closed: false alarm",
        _ => "unknown",
    }
}

/// A sign for the severity, so that colour is never the only one.
pub const fn symbol(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "▲",
        Severity::Medium => "◆",
        Severity::Low => "●",
    }
}

/// The outcome as a person says it.
pub const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "succeeded",
        Outcome::Failure => "was refused",
        Outcome::Attempt => "tried, the answer is not readable",
        Outcome::Unknown => "outcome not seen",
    }
}

/// A device: `WS-17 (10.0.0.77)`, or what of it is known.
pub fn host(host: &PartyHost) -> String {
    match (&host.name, host.ip) {
        (Some(name), Some(ip)) if !name.is_empty() => format!("{name} ({ip})"),
        (_, Some(ip)) => ip.to_string(),
        (Some(name), None) => name.to_string(),
        (None, None) => "an unknown device".to_owned(),
    }
}

/// An account: `svc_backup@CORP.EXAMPLE`, or without a domain if none is known.
pub fn account(party: &Party) -> String {
    if party.domain.is_empty() {
        party.name.to_string()
    } else {
        format!("{}@{}", party.name, party.domain)
    }
}

/// The first few of a list, and how many more there are.
pub fn some(all: Vec<String>, most: usize) -> String {
    let more = all.len().saturating_sub(most);
    let mut text = all.into_iter().take(most).collect::<Vec<_>>().join(", ");
    if 0 < more {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// `from WS-17 (10.0.0.77) by svc_backup to DC1 (10.0.0.5)`, leaving out what is not known.
pub(crate) fn who_to_whom(alert: &Alert) -> String {
    let mut parts = Vec::new();
    let sources: Vec<String> = alert.sources().map(host).collect();
    if !sources.is_empty() {
        parts.push(format!("from {}", some(sources, NAMED_MAX)));
    }
    let actors: Vec<String> = alert.actors().map(account).collect();
    if !actors.is_empty() {
        parts.push(format!("by {}", some(actors, NAMED_MAX)));
    }
    let mut targets: Vec<String> = alert.target_accounts().map(account).collect();
    targets.extend(alert.targets().map(host));
    if !targets.is_empty() {
        parts.push(format!("to {}", some(targets, NAMED_MAX)));
    }
    parts.join(" ")
}

/// The packets of each file: (`incident.pcapng`, `packets 31,207-31,260, 31,300`).
pub(crate) fn proof(report: &Report, packets: &[PacketRef]) -> Vec<(String, String)> {
    let mut files: Vec<(u32, String, Vec<String>, u64)> = Vec::new();
    for run in packet_runs(packets) {
        let text = if run.first == run.last {
            number(run.first)
        } else {
            format!("{}-{}", number(run.first), number(run.last))
        };
        let count = run.last - run.first + 1;
        match files.last_mut() {
            Some((file, _, runs, packets)) if *file == run.file.0 => {
                runs.push(text);
                *packets += count;
            }
            _ => {
                let first = PacketRef {
                    file: run.file,
                    packet: run.first,
                };
                let name = report.short_file(first).to_owned();
                files.push((run.file.0, name, vec![text], count));
            }
        }
    }
    files
        .into_iter()
        .map(|(_, name, runs, packets)| {
            let word = if packets == 1 { "packet" } else { "packets" };
            (name, format!("{word} {}", some(runs, RUNS_MAX)))
        })
        .collect()
}

/// Protocols of which not one message was understood: nothing can be said of attacks over them.
pub(crate) fn unseen(report: &Report) -> Vec<&'static str> {
    let seen = |start: &&str| {
        let mut facts = report.summary.facts.iter();
        facts.any(|(kind, times)| 0 < *times && kind.starts_with(start))
    };
    PROTOCOLS
        .iter()
        .filter(|(_, starts)| !starts.iter().any(&seen))
        .map(|(name, _)| *name)
        .collect()
}

/// The kind of a fact in words: `NtlmAuthenticated` is `NTLM authenticated`.
pub(crate) fn fact(kind: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for letter in kind.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_uppercase() => word.push(letter),
            _ => words.push(letter.to_string()),
        }
    }
    let spelled = |word: &String| match word.as_str() {
        "Ntlm" | "Smb" | "Rpc" | "Tls" => word.to_uppercase(),
        "Netbios" => "NetBIOS".to_owned(),
        "Kerberos" => word.clone(),
        _ => word.to_lowercase(),
    };
    words.iter().map(spelled).collect::<Vec<_>>().join(" ")
}

/// What was watched, the most frequent first: `name resolved (13), ticket granted (1)`.
pub(crate) fn watched(report: &Report) -> String {
    let mut kinds: Vec<_> = report.summary.facts.iter().collect();
    kinds.sort_by_key(|(kind, times)| (std::cmp::Reverse(**times), *kind));
    let kinds = kinds
        .into_iter()
        .map(|(kind, times)| format!("{} ({})", fact(kind), number(*times)))
        .collect();
    some(kinds, KINDS_MAX)
}

/// When, briefly.
pub(crate) fn when(alert: &Alert) -> String {
    format!("{} UTC", time::between(alert.start, alert.end))
}

/// Confidence in percent.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share.clamp(0.0, 1.0) * 100.0)
}

/// Protocols, and how the kinds of their facts begin.
const PROTOCOLS: [(&str, &[&str]); 6] = [
    ("Kerberos", &["Ticket", "ServiceTicket", "Kerberos"]),
    ("NTLM", &["Ntlm"]),
    ("SMB", &["Smb", "Share", "File"]),
    ("RPC", &["Rpc", "Endpoint"]),
    ("LDAP", &["Directory"]),
    ("DNS", &["Name", "Zone"]),
];

/// The severities, the worst first.
pub(crate) const SEVERITIES: [Severity; 3] = [Severity::High, Severity::Medium, Severity::Low];

/// Rarer kinds of facts are in the JSON lines.
const KINDS_MAX: usize = 8;

/// More names in one sentence are not read; JSON has all of them.
const NAMED_MAX: usize = 4;

/// More runs of packets in one line are not read; JSON and the packet files have all of them.
const RUNS_MAX: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(n), text);
        }
        for (n, text) in [
            (999, "999 B"),
            (31_250_000, "31.2 MB"),
            (2_000_000_000, "2.0 GB"),
        ] {
            assert_eq!(size(n), text);
        }
        assert_eq!(points(-330), "−33.0");
        assert_eq!(points(7), "+0.7");
    }

    #[test]
    fn kinds_of_facts_are_told_in_words() {
        for (kind, words) in [
            ("NameResolved", "name resolved"),
            ("NtlmAuthenticated", "NTLM authenticated"),
            ("KerberosRefused", "Kerberos refused"),
            ("RpcCalled", "RPC called"),
        ] {
            assert_eq!(fact(kind), words);
        }
    }
}
