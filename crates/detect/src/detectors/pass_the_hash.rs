//! An NTLM logon with a stolen hash (pass-the-hash).
//!
//! On the wire a hash and a password make the same messages, so no packet proves it. What can be
//! seen: the messages were not built by Windows or Samba but by a tool, and the account is sensitive,
//! does administration, or normally uses Kerberos from elsewhere. Each alone is ordinary; together
//! they deserve a look, and the confidence says how little the packets prove.

use crate::draft::{actor_name, called, who};
use crate::window::Window;
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, Severity};
use realmward_event::{Fact, Outcome};
use realmward_profile::{NtlmInsight, Sighting};
use realmward_vocab::AccountName;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// Tool logons that may yet be followed by administration.
#[derive(Serialize, Deserialize)]
pub(super) struct PassTheHash {
    logons: Window<(IpAddr, AccountName), Logon>,
}

#[derive(Serialize, Deserialize)]
struct Logon {
    finding: Finding,
    told: bool,
}

impl Default for PassTheHash {
    fn default() -> Self {
        Self {
            logons: Window::new(WITHIN, LOGONS_MAX),
        }
    }
}

impl Detector for PassTheHash {
    const METADATA: Metadata = Metadata {
        id: "pass_the_hash",
        external_id: Some(2017),
        title: "Suspected identity theft (pass-the-hash)",
        techniques: &["T1550.002"],
        severity: Severity::Medium,
        looks_for: "An NTLM logon built by a tool, by an account that administers, is sensitive, or normally uses Kerberos from elsewhere.",
        needs: &[Data::Ntlm, Data::Smb],
        learning: None,
        next_steps: &[
            "Ask the owner of the account whether they used such a tool from the source host.",
            "If not, reset the account's password at once: the hash is as good as the password.",
            "Find hosts on which the account was logged on: the hash was taken from one of them.",
            "Put administrators into Protected Users, which forbids NTLM.",
        ],
        // Weak to strong: a password makes the same packets, and testers use the same tools.
        probability_if_compromised: 0.3,
        probability_if_honest: 1e-3,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        let matters = is_tool_logon(sighting).is_some() || administers(sighting);
        matters.then_some(Key::Source(sighting.source.address?))
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let Some(source) = sighting.source.address else {
            return;
        };
        let key = (source, actor_name(sighting).folded());
        if let Some(insight) = is_tool_logon(sighting) {
            let Some(logon) = self.logons.touch(cx.now, &key, || Logon {
                finding: logon(cx, sighting, insight),
                told: false,
            }) else {
                return;
            };
            if !logon.told && ENOUGH <= factors(cx, sighting, insight) {
                logon.told = true;
                findings.push(logon.finding.clone());
            }
        } else if let Some(logon) = self.logons.get_mut(cx.now, &key) {
            administered(logon, sighting, findings);
        }
    }
}

/// The insight of a successful NTLM logon whose messages a tool built.
fn is_tool_logon(sighting: &Sighting) -> Option<&NtlmInsight> {
    let Fact::NtlmAuthenticated(it) = &sighting.event.fact else {
        return None;
    };
    let insight = sighting.ntlm.as_ref()?;
    let by_person = it.outcome == Outcome::Success && !it.user.is_empty() && !it.user.is_machine();
    (by_person && TELLS_MIN <= insight.tells.len()).then_some(insight)
}

/// Whether something was done that only administrators may.
fn administers(sighting: &Sighting) -> bool {
    match &sighting.event.fact {
        Fact::ShareOpened(it) => {
            let share = it.share.as_str().rsplit('\\').next().unwrap_or_default();
            let administrative =
                share.eq_ignore_ascii_case("ADMIN$") || (share.len() == 2 && share.ends_with('$'));
            administrative && it.status.is_some_and(|status| !status.is_error())
        }
        Fact::FileOpened(it) => {
            let name = it.name.trim_start_matches('\\').to_ascii_lowercase();
            let pipe = matches!(name.as_str(), "svcctl" | "winreg" | "atsvc" | "eventlog");
            it.is_pipe && pipe && it.status.is_some_and(|status| !status.is_error())
        }
        _ => false,
    }
}

/// Signs besides the tool: sensitive, Kerberos user, known elsewhere, the surest tell of a tool.
fn factors(cx: &Context<'_>, sighting: &Sighting, insight: &NtlmInsight) -> u32 {
    let sensitive = cx.roster.is_sensitive(&actor_name(sighting));
    let elsewhere = !insight.account_devices.is_empty() && !insight.account_known_on_device;
    u32::from(sensitive)
        + u32::from(insight.account_uses_kerberos)
        + u32::from(elsewhere)
        + u32::from(insight.ascii_client_guid)
}

fn logon(cx: &Context<'_>, sighting: &Sighting, insight: &NtlmInsight) -> Finding {
    let mut finding = Finding::about(&PassTheHash::METADATA, sighting);
    finding.kind = Kind::Strong;
    let factors = factors(cx, sighting, insight);
    finding.confidence = if 1 < factors { 0.6 } else { 0.4 };
    finding.outcome = Outcome::Success;
    finding.because_told(&insight.tells);
    if cx.roster.is_sensitive(&actor_name(sighting)) {
        finding.because("account", "sensitive", "an ordinary one");
    }
    if insight.account_uses_kerberos {
        finding.because("protocol", "NTLM", "Kerberos, as this account used before");
    }
    if !insight.account_devices.is_empty() && !insight.account_known_on_device {
        let devices: Vec<String> = insight
            .account_devices
            .iter()
            .map(ToString::to_string)
            .collect();
        finding.because("device", called(&sighting.source), devices.join(", "));
    }
    finding.because(
        "proof",
        "none: a password makes the same packets",
        "a logon at the keyboard of the source",
    );
    finding.summary = format!(
        "{} logged on to {} from {} with a tool that can use a hash in place of a password",
        who(sighting),
        called(&sighting.target),
        called(&sighting.source)
    );
    finding
}

fn administered(logon: &mut Logon, sighting: &Sighting, findings: &mut Vec<Finding>) {
    let mut finding = logon.finding.clone();
    finding.order = sighting.event.order;
    finding.end = sighting.event.time;
    finding.confidence = finding.confidence.max(0.6);
    finding.because(
        "administration",
        match &sighting.event.fact {
            Fact::ShareOpened(it) => format!("opened {}", it.share),
            Fact::FileOpened(it) => format!("opened {}", it.name),
            _ => String::new(),
        },
        "none from a tool logon",
    );
    finding.prove(&sighting.event.evidence);
    if !logon.told {
        logon.told = true;
        findings.push(finding);
    }
}

/// One sign besides the tool; two tells of the tool are demanded before.
const ENOUGH: u32 = 1;
const TELLS_MIN: usize = 2;

/// Administration within ten minutes of the logon belongs to it.
const WITHIN: Duration = Duration::from_secs(600);

/// What is lost: tool logons past this within ten minutes.
const LOGONS_MAX: usize = 50_000;
