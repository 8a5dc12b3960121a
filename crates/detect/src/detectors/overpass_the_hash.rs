//! A ticket-granting ticket obtained with a stolen key instead of a password (overpass-the-hash).
//!
//! With a key one can do what a password does: prove it to the KDC and get a ticket. Whoever brings a
//! key must bring the program that uses it, or write it into the memory of Windows; both speak
//! Kerberos a little differently from the system that the device runs. Where a Windows device suddenly
//! speaks like Linux, the account and its key must speak against it as well. Only proofs that the KDC
//! accepted count: failed guesses are another detector's.
//! Credit: B. Delpy (pass-the-key), W. Schroeder (Rubeus), the impacket project: their public
//! sources show what cannot be seen in documentation.

use crate::draft::{called, who};
use crate::window::Window;
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, Severity};
use realmward_event::kerberos::TicketGrantRequested;
use realmward_event::{Fact, Outcome};
use realmward_profile::{Sighting, Stack, StackInsight};
use realmward_vocab::{AccountName, EncryptionType};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// What was told within the hour.
#[derive(Serialize, Deserialize)]
pub(super) struct OverpassTheHash {
    told: Window<(AccountName, IpAddr), ()>,
}

impl Default for OverpassTheHash {
    fn default() -> Self {
        Self {
            told: Window::new(Duration::from_secs(3_600), PAIRS_MAX),
        }
    }
}

impl Detector for OverpassTheHash {
    const METADATA: Metadata = Metadata {
        id: "overpass_the_hash",
        external_id: Some(2002),
        title: "Suspected overpass-the-hash: a stolen key used for Kerberos",
        techniques: &["T1550.002", "T1550.003"],
        severity: Severity::Medium,
        looks_for: "A KDC accepts a logon whose messages were built by an attack tool, by Windows from stored keys, or by other software than the device's own with a weaker key or a sensitive account.",
        needs: &[Data::Kerberos],
        learning: None,
        next_steps: &[
            "Ask the owner of the account whether they were working on the source host.",
            "If not, reset the account's password and isolate the source; its tickets stay valid for hours.",
            "Find where the key was taken: hosts on which the account was logged on before.",
            "If the host runs an appliance with Kerberos software of its own, exclude it.",
        ],
        // Strong: penetration testers and administrators' scripts use the same tools.
        probability_if_compromised: 0.3,
        probability_if_honest: 5e-4,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        let request = accepted(sighting)?;
        let stack = sighting.stack.as_ref()?;
        let odd = is_odd(stack) || changed(sighting, stack);
        let account = sighting.actor.as_ref()?.name.folded();
        (odd && request.timestamp.is_some()).then_some(Key::Account(account))
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let (Some(request), Some(stack)) = (accepted(sighting), sighting.stack.as_ref()) else {
            return;
        };
        let (Some(actor), Some(address)) = (&sighting.actor, sighting.source.address) else {
            return;
        };
        let key = (actor.name.folded(), address);
        let points = Points::of(cx, sighting, request, stack);
        let is_enough = is_odd(stack) || MEDIUM_MIN <= points.sum;
        let before = self.told.get(cx.now, &key).is_some();
        if !is_enough || before || self.told.touch(cx.now, &key, || ()).is_none() {
            return;
        }
        findings.push(points.finding(sighting, stack));
    }
}

/// Whether the software alone is worth telling.
fn is_odd(stack: &StackInsight) -> bool {
    stack.stack.is_attack_tool() || stack.stack == Stack::LsassKeyOnly
}

/// Whether one device changed from Windows to other software; many behind one address did not.
fn changed(sighting: &Sighting, stack: &StackInsight) -> bool {
    let other = !stack.stack.is_windows() && stack.stack != Stack::Unknown;
    other && !sighting.source.is_shared && stack.device_stacks.iter().any(|it| it.is_windows())
}

/// The request behind an AS-REP.
fn accepted(sighting: &Sighting) -> Option<&TicketGrantRequested> {
    match &sighting.event.fact {
        Fact::TicketGranted(it) => it.request.as_deref(),
        _ => None,
    }
}

/// Signs that agree, added up.
struct Points {
    sum: u32,
    signs: Vec<(&'static str, String, &'static str)>,
}

