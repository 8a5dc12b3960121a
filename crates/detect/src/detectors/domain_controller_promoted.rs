//! A host registers itself as a domain controller.
//!
//! Honest promotions look like replication abuse for a minute, and abuse can dress as a promotion;
//! so a promotion is always told, at low severity, for an administrator to confirm. What it cannot
//! avoid is to register: DRSAddEntry or DRSUpdateRefs (MS-DRSR sections 4.1.1 and 4.1.26) from a host
//! that was no domain controller before.

use super::directory_replication::Promotion;
use crate::draft::{called, who};
use crate::interfaces::{DRSUAPI, call};
use crate::window::Window;
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, Severity};
use realmward_event::Outcome;
use realmward_profile::Sighting;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// Hosts that replicate and register.
#[derive(Serialize, Deserialize)]
pub(super) struct DomainControllerPromoted {
    hosts: Window<IpAddr, (Promotion, bool)>,
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
        external_id: None,
        title: "A host became a domain controller",
        techniques: &["T1207"],
        severity: Severity::Low,
        looks_for: "A host that was no domain controller registers for replication and copies whole partitions.",
        needs: &[Data::Rpc],
        learning: None,
        next_steps: &[
            "Confirm with the administrators that this host was promoted on purpose.",
            "If nobody did, isolate it and look for rogue server objects under CN=Sites in the configuration partition.",
        ],
        // Weak: nearly every promotion is honest.
        probability_if_compromised: 0.1,
        probability_if_honest: 1e-2,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        let (interface, _) = call(sighting)?;
        (interface == DRSUAPI).then_some(Key::Source(sighting.source.address?))
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let (Some((_, call)), Some(source)) = (call(sighting), sighting.source.address) else {
            return;
        };
        let known = cx.roster.domain_controller(source).is_some();
        if known && self.hosts.get(cx.now, &source).is_none() {
            return;
        }
        let Some((signs, told)) = self
            .hosts
            .touch(cx.now, &source, || (Promotion::default(), false))
        else {
            return;
        };
        signs.take(call);
        if *told || !signs.is_likely() {
            return;
        }
        *told = true;
        let mut finding = Finding::about(&Self::METADATA, sighting);
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
        findings.push(finding);
    }
}

const MEMORY: Duration = Duration::from_secs(3_600);

/// Far more than hosts that replicate. What is lost: promotions past this within an hour.
const HOSTS_MAX: usize = 10_000;
