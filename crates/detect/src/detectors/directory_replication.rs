//! Replication of directory secrets by what is not a domain controller (DCSync).
//!
//! Whoever wants the keys of all accounts without touching a domain controller's disk must ask one
//! to replicate: DRSGetNCChanges (MS-DRSR section 4.1.10). The request may be sealed, but interface
//! and operation number are in the clear header, and no tool can leave them out. Only domain
//! controllers replicate, so the question is whether the asker is one; that may show a little later,
//! so a candidate waits. A promotion asks too, before its host is a domain controller, but then it
//! copies whole partitions and registers itself, and is one within the hour; a thief asks for single
//! objects, or never becomes one. The account that a synchronisation product made for itself may
//! replicate, from the one server on which it runs.
//! Credit: B. Delpy and V. Le Toux, who described DCSync.

mod promotion;

use crate::draft::{actor_name, called, who};
use crate::interfaces::{call, has_arguments};
use crate::window::Window;
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, Severity};
use realmward_event::Outcome;
use realmward_event::rpc::RpcCalled;
use realmward_profile::{Actor, Certainty, Sighting, is_synchronisation};
use realmward_vocab::interface::DRSUAPI;
use realmward_vocab::{AccountName, EventTime};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

pub(super) use promotion::{ADD_ENTRY, GET_NC_CHANGES, Promotion, UPDATE_REFS};

/// Who asked to replicate and may yet turn out to be allowed to.
#[derive(Serialize, Deserialize)]
pub(super) struct DirectoryReplication {
    asked: Window<(IpAddr, AccountName), Asked>,
    /// The servers from which synchronisation products replicate, by their accounts.
    synchronise: Window<AccountName, IpAddr>,
}

/// What one account asked from one address.
#[derive(Clone, Serialize, Deserialize)]
struct Asked {
    since: EventTime,
    told: bool,
    /// The account surely is not the source's own.
    by_another: bool,
    signs: Promotion,
    finding: Option<Finding>,
    calls: u32,
}

impl Default for DirectoryReplication {
    fn default() -> Self {
        Self {
            asked: Window::new(MEMORY, ASKERS_MAX),
            synchronise: Window::new(SYNCHRONISES_WITHIN, ASKERS_MAX),
        }
    }
}

impl Detector for DirectoryReplication {
    const METADATA: Metadata = Metadata {
        id: "directory_replication",
        external_id: Some(2006),
        title: "Suspected DCSync: replication by what is not a domain controller",
        techniques: &["T1003.006"],
        severity: Severity::High,
        looks_for: "DRSGetNCChanges from a host that is not a domain controller, or from a domain controller by an account that is not its own.",
        needs: &[Data::Rpc],
        learning: None,
        next_steps: &[
            "Disable the account and isolate the source host.",
            "Check who holds Replicating Directory Changes (All) on the domain and remove what is not needed.",
            "If it succeeded, treat every password hash of the domain as known: reset krbtgt twice, then privileged and service accounts.",
            "If the host is a synchronisation server (Entra Connect and its kin) or a new domain controller, confirm with its owner and exclude it.",
        ],
        // Deterministic: roles alone decide, and replication tools have one honest use in a thousand hosts.
        probability_if_compromised: 0.5,
        probability_if_honest: 1e-4,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        let (interface, call) = call(sighting)?;
        let matters =
            matches!(call.opnum, GET_NC_CHANGES | ADD_ENTRY | UPDATE_REFS) && has_arguments(call);
        if interface != DRSUAPI || !matters {
            return None;
        }
        let account = actor_name(sighting);
        Some(if is_synchronisation(&account) {
            Key::Account(account.folded())
        } else {
            Key::Source(sighting.source.address?)
        })
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let (Some((_, call)), Some(source)) = (call(sighting), sighting.source.address) else {
            return;
        };
        if cx.roster.domain_controller(source).is_some() && !is_by_another(sighting) {
            return;
        }
        let at_home = self.is_at_home(cx, sighting, source);
        let key = (source, actor_name(sighting).folded());
        let Some(asked) = self.asked.touch(cx.now, &key, || Asked {
            since: cx.now,
            told: false,
            by_another: false,
            signs: Promotion::default(),
            finding: None,
            calls: 0,
        }) else {
            return;
        };
        asked.signs.take(call);
        asked.by_another |= is_by_another(sighting);
        if call.opnum == GET_NC_CHANGES {
            asked.take(cx, sighting, call);
            asked.lower(at_home);
        }
        if asked.told {
            asked.tell(findings);
        }
    }

    fn settle(&mut self, cx: &Context<'_>, findings: &mut Vec<Finding>) {
        for ((source, _), asked) in self.asked.iter_mut() {
            let due = cx.ended || asked.signs.patience() <= cx.now.saturating_since(asked.since);
            if !due || asked.told || asked.finding.is_none() {
                continue;
            }
            match asked.verdict(cx, *source) {
                Verdict::Honest => asked.finding = None,
                Verdict::Open => {}
                Verdict::Told => {
                    asked.told = true;
                    asked.tell(findings);
                }
            }
        }
    }
}

/// What is to be done with a candidate whose time is over.
enum Verdict {
    Honest,
    Open,
    Told,
}