impl Points {
    fn of(
        cx: &Context<'_>,
        sighting: &Sighting,
        request: &TicketGrantRequested,
        stack: &StackInsight,
    ) -> Self {
        let mut points = Self {
            sum: of_software(stack.stack),
            signs: Vec::new(),
        };
        if request.shape.etypes.contains(&EncryptionType(0)) {
            points.add(
                OVERWRITTEN,
                "keys in memory",
                "some are overwritten with zeros".to_owned(),
                "all present",
            );
        }
        let proof = request.timestamp.map(|it| it.etype).unwrap_or_default();
        let strong_before = stack
            .account_etypes
            .iter()
            .chain(&stack.offered_etypes)
            .any(|it| it.is_aes());
        if proof.is_weak() && strong_before {
            points.add(
                DOWNGRADE,
                "key type of the proof",
                proof.to_string(),
                "AES, as this account has it",
            );
        }
        if changed(sighting, stack) {
            points.add(
                CHANGED,
                "software on this device",
                "changed from Windows".to_owned(),
                "Windows, as before",
            );
        }
        let elsewhere = !stack.account_known_on_device && !stack.account_etypes.is_empty();
        if elsewhere && !sighting.source.is_shared {
            points.add(
                NEW_HERE,
                "account on this device",
                "not seen here before, only elsewhere".to_owned(),
                "seen here before",
            );
        }
        if sighting
            .actor
            .as_ref()
            .is_some_and(|it| cx.roster.is_sensitive(&it.name))
        {
            points.add(
                SENSITIVE,
                "account",
                "sensitive".to_owned(),
                "an ordinary one",
            );
        }
        points
    }

    fn add(
        &mut self,
        points: u32,
        condition: &'static str,
        observed: String,
        expected: &'static str,
    ) {
        self.sum += points;
        self.signs.push((condition, observed, expected));
    }

    fn finding(self, sighting: &Sighting, stack: &StackInsight) -> Finding {
        let mut finding = Finding::about(&OverpassTheHash::METADATA, sighting);
        finding.severity = match self.sum {
            HIGH_MIN.. => Severity::High,
            MEDIUM_MIN.. => Severity::Medium,
            _ => Severity::Low,
        };
        finding.kind = if self.sum < MEDIUM_MIN {
            Kind::Weak
        } else {
            Kind::Strong
        };
        finding.confidence = f64::from(self.sum.min(90)) / 100.0;
        finding.outcome = Outcome::Success;
        finding.because(
            "software that built the request",
            software(stack.stack),
            "that of the operating system",
        );
        finding.because_told(&stack.tells);
        for (condition, observed, expected) in self.signs {
            finding.because(condition, observed, expected);
        }
        finding.summary = format!(
            "{} got a ticket-granting ticket on {} with {}",
            who(sighting),
            called(&sighting.source),
            software(stack.stack)
        );
        finding
    }
}

/// What the software alone weighs.
const fn of_software(stack: Stack) -> u32 {
    match stack {
        it if it.is_attack_tool() => TOOL,
        Stack::LsassKeyOnly => STORED_KEYS,
        _ => 0,
    }
}

const fn software(stack: Stack) -> &'static str {
    match stack {
        Stack::Impacket => "impacket",
        Stack::Rubeus => "Rubeus",
        Stack::RubeusOpsec => "Rubeus imitating Windows",
        Stack::LsassKeyOnly => "Windows working from stored keys",
        Stack::Mit => "MIT Kerberos",
        Stack::Heimdal => "Heimdal",
        Stack::Java => "Java",
        Stack::Gokrb5 => "gokrb5",
        _ => "unusual software",
    }
}

/// Points for each sign; 60 is high and 40 medium. A tool that nobody needs for work is enough for
/// medium; stored keys alone also follow some honest credential refreshes.
const TOOL: u32 = 40;
const STORED_KEYS: u32 = 20;
const OVERWRITTEN: u32 = 20;
const DOWNGRADE: u32 = 25;
const CHANGED: u32 = 20;
const NEW_HERE: u32 = 10;
const SENSITIVE: u32 = 15;
const HIGH_MIN: u32 = 60;
const MEDIUM_MIN: u32 = 40;

/// What is lost: repeats of pairs past this are told again within the hour.
const PAIRS_MAX: usize = 100_000;
