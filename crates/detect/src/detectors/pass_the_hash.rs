//! An NTLM logon with a stolen hash (pass-the-hash).
//!
//! On the wire a hash and a password make the same messages, so no packet proves it. What can be
//! seen: the messages were not built by Windows or Samba but by a tool, and the account is sensitive,
//! does administration, normally uses Kerberos or works from elsewhere, or the tool hides at once
//! what it does by encrypting. Each alone is ordinary; together they deserve a look, and the
//! confidence says how little the packets prove.

use crate::draft::{actor_name, called, who};
use crate::window::{Window, add};
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
    /// The client identifier alone shows a tool: one in 2^33 comes about by chance.
    certain: bool,
    told: bool,
    /// Where it logged on.
    #[serde(default)]
    targets: Vec<IpAddr>,
}

/// What follows a logon and gives it a meaning.
enum Deed {
    /// Something that only administrators may do.
    Administers(String),
    /// From here on nothing can be read.
    Encrypts,
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
        let matters = is_tool_logon(sighting).is_some() || deed(sighting).is_some();
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
                certain: insight.ascii_client_guid,
                told: false,
                targets: Vec::new(),
            }) else {
                return;
            };
            let goes_on = logon.reaches(sighting.target.address);
            if !logon.told && ENOUGH <= factors(cx, sighting, insight) {
                logon.told = true;
                findings.push(logon.finding.clone());
            } else if logon.told && goes_on {
                findings.push(self::logon(cx, sighting, insight));
            }
        } else if let (Some(deed), Some(logon)) =
            (deed(sighting), self.logons.get_mut(cx.now, &key))
        {
            logon.followed(&deed, sighting, findings);
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

/// What this sighting shows of a logon before it.
fn deed(sighting: &Sighting) -> Option<Deed> {
    match &sighting.event.fact {
        Fact::SmbSessionEncrypted(_) => Some(Deed::Encrypts),
        Fact::ShareOpened(it) if it.status.is_some_and(|it| !it.is_error()) => it
            .share
            .is_administrative()
            .then(|| Deed::Administers(format!("opened {}", it.share))),
        Fact::FileOpened(it) if it.is_pipe && it.status.is_some_and(|it| !it.is_error()) => {
            let name = it.name.trim_start_matches('\\');
            let administrative = PIPES.iter().any(|pipe| name.eq_ignore_ascii_case(pipe));
            administrative.then(|| Deed::Administers(format!("opened the pipe {name}")))
        }
        _ => None,
    }
}

/// Signs besides the tool: sensitive, Kerberos user, known elsewhere.
fn factors(cx: &Context<'_>, sighting: &Sighting, insight: &NtlmInsight) -> u32 {
    let sensitive = cx.roster.is_sensitive(&actor_name(sighting));
    let elsewhere = !insight.account_devices.is_empty() && !insight.account_known_on_device;
    u32::from(sensitive) + u32::from(insight.account_uses_kerberos) + u32::from(elsewhere)
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

impl Logon {
    /// Notes where it logs on; whether it was never there.
    fn reaches(&mut self, target: Option<IpAddr>) -> bool {
        let before = self.targets.len();
        if let Some(target) = target {
            add(&mut self.targets, target, TARGETS_MAX);
        }
        before < self.targets.len()
    }

    fn followed(&mut self, deed: &Deed, sighting: &Sighting, findings: &mut Vec<Finding>) {
        if self.told || (matches!(deed, Deed::Encrypts) && !self.certain) {
            return;
        }
        let mut finding = self.finding.clone();
        finding.order = sighting.event.order;
        finding.end = sighting.event.time;
        match deed {
            Deed::Administers(what) => {
                finding.confidence = finding.confidence.max(0.6);
                finding.because("administration", what.clone(), "none from a tool logon");
            }
            Deed::Encrypts => finding.because(
                "what followed",
                "not readable: the session is encrypted",
                "a client of an operating system",
            ),
        }
        finding.prove(&sighting.event.evidence);
        self.told = true;
        findings.push(finding);
    }
}

/// One sign besides the tool; two tells of the tool are demanded before.
const ENOUGH: u32 = 1;
const TELLS_MIN: usize = 2;

/// Pipes of the service manager, registry, task scheduler and event log: for administrators.
const PIPES: &[&str] = &["svcctl", "winreg", "atsvc", "eventlog"];

/// Administration within ten minutes of the logon belongs to it.
const WITHIN: Duration = Duration::from_secs(600);

/// What is lost: tool logons past this within ten minutes.
const LOGONS_MAX: usize = 50_000;

/// As many as an alert lists. What is lost: hosts past this that the same account reaches from there.
const TARGETS_MAX: usize = 64;
