//! What is remembered of a ticket that was used from two devices.

use crate::{Finding, Severity};
use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One ticket: whose device it is, and what was told of others.
#[derive(Serialize, Deserialize)]
pub(super) struct Case {
    pub(super) first: IpAddr,
    pub(super) told: Vec<(IpAddr, Finding)>,
    /// What will be told if nothing shows that both are one device.
    #[serde(default)]
    pub(super) waiting: Vec<Waiting>,
}

/// Another address that may be the first device, moved.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) address: IpAddr,
    /// When the first device was last seen with the ticket.
    pub(super) left: EventTime,
    pub(super) finding: Finding,
}

/// What becomes of a finding.
pub(super) enum Taken {
    Told(Finding),
    Waits,
}

impl Case {
    pub(super) const fn new(first: IpAddr) -> Self {
        Self {
            first,
            told: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Takes what is to be said of an address, if it was not said: a doubt waits, a sign does not.
    pub(super) fn take(
        &mut self,
        address: IpAddr,
        left: EventTime,
        finding: Finding,
    ) -> Option<Taken> {
        let is_told = self.told.iter().any(|(it, _)| *it == address);
        if is_told || DEVICES_MAX <= self.told.len() {
            return None;
        }
        if Severity::Low < finding.severity {
            self.waiting.retain(|it| it.address != address);
            self.told.push((address, finding.clone()));
            return Some(Taken::Told(finding));
        }
        let waits = self.waiting.iter().any(|it| it.address == address);
        if waits || DEVICES_MAX <= self.waiting.len() {
            return None;
        }
        self.waiting.push(Waiting {
            address,
            left,
            finding,
        });
        Some(Taken::Waits)
    }
}

/// One ticket on more devices than this says no more than on these.
const DEVICES_MAX: usize = 8;
