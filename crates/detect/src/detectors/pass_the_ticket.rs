//! One ticket on two devices (pass-the-ticket).
//!
//! A stolen ticket is used as it is: its ciphertext cannot be changed without the key of the KDC or
//! service. So the same octets come from the device to which they were issued and from another. What
//! honestly travels is left alone: forwarded tickets, tickets that a delegating service shows, many
//! devices behind one address, one device that changed its address.

use crate::draft::{called, host, who};
use crate::window::Window;
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, PartyRole, Severity};
use realmward_event::{Fact, Outcome};
use realmward_profile::{Device, Holder, Sighting};
use realmward_vocab::TicketHash;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// Tickets told, by who used them.
#[derive(Serialize, Deserialize)]
pub(super) struct PassTheTicket {
    told: Window<(TicketHash, IpAddr), ()>,
}

impl Default for PassTheTicket {
    fn default() -> Self {
        Self {
            told: Window::new(TICKET_LIFE, TICKETS_MAX),
        }
    }
}

impl Detector for PassTheTicket {
    const METADATA: Metadata = Metadata {
        id: "pass_the_ticket",
        external_id: Some(2018),
        title: "Suspected identity theft (pass-the-ticket)",
        techniques: &["T1550.003"],
        severity: Severity::High,
        looks_for: "A Kerberos ticket is used from a device other than the one that got it.",
        needs: &[Data::Kerberos, Data::Smb],
        learning: None,
        next_steps: &[
            "Find out whether both addresses are one device: address translation, VPN, a new lease.",
            "If they are two, isolate both: the first was robbed, the second is in use.",
            "Log the account off everywhere and reset its password; tickets stay valid until they expire.",
        ],
        // Deterministic: the octets are the same; only unknown address translation explains it.
        probability_if_compromised: 0.5,
        probability_if_honest: 3e-4,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        let (hash, _) = presented(sighting)?;
        let ticket = sighting.ticket.as_ref()?;
        let moved = !ticket.holders.is_empty() && !ticket.may_travel;
        moved.then_some(Key::Ticket(hash))
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let Some((hash, is_tgt)) = presented(sighting) else {
            return;
        };
        let (Some(ticket), Some(address)) = (&sighting.ticket, sighting.source.address) else {
            return;
        };
        let Some(holder) = ticket
            .holders
            .iter()
            .find(|it| is_other(it, &sighting.source))
        else {
            return;
        };
        let key = (hash, address);
        let before = self.told.get(cx.now, &key).is_some();
        if !before && self.told.touch(cx.now, &key, || ()).is_some() {
            findings.push(finding(sighting, holder, hash, is_tgt));
        }
    }
}

/// The ticket that a client shows, and whether it is a ticket-granting ticket.
fn presented(sighting: &Sighting) -> Option<(TicketHash, bool)> {
    match &sighting.event.fact {
        Fact::ServiceTicketRequested(it) => Some((it.presented.hash, true)),
        Fact::TicketPresented(it) => Some((it.ticket.hash, false)),
        _ => None,
    }
}

/// Whether the holder is surely another device than `source`.
fn is_other(holder: &Holder, source: &Device) -> bool {
    if holder.is_shared_address || source.is_shared || holder.address == source.address {
        return false;
    }
    match (&holder.name, &source.name) {
        (Some(a), Some(b)) => a.short().folded() != b.short().folded(),
        _ => true,
    }
}

fn finding(sighting: &Sighting, holder: &Holder, hash: TicketHash, is_tgt: bool) -> Finding {
    let mut finding = Finding::about(&PassTheTicket::METADATA, sighting);
    let first = Device {
        address: holder.address,
        name: holder.name.clone(),
        ..Device::default()
    };
    let issued = sighting.ticket.as_ref().and_then(|it| it.issued.as_ref());
    let named = holder.name.is_some() && sighting.source.name.is_some();
    finding.kind = Kind::Deterministic;
    finding.confidence = if named { 0.9 } else { 0.75 };
    if !is_tgt && issued.is_none() {
        finding.severity = Severity::Medium;
    }
    finding.outcome = Outcome::Attempt;
    finding.because(
        if is_tgt {
            "ticket-granting ticket"
        } else {
            "service ticket"
        },
        format!("{hash} used from {}", called(&sighting.source)),
        format!("used only from {}, where it was first seen", called(&first)),
    );
    if issued.is_some() {
        finding.because(
            "issue",
            format!("the KDC gave it to {}", called(&first)),
            format!("given to {}", called(&sighting.source)),
        );
    }
    finding.because(
        "explanations that were looked for",
        "not forwarded, not shown by a delegating service, neither address stands for many devices",
        "one of these",
    );
    finding.hosts.push(host(&first, PartyRole::Source));
    finding.prove(&[holder.packet]);
    finding.prove(issued.map(|it| it.evidence.as_slice()).unwrap_or_default());
    finding.summary = format!(
        "A ticket of {} that {} had was used from {} against {}",
        who(sighting),
        called(&first),
        called(&sighting.source),
        called(&sighting.target)
    );
    finding
}

/// The longest life of a renewable ticket in a default domain.
const TICKET_LIFE: Duration = Duration::from_secs(7 * 86_400);

/// What is lost: repeats past this are told again.
const TICKETS_MAX: usize = 100_000;
