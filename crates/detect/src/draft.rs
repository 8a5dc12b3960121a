//! A finding begun from a sighting: who, where, when and by which packets, said once.

use crate::{Because, Finding, Metadata, Party, PartyHost, PartyRole};
use realmward_event::Outcome;
use realmward_profile::{Device, Sighting, Tell};
use realmward_vocab::{AccountName, DetectorId, PacketRef};

impl Finding {
    /// A finding of the detector about one sighting: its actor, source, target, time and packets.
    #[must_use]
    pub fn about(metadata: &Metadata, sighting: &Sighting) -> Self {
        Self {
            detector: DetectorId::new(metadata.id),
            order: sighting.event.order,
            severity: metadata.severity,
            kind: crate::Kind::Strong,
            confidence: 0.5,
            start: sighting.event.time,
            end: sighting.event.time,
            accounts: actor(sighting).into_iter().collect(),
            hosts: vec![
                host(&sighting.source, PartyRole::Source),
                host(&sighting.target, PartyRole::Target),
            ],
            outcome: Outcome::Unknown,
            summary: String::new(),
            why: Vec::new(),
            evidence: sighting.event.evidence.clone(),
        }
    }

    /// Adds a condition with what was observed and what an honest case would show.
    pub(crate) fn because(
        &mut self,
        condition: &str,
        observed: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.why.push(Because {
            condition: condition.to_owned(),
            observed: observed.into(),
            expected: expected.into(),
        });
    }

    /// Adds what tells a stack.
    pub(crate) fn because_told(&mut self, tells: &[Tell]) {
        for it in tells {
            self.because(&it.condition, it.observed.clone(), it.expected.clone());
        }
    }

    /// Adds packets, in order, up to [`crate::finding::EVIDENCE_MAX`].
    pub(crate) fn prove(&mut self, packets: &[PacketRef]) {
        self.evidence.extend_from_slice(packets);
        self.evidence.sort_unstable();
        self.evidence.dedup();
        self.evidence.truncate(crate::finding::EVIDENCE_MAX);
    }
}

/// The account that acts, as a party.
pub(crate) fn actor(sighting: &Sighting) -> Option<Party> {
    sighting.actor.as_ref().map(|actor| Party {
        name: actor.name.clone(),
        domain: actor.domain.clone(),
        role: PartyRole::Actor,
    })
}

/// The name of the actor, empty if nobody knows.
pub(crate) fn actor_name(sighting: &Sighting) -> AccountName {
    sighting
        .actor
        .as_ref()
        .map(|actor| actor.name.clone())
        .unwrap_or_default()
}

/// A device as a party.
pub(crate) fn host(device: &Device, role: PartyRole) -> PartyHost {
    PartyHost {
        ip: device.address,
        name: device.name.clone(),
        role,
    }
}

/// A device in a sentence: its name, or its address.
pub(crate) fn called(device: &Device) -> String {
    match (&device.name, device.address) {
        (Some(name), _) => name.to_string(),
        (None, Some(address)) => address.to_string(),
        (None, None) => "an unknown device".to_owned(),
    }
}

/// The actor in a sentence.
pub(crate) fn who(sighting: &Sighting) -> String {
    match &sighting.actor {
        Some(actor) => actor.name.to_string(),
        None => "an unknown account".to_owned(),
    }
}
