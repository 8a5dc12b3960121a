//! Replication of directory secrets by what is not a domain controller (DCSync).
//!
//! Whoever wants the keys of all accounts without touching a domain controller's disk must ask one
//! to replicate: DRSGetNCChanges (MS-DRSR section 4.1.10). The request may be sealed, but interface
//! and operation number are in the clear header, and no tool can leave them out. Only domain
//! controllers replicate, so the question is whether the asker is one; that may show a little later,
//! so a candidate waits. A promotion asks too, before its host is a domain controller, but then it
//! copies whole partitions and registers itself; a thief asks for single objects.
//! Credit: B. Delpy and V. Le Toux, who described DCSync.

use crate::draft::{actor_name, called, who};
use crate::interfaces::{DRSUAPI, call, has_arguments};
use crate::window::Window;
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, Severity};
use realmward_event::Outcome;
use realmward_event::rpc::RpcCalled;
use realmward_profile::{Certainty, Sighting};
use realmward_vocab::{AccountName, EventTime};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// Who asked to replicate and may yet turn out to be allowed to.
#[derive(Serialize, Deserialize)]
pub(super) struct DirectoryReplication {
    asked: Window<(IpAddr, AccountName), Asked>,
}

/// What one account asked from one address.
#[derive(Clone, Serialize, Deserialize)]
struct Asked {
    since: EventTime,
    told: bool,
    signs: Promotion,
    finding: Option<Finding>,
    calls: u32,
}

/// What a promotion does besides replicating.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Promotion {
    registers: bool,
    pulls: u32,
    octets: u64,
}

impl Promotion {
    /// Takes a call of the replication interface in.
    pub(super) fn take(&mut self, call: &RpcCalled) {
        match call.opnum {
            ADD_ENTRY | UPDATE_REFS => self.registers = true,
            GET_NC_CHANGES => {
                self.pulls += 1;
                self.octets += u64::from(call.response_octets.unwrap_or(0));
            }
            _ => {}
        }
    }

    /// Whether it looks like a new domain controller and not like a thief of single objects.
    pub(super) fn is_likely(&self) -> bool {
        self.registers && self.copies_partitions()
    }

    fn copies_partitions(&self) -> bool {
        PARTITION_OCTETS <= self.octets / u64::from(self.pulls.max(1))
    }

    /// How long to wait for its host to turn out to be a domain controller.
    fn patience(&self) -> Duration {
        if self.copies_partitions() {
            SETTLE_PARTITIONS
        } else {
            SETTLE
        }
    }
}

impl Default for DirectoryReplication {
    fn default() -> Self {
        Self {
            asked: Window::new(MEMORY, ASKERS_MAX),
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
        looks_for: "DRSGetNCChanges from a host that is not a domain controller, or from a domain controller by an account that is not one.",
        needs: &[Data::Rpc],
        learning: None,
        next_steps: &[
            "Disable the account and isolate the source host.",
            "Check who holds Replicating Directory Changes (All) on the domain and remove what is not needed.",
            "If it succeeded, treat every password hash of the domain as known: reset krbtgt twice, then privileged and service accounts.",
            "If the host is a synchronisation server or a new domain controller, confirm with its owner and exclude it.",
        ],
        // Deterministic: roles alone decide, and replication tools have one honest use in a thousand hosts.
        probability_if_compromised: 0.5,
        probability_if_honest: 1e-4,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        let (interface, call) = call(sighting)?;
        let matters =
            matches!(call.opnum, GET_NC_CHANGES | ADD_ENTRY | UPDATE_REFS) && has_arguments(call);
        (interface == DRSUAPI && matters).then_some(Key::Source(sighting.source.address?))
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let (Some((_, call)), Some(source)) = (call(sighting), sighting.source.address) else {
            return;
        };
        if is_trusted(cx, source, sighting) {
            return;
        }
        let key = (source, actor_name(sighting).folded());
        let Some(asked) = self.asked.touch(cx.now, &key, || Asked {
            since: cx.now,
            told: false,
            signs: Promotion::default(),
            finding: None,
            calls: 0,
        }) else {
            return;
        };
        asked.signs.take(call);
        if call.opnum == GET_NC_CHANGES {
            asked.take(cx, sighting, call);
        }
        if asked.told {
            asked.tell(findings);
        }
    }

    fn settle(&mut self, cx: &Context<'_>, findings: &mut Vec<Finding>) {
        for ((source, account), asked) in self.asked.iter_mut() {
            let due = cx.ended || asked.signs.patience() <= cx.now.saturating_since(asked.since);
            if !due || asked.told || asked.finding.is_none() {
                continue;
            }
            let by_machine = account.is_empty() || account.is_machine();
            let became_one = cx.roster.domain_controller(*source).is_some() && by_machine;
            if became_one || asked.signs.is_likely() {
                asked.finding = None;
            } else {
                asked.told = true;
                asked.tell(findings);
            }
        }
    }
}

impl Asked {
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
        Some(_) => "a domain controller, but the account is not one's",
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
        "the machine account of a domain controller",
    );
    finding
}

/// A domain controller that works under a machine account, or under one that is not known.
fn is_trusted(cx: &Context<'_>, source: IpAddr, sighting: &Sighting) -> bool {
    let is_domain_controller = cx.roster.domain_controller(source).is_some();
    let by_person = sighting
        .actor
        .as_ref()
        .is_some_and(|actor| actor.certainty == Certainty::High && !actor.name.is_machine());
    is_domain_controller && !by_person
}

fn better(a: Outcome, b: Outcome) -> Outcome {
    match (a, b) {
        (Outcome::Success, _) | (_, Outcome::Success) => Outcome::Success,
        (Outcome::Attempt, _) | (_, Outcome::Attempt) => Outcome::Attempt,
        (Outcome::Failure, _) | (_, Outcome::Failure) => Outcome::Failure,
        _ => Outcome::Attempt,
    }
}

/// IDL_DRSGetNCChanges (MS-DRSR section 4.1.10).
const GET_NC_CHANGES: u16 = 3;
/// IDL_DRSUpdateRefs (MS-DRSR section 4.1.26).
const UPDATE_REFS: u16 = 4;
/// IDL_DRSAddEntry (MS-DRSR section 4.1.1).
const ADD_ENTRY: u16 = 17;

/// A promoted host answers as a domain controller, or shows itself one, within a minute of its first pull.
const SETTLE: Duration = Duration::from_secs(60);

/// A large partition takes longer to copy before its new holder registers (DRSUpdateRefs).
const SETTLE_PARTITIONS: Duration = Duration::from_secs(300);

/// A reply to a tool that asks for one object has 4 to 8 kB; one that carries a partition has
/// hundreds. Measured on promotions of Samba and Windows and on three tools.
const PARTITION_OCTETS: u64 = 20_000;

/// An intrusion that pauses longer is told again.
const MEMORY: Duration = Duration::from_secs(3_600);

/// Far more than hosts that replicate. What is lost: candidates past this within an hour.
const ASKERS_MAX: usize = 10_000;
