//! A logon proven with RC4 by an account that has AES keys (forced encryption type).
//!
//! The NT hash is what thieves have most often, and it is the RC4 key. An account that proved itself
//! with AES before, and now with RC4, has met someone who lacks the AES key, or an old client. What
//! tells them apart is whether the client could have used AES: one that lists it, is Windows or is a
//! tool chose RC4; one that lists nothing better is old, and worth knowing. An account or a domain
//! that only knows RC4 shows no change and is left alone.

use crate::draft::{called, who};
use crate::window::Window;
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, Severity};
use realmward_event::{Fact, Outcome};
use realmward_profile::{Sighting, StackInsight};
use realmward_vocab::{AccountName, EncryptionType};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// What was told within the hour.
#[derive(Serialize, Deserialize)]
pub(super) struct EncryptionDowngradeLogon {
    told: Window<(AccountName, IpAddr), ()>,
}

impl Default for EncryptionDowngradeLogon {
    fn default() -> Self {
        Self {
            told: Window::new(Duration::from_secs(3_600), PAIRS_MAX),
        }
    }
}

impl Detector for EncryptionDowngradeLogon {
    const METADATA: Metadata = Metadata {
        id: "encryption_downgrade_logon",
        external_id: Some(2008),
        title: "Suspected overpass-the-hash: forced encryption type",
        techniques: &["T1550.002"],
        severity: Severity::Medium,
        looks_for: "An account that has AES keys proves itself with RC4.",
        needs: &[Data::Kerberos],
        learning: Some("the account must have proven itself with AES before"),
        next_steps: &[
            "Check whether the source is an old or misconfigured client that only knows RC4.",
            "If it is not, reset the account's password: its NT hash is in use by someone.",
            "Plan to forbid RC4 for accounts that have AES keys.",
        ],
        // Strong: old clients and changed configurations look the same.
        probability_if_compromised: 0.3,
        probability_if_honest: 2e-3,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        let proof = proof(sighting)?;
        let has_aes_keys = has_aes_keys(sighting.stack.as_ref()?);
        let account = sighting.actor.as_ref()?.name.folded();
        (proof.is_weak() && has_aes_keys).then_some(Key::Account(account))
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let (Some(proof), Some(stack)) = (proof(sighting), sighting.stack.as_ref()) else {
            return;
        };
        let (Some(actor), Some(address)) = (&sighting.actor, sighting.source.address) else {
            return;
        };
        let key = (actor.name.folded(), address);
        let before = self.told.get(cx.now, &key).is_some();
        if before || self.told.touch(cx.now, &key, || ()).is_none() {
            return;
        }
        let mut finding = Finding::about(&Self::METADATA, sighting);
        finding.outcome = Outcome::Success;
        finding.because(
            "key type of the proof",
            proof.to_string(),
            if stack.account_etypes.iter().any(|it| it.is_aes()) {
                "AES: this account proved itself with it before"
            } else {
                "AES: the KDC offered it for this account"
            },
        );
        match by_choice(sighting, stack) {
            Some((observed, expected)) => {
                finding.confidence = 0.6;
                finding.because("why not AES", observed, expected);
            }
            None => {
                finding.severity = Severity::Low;
                finding.kind = Kind::Weak;
                finding.confidence = 0.2;
                finding.because(
                    "why not AES",
                    "nothing shows that the client could: it may be old, or set up so",
                    "a client that can do AES",
                );
            }
        }
        finding.because_told(&stack.tells);
        finding.summary = format!(
            "{} logged on from {} with {proof} although the account has AES keys",
            who(sighting),
            called(&sighting.source)
        );
        findings.push(finding);
    }
}

fn has_aes_keys(stack: &StackInsight) -> bool {
    let mut known = stack.account_etypes.iter().chain(&stack.offered_etypes);
    known.any(|it| it.is_aes())
}

/// What shows that the client could have used AES, and what it would have done; `None` if it may
/// just be old.
fn by_choice(sighting: &Sighting, stack: &StackInsight) -> Option<(&'static str, &'static str)> {
    let Fact::TicketGranted(it) = &sighting.event.fact else {
        return None;
    };
    let lists_aes = it
        .request
        .as_ref()
        .is_some_and(|request| request.shape.etypes.iter().any(|it| it.is_aes()));
    // A service with an old keytab lists AES too; only an account that used AES elsewhere changed.
    let used_aes = stack.account_etypes.iter().any(|it| it.is_aes());
    if stack.stack.is_attack_tool() {
        Some(("built by an attack tool", "an operating system"))
    } else if stack.stack.is_windows() {
        Some(("the client is Windows", "Windows proves itself with AES"))
    } else if lists_aes && used_aes && !stack.account_known_on_device {
        Some((
            "the client lists AES and did not use it, and the account is new on it",
            "the best type of its list",
        ))
    } else {
        None
    }
}

/// The key type with which an accepted logon was proven.
fn proof(sighting: &Sighting) -> Option<EncryptionType> {
    match &sighting.event.fact {
        Fact::TicketGranted(it) => Some(it.request.as_ref()?.timestamp?.etype),
        _ => None,
    }
}

/// What is lost: repeats of pairs past this are told again within the hour.
const PAIRS_MAX: usize = 100_000;
