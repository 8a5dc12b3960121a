//! Running code on another host: services, scheduled tasks, WMI and DCOM.
//!
//! Every way of starting a program on a remote Windows host without an agent goes through a handful
//! of RPC operations. Tools choose names, paths and encryption as they like, but not the operation:
//! its interface and number stay in clear even when the call is sealed. A library written into the
//! system folder runs in the next service that is asked for anything. Asking for a list, opening
//! the service manager or a WMI query runs nothing and is left alone. Administrators do the same
//! as thieves: what an account does from the same address every week is told quietly, unless
//! something in it is a tool's.
//! Credit: MITRE BZAR for the list of operations.

mod steps;
mod tells;

use crate::draft::{actor_name, called, who};
use crate::habit::is_usual;
use crate::window::{Window, add};
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, Severity};
use realmward_event::Outcome;
use realmward_profile::Sighting;
use realmward_vocab::{AccountName, EventTime, PacketRef};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;
use steps::{Method, Step};

/// What is under way, by who does it to whom.
#[derive(Serialize, Deserialize)]
pub(super) struct RemoteExecution {
    incidents: Window<(IpAddr, IpAddr), Incident>,
}

/// Steps of one source against one target.
#[derive(Default, Serialize, Deserialize)]
struct Incident {
    methods: Vec<Method>,
    prepared: Vec<Method>,
    tells: Vec<String>,
    /// WMI objects written.
    installed: u8,
    written: Option<(EventTime, String, Vec<PacketRef>)>,
    created: Option<EventTime>,
    account: AccountName,
    /// Whether any step was not a habit of its account.
    #[serde(default)]
    unusual: bool,
}

impl Default for RemoteExecution {
    fn default() -> Self {
        Self {
            incidents: Window::new(WITHIN, PAIRS_MAX),
        }
    }
}

impl Detector for RemoteExecution {
    const METADATA: Metadata = Metadata {
        id: "remote_execution",
        external_id: Some(2019),
        title: "Remote code execution attempt",
        techniques: &["T1569.002", "T1053.005", "T1047", "T1021.003"],
        severity: Severity::Medium,
        looks_for: "A host creates or reconfigures and starts a service, registers a task, calls a WMI method or a DCOM object on another host.",
        needs: &[Data::Rpc, Data::Smb],
        learning: Some(
            "none to tell; what an account did from the same address on 3 of the past 30 days is low",
        ),
        next_steps: &[
            "Ask the owner of the account whether this was administration or software deployment; if it is routine, exclude source and account.",
            "On the target, look at services and tasks made at that time, and at the parent processes services.exe, svchost.exe and wmiprvse.exe.",
            "If nobody knows of it, isolate the source, disable the account and look for what ran.",
        ],
        // Strong: administrators and deployment software do the same.
        probability_if_compromised: 0.3,
        probability_if_honest: 2e-3,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        steps::of(sighting)?;
        Some(Key::Source(sighting.source.address?))
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let (Some(source), Some(target)) = (sighting.source.address, sighting.target.address)
        else {
            return;
        };
        let Some(step) = steps::of(sighting).filter(|_| source != target) else {
            return;
        };
        let Some(incident) = self
            .incidents
            .touch(cx.now, &(source, target), Incident::default)
        else {
            return;
        };
        if incident.take(cx.now, sighting, &step) {
            findings.push(incident.finding(sighting, &step));
        }
    }
}