impl DirectoryReplication {
    /// Whether the account of a synchronisation product works from the first server that was seen
    /// with it; from any other it is stolen.
    fn is_at_home(&mut self, cx: &Context<'_>, sighting: &Sighting, source: IpAddr) -> bool {
        let account = actor_name(sighting).folded();
        is_synchronisation(&account)
            && self
                .synchronise
                .touch(cx.now, &account, || source)
                .is_some_and(|home| *home == source)
    }
}

impl Asked {
    fn verdict(&mut self, cx: &Context<'_>, source: IpAddr) -> Verdict {
        let is_one = cx.roster.domain_controller(source).is_some();
        if is_one && (!self.by_another || self.signs.is_likely()) {
            return Verdict::Honest;
        }
        if !self.signs.is_likely() {
            return Verdict::Told;
        }
        if cx.ended || cx.now.saturating_since(self.since) < PROMOTED_WITHIN {
            return Verdict::Open;
        }
        if let Some(finding) = &mut self.finding {
            finding.severity = Severity::Medium;
            finding.confidence = 0.6;
            finding.because(
                "registration as a domain controller",
                "asked for, but the host never answered as one within half an hour",
                "a new domain controller answers Kerberos and LDAP within minutes",
            );
        }
        Verdict::Told
    }

    /// A synchronisation product at home is worth knowing once, and no more.
    fn lower(&mut self, at_home: bool) {
        let Some(finding) = self.finding.as_mut().filter(|_| at_home) else {
            return;
        };
        if finding.severity != Severity::Low {
            finding.severity = Severity::Low;
            finding.kind = Kind::Weak;
            finding.confidence = 0.3;
            finding.because(
                "kind of account",
                "made by a synchronisation product to read passwords, and used from one server only",
                "replicates from its own server",
            );
        }
    }
    fn take(&mut self, cx: &Context<'_>, sighting: &Sighting, call: &RpcCalled) {
        self.calls += 1;
        let calls = self.calls;
        let fresh = || begin(cx, sighting);
        let finding = self.finding.get_or_insert_with(fresh);
        finding.end = cx.now;
        finding.outcome = better(finding.outcome, call.outcome);
        finding.prove(&sighting.event.evidence);
        finding.summary = format!(
            "{} on {} asked the domain controller {} to replicate directory data ({calls} request{}){}",
            who(sighting),
            called(&sighting.source),
            called(&sighting.target),
            if calls == 1 { "" } else { "s" },
            match finding.outcome {
                Outcome::Success => ", and got it",
                Outcome::Failure => ", and was refused",
                _ => "",
            }
        );
    }

    fn tell(&mut self, findings: &mut Vec<Finding>) {
        findings.extend(self.finding.take());
    }
}

fn begin(cx: &Context<'_>, sighting: &Sighting) -> Finding {
    let mut finding = Finding::about(&DirectoryReplication::METADATA, sighting);
    finding.kind = Kind::Deterministic;
    finding.confidence = match sighting.interface.map(|it| it.certainty) {
        Some(Certainty::High) => 0.95,
        _ => 0.8,
    };
    let role = match sighting
        .source
        .address
        .and_then(|it| cx.roster.domain_controller(it))
    {
        Some(_) => "a domain controller, but the account is not its own",
        None => "not a domain controller: it answered no Kerberos, LDAP or replication request",
    };
    finding.because(
        "operation of the replication interface",
        format!("DRSGetNCChanges (3) from {}", called(&sighting.source)),
        "only between domain controllers",
    );
    finding.because("role of the source", role, "a known domain controller");
    finding.because(
        "account of the session",
        who(sighting),
        "the domain controller's own machine account",
    );
    finding
}

/// Whether the account surely is not the machine account of the source.
fn is_by_another(sighting: &Sighting) -> bool {
    sighting
        .actor
        .as_ref()
        .is_some_and(|actor| actor.certainty == Certainty::High && !is_own(actor, sighting))
}

/// Whether the account is a machine's, and of no machine that surely is another.
fn is_own(actor: &Actor, sighting: &Sighting) -> bool {
    let account = actor.name.folded();
    let Some(machine) = account.as_str().strip_suffix('$') else {
        return false;
    };
    let source = &sighting.source;
    let named = source.name.as_ref().map(|name| name.short().folded());
    source.name_certainty != Certainty::High || named.is_none_or(|name| name.as_str() == machine)
}

fn better(a: Outcome, b: Outcome) -> Outcome {
    match (a, b) {
        (Outcome::Success, _) | (_, Outcome::Success) => Outcome::Success,
        (Outcome::Attempt, _) | (_, Outcome::Attempt) => Outcome::Attempt,
        (Outcome::Failure, _) | (_, Outcome::Failure) => Outcome::Failure,
        _ => Outcome::Attempt,
    }
}

/// A host that is promoted has restarted and answers by then.
const PROMOTED_WITHIN: Duration = Duration::from_secs(1_800);

/// Synchronisation runs every few minutes; a server that was silent for a month may have been replaced.
const SYNCHRONISES_WITHIN: Duration = Duration::from_secs(30 * 86_400);

/// An intrusion that pauses longer is told again.
const MEMORY: Duration = Duration::from_secs(3_600);

/// Far more than hosts that replicate. What is lost: candidates past this within an hour.
const ASKERS_MAX: usize = 10_000;
