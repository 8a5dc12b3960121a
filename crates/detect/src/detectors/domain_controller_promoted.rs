//! A host registers itself as a domain controller.
//!
//! Honest promotions look like replication abuse for a minute, and abuse can dress as a promotion;
//! so a promotion is always told, at low severity, for an administrator to confirm. What it cannot
//! avoid is to register: DRSAddEntry or DRSUpdateRefs (MS-DRSR sections 4.1.1 and 4.1.26) from a host
//! that was no domain controller before. A rogue one (DCShadow) wants to be read and not to read: it
//! registers without copying anything, or tells a domain controller to replicate from it
//! (DRSReplicaAdd, section 4.1.19), which nobody but a domain controller has reason to.
//! Credit: B. Delpy and V. Le Toux, who described DCShadow.

use super::directory_replication::{ADD_ENTRY, GET_NC_CHANGES, Promotion, UPDATE_REFS};
use crate::draft::{called, who};
use crate::interfaces::{call, has_arguments};
use crate::window::Window;
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, Severity};
use realmward_event::Outcome;
use realmward_event::rpc::RpcCalled;
use realmward_profile::Sighting;
use realmward_vocab::EventTime;
use realmward_vocab::interface::DRSUAPI;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// Hosts that replicate and register.
#[derive(Serialize, Deserialize)]
pub(super) struct DomainControllerPromoted {
    hosts: Window<IpAddr, Host>,
}

/// What one host did.
#[derive(Default, Serialize, Deserialize)]
struct Host {
    signs: Promotion,
    told: bool,
    told_rogue: bool,
    /// Registered, and has copied nothing yet.
    registered: Option<(EventTime, Finding)>,
}

impl Default for DomainControllerPromoted {
    fn default() -> Self {
        Self {
            hosts: Window::new(MEMORY, HOSTS_MAX),
        }
    }
}

impl Detector for DomainControllerPromoted {
    const METADATA: Metadata = Metadata {
        id: "domain_controller_promoted",
        external_id: Some(2028),
        title: "A host became a domain controller, or pretends to be one",
        techniques: &["T1207"],
        severity: Severity::Low,
        looks_for: "A host that was no domain controller registers for replication: with whole partitions copied it is being promoted, without it is a rogue one (DCShadow).",
        needs: &[Data::Rpc],
        learning: None,
        next_steps: &[
            "Confirm with the administrators that this host was promoted on purpose.",
            "If nobody did, isolate it and look for rogue server objects under CN=Sites in the configuration partition.",
            "Then look for what it pushed: objects changed at that time whose originating change names an unknown domain controller (repadmin /showobjmeta).",
        ],
        // Weak: nearly every promotion is honest.
        probability_if_compromised: 0.1,
        probability_if_honest: 1e-2,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        let (interface, call) = call(sighting)?;
        let matters = MATTERS.contains(&call.opnum) && has_arguments(call);
        (interface == DRSUAPI && matters).then_some(Key::Source(sighting.source.address?))
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let (Some((_, call)), Some(source)) = (call(sighting), sighting.source.address) else {
            return;
        };
        let known = cx.roster.domain_controller(source).is_some();
        if known && self.hosts.get(cx.now, &source).is_none() {
            return;
        }
        let Some(host) = self.hosts.touch(cx.now, &source, Host::default) else {
            return;
        };
        host.signs.take(call);
        if call.opnum == REPLICA_ADD && !known && !host.told_rogue {
            host.told_rogue = true;
            findings.push(rogue(sighting, call));
        }
        if call.opnum == ADD_ENTRY && host.registered.is_none() && !host.told {
            host.registered = Some((cx.now, registered(sighting, call)));
        }
        if host.signs.copies_partitions() {
            host.registered = None;
        }
        if !host.told && host.signs.is_likely() {
            host.told = true;
            findings.push(promoted(sighting));
        }
    }

    fn settle(&mut self, cx: &Context<'_>, findings: &mut Vec<Finding>) {
        for (source, host) in self.hosts.iter_mut() {
            let due = host
                .registered
                .as_ref()
                .is_some_and(|(at, _)| cx.ended || COPIES_WITHIN <= cx.now.saturating_since(*at));
            let became_one = cx.roster.domain_controller(*source).is_some();
            if let Some((_, mut finding)) = host.registered.take_if(|_| due && !became_one) {
                if cx.ended {
                    finding.severity = Severity::Low;
                }
                host.told = true;
                findings.push(finding);
            }
        }
    }
}

fn promoted(sighting: &Sighting) -> Finding {
    let mut finding = Finding::about(&DomainControllerPromoted::METADATA, sighting);
    finding.kind = Kind::Weak;
    finding.confidence = 0.8;
    finding.outcome = Outcome::Success;
    finding.summary = format!(
        "{} registered as a domain controller with {} under {}",
        called(&sighting.source),
        called(&sighting.target),
        who(sighting)
    );
    finding.because(
        "operations of the replication interface",
        "whole partitions pulled, and DRSAddEntry or DRSUpdateRefs",
        "none from a host that is no domain controller, unless it is being promoted",
    );
    finding
}

fn registered(sighting: &Sighting, call: &RpcCalled) -> Finding {
    let mut finding = Finding::about(&DomainControllerPromoted::METADATA, sighting);
    finding.severity = Severity::Medium;
    finding.confidence = 0.6;
    finding.outcome = call.outcome;
    finding.summary = format!(
        "{} on {} asked {} to register a domain controller{}",
        who(sighting),
        called(&sighting.source),
        called(&sighting.target),
        match call.outcome {
            Outcome::Failure => ", and was refused",
            _ => ", and copied nothing",
        }
    );
    finding.because(
        "operation of the replication interface",
        "DRSAddEntry (17), and no partition pulled",
        "a promotion copies every partition within minutes",
    );
    finding
}

fn rogue(sighting: &Sighting, call: &RpcCalled) -> Finding {
    let mut finding = Finding::about(&DomainControllerPromoted::METADATA, sighting);
    finding.severity = Severity::High;
    finding.kind = Kind::Deterministic;
    finding.confidence = 0.8;
    finding.outcome = call.outcome;
    finding.summary = format!(
        "{} on {}, which is no domain controller, told {} to replicate from a new source",
        who(sighting),
        called(&sighting.source),
        called(&sighting.target),
    );
    finding.because(
        "operation of the replication interface",
        "DRSReplicaAdd (5): a domain controller is to pull changes from a server of the caller's choice",
        "only between domain controllers",
    );
    finding
}

/// IDL_DRSReplicaAdd (MS-DRSR section 4.1.19).
const REPLICA_ADD: u16 = 5;

/// What registers, copies, or makes others copy.
const MATTERS: &[u16] = &[GET_NC_CHANGES, UPDATE_REFS, REPLICA_ADD, ADD_ENTRY];

/// A promotion begins to copy seconds after its registration.
const COPIES_WITHIN: Duration = Duration::from_secs(300);

const MEMORY: Duration = Duration::from_secs(3_600);

/// Far more than hosts that replicate. What is lost: promotions past this within an hour.
const HOSTS_MAX: usize = 10_000;