impl Incident {
    /// Takes a step in; whether it runs something, or completes what runs something.
    fn take(&mut self, now: EventTime, sighting: &Sighting, step: &Step) -> bool {
        let account = actor_name(sighting);
        if !account.is_empty() {
            self.account = account;
        }
        self.unusual |= !is_usual(sighting);
        for tell in tells::of(sighting, step) {
            add(&mut self.tells, tell, TELLS_MAX);
        }
        match step {
            Step::Wrote(name) => {
                self.written = Some((now, name.clone(), sighting.event.evidence.clone()));
                return false;
            }
            Step::ToolPipe(_) => {
                add(&mut self.methods, Method::Service, TELLS_MAX);
                return true;
            }
            Step::Prepares(method) => {
                add(&mut self.prepared, *method, TELLS_MAX);
                if !self.has_planted(now) {
                    return false;
                }
                add(&mut self.methods, *method, TELLS_MAX);
            }
            Step::Installs => {
                self.installed = self.installed.saturating_add(1);
                if self.installed < INSTALLED_MIN {
                    return false;
                }
                add(&mut self.methods, Method::Wmi, TELLS_MAX);
            }
            Step::Undoes => {
                let soon = self
                    .created
                    .is_some_and(|created| now.saturating_since(created) <= UNDONE_WITHIN);
                if soon {
                    add(&mut self.tells, UNDONE.to_owned(), TELLS_MAX);
                }
                return soon;
            }
            Step::Completes(method) => {
                let written = self.written_lately(now).is_some();
                let ready = self.prepared.contains(method)
                    || self.methods.contains(method)
                    || (*method == Method::Service && written);
                if !ready {
                    return false;
                }
            }
            Step::Runs(method) => {
                if matches!(method, Method::Service | Method::Task) {
                    self.created = Some(now);
                }
            }
        }
        if let Step::Runs(method) | Step::Completes(method) = step {
            add(&mut self.methods, *method, TELLS_MAX);
        }
        true
    }

    /// The program that was written to an administrative share within the hour.
    fn written_lately(&self, now: EventTime) -> Option<&str> {
        let (at, name, _) = self.written.as_ref()?;
        (now.saturating_since(*at) <= WITHIN).then_some(name)
    }

    /// Whether a library was put where services look for theirs, so that the next one loads it.
    fn has_planted(&self, now: EventTime) -> bool {
        self.written_lately(now)
            .is_some_and(steps::is_system_library)
    }

    fn finding(&self, sighting: &Sighting, step: &Step) -> Finding {
        let mut finding = Finding::about(&RemoteExecution::METADATA, sighting);
        finding.kind = Kind::Strong;
        finding.outcome = steps::outcome(sighting);
        let several = 1 < self.methods.len();
        let by_tool = !self.tells.is_empty() || self.written.is_some();
        finding.severity = if several || by_tool {
            Severity::High
        } else {
            Severity::Medium
        };
        finding.confidence = if by_tool { 0.9 } else { 0.7 };
        finding.because(
            "operation",
            step.words(sighting),
            "none from hosts that do not administer the target",
        );
        if let Some((_, name, packets)) = &self.written {
            finding.because(
                "file written just before",
                name.clone(),
                "no program written to an administrative share",
            );
            finding.prove(packets);
        }
        for tell in &self.tells {
            finding.because(
                "habit of a tool",
                tell.clone(),
                "administration leaves no such trace",
            );
        }
        finding.because_of_habit(sighting, !self.unusual && self.tells.is_empty());
        if several {
            let methods: Vec<&str> = self.methods.iter().map(|it| it.words()).collect();
            finding.because("ways used within an hour", methods.join(", "), "one");
        }
        finding.summary = format!(
            "{} on {} {} {}{}",
            who(sighting),
            called(&sighting.source),
            step.told(),
            called(&sighting.target),
            match finding.outcome {
                Outcome::Failure => ", and was refused",
                _ => "",
            }
        );
        finding
    }
}

const UNDONE: &str = "created and deleted again within ten seconds";

/// A filter, a consumer and a binding; software that sets properties writes one or two.
const INSTALLED_MIN: u8 = 3;

/// Tools clean up at once; people do not.
const UNDONE_WITHIN: Duration = Duration::from_secs(10);

/// Steps that are an hour apart are told as they come but not joined.
const WITHIN: Duration = Duration::from_secs(3_600);

/// Different habits and ways: a handful each.
const TELLS_MAX: usize = 8;

/// Sources times targets of administration within an hour. What is lost: steps of later pairs.
const PAIRS_MAX: usize = 100_000;
