//! One ticket on two devices (pass-the-ticket).
//!
//! A stolen ticket is used as it is: its ciphertext cannot be changed without the key of the KDC or
//! service. So the same octets come from the device to which they were issued and from another. What
//! honestly travels is left alone: forwarded tickets, tickets that a delegating service shows, many
//! devices behind one address, one device that has an address of each family. A device that took its
//! ticket to a new address looks the same at first, so what tells two devices apart decides how loud
//! the alert is: their names, the first device using its ticket again, both at work at the same time,
//! or another program than the one that got the ticket. With none of these it is said quietly, and
//! only if within two hours nothing shows that both addresses are one device: Windows asks for its
//! policy over SMB in that time, with the identifier that it had before it moved. Names, leases and
//! shared addresses are what devices say of themselves, and a thief may say them too: they silence all
//! but a tool that uses what an operating system got.

mod case;
mod sign;

use crate::draft::{called, host, who};
use crate::window::Window;
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, PartyRole, Severity};
use case::{Case, Taken};
use realmward_event::{Fact, Outcome};
use realmward_profile::{Device, Holder, Sighting};
use realmward_vocab::{EventTime, TicketHash};
use serde::{Deserialize, Serialize};
use sign::Sign;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

/// Tickets that were used from a second device.
#[derive(Serialize, Deserialize)]
pub(super) struct PassTheTicket {
    cases: Window<TicketHash, Case>,
    /// Tickets of which something waits to be told, and until when.
    #[serde(default)]
    due: VecDeque<(EventTime, TicketHash)>,
}

impl Default for PassTheTicket {
    fn default() -> Self {
        Self {
            cases: Window::new(TICKET_LIFE, TICKETS_MAX),
            due: VecDeque::new(),
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
        let (Some((hash, is_tgt)), Some(address)) = (presented(sighting), sighting.source.address)
        else {
            return;
        };
        let Some(holder) = self.first_holder(cx, sighting, hash) else {
            return;
        };
        let Some(first) = holder.address else {
            return;
        };
        if first == address {
            self.still_in_use(cx, sighting, hash, findings);
            return;
        }
        let sign = Sign::of(sighting, &holder);
        let may_be_one = may_be_one(&holder, &sighting.source)
            || cx.roster.is_one_device(first, holder.until, address);
        if may_be_one && sign != Sign::Tool {
            return;
        }
        let Some(case) = self.cases.touch(cx.now, &hash, || Case::new(first)) else {
            return;
        };
        let mut finding = finding(sighting, &holder, sign, (hash, is_tgt));
        weigh_likeness(&mut finding, may_be_one);
        match case.take(address, holder.until, finding) {
            Some(Taken::Told(finding)) => findings.push(finding),
            Some(Taken::Waits) => self.due.push_back((cx.now.saturating_add(WAIT), hash)),
            None => {}
        }
    }

    fn settle(&mut self, cx: &Context<'_>, findings: &mut Vec<Finding>) {
        while let Some((due, hash)) = self.due.front().copied() {
            if cx.now < due && !cx.ended {
                break;
            }
            self.due.pop_front();
            let Some(case) = self.cases.get_mut(cx.now, &hash) else {
                continue;
            };
            let first = case.first;
            for it in std::mem::take(&mut case.waiting) {
                if !cx.roster.is_one_device(first, it.left, it.address) {
                    case.told.push((it.address, it.finding.clone()));
                    findings.push(it.finding);
                }
            }
            if case.told.is_empty() {
                self.cases.remove(&hash);
            }
        }
    }
}

impl PassTheTicket {
    /// The device that had the ticket first: to which it was issued, or where it was first seen.
    fn first_holder(
        &self,
        cx: &Context<'_>,
        sighting: &Sighting,
        hash: TicketHash,
    ) -> Option<Holder> {
        let ticket = sighting.ticket.as_ref()?;
        let known = self.cases.get(cx.now, &hash).map(|case| case.first);
        let issued_to = ticket.issued.as_ref().and_then(|it| it.address);
        let first = issued_to.or(known);
        let holder = ticket
            .holders
            .iter()
            .find(|it| first.is_none() || it.address == first)
            .cloned();
        holder.or_else(|| {
            first.map(|address| Holder {
                address: Some(address),
                ..Holder::default()
            })
        })
    }

    /// The first device used its ticket again: what was told of another with a doubt has none now.
    fn still_in_use(
        &mut self,
        cx: &Context<'_>,
        sighting: &Sighting,
        hash: TicketHash,
        findings: &mut Vec<Finding>,
    ) {
        let Some(case) = self.cases.get_mut(cx.now, &hash) else {
            return;
        };
        let holders = sighting.ticket.as_ref().map(|it| it.holders.as_slice());
        let is_two = |other: IpAddr, left: EventTime| {
            let mut holders = holders.unwrap_or_default().iter();
            holders.any(|it| it.address == Some(other) && !it.swaps_tickets)
                && !cx.roster.is_one_device(other, left, case.first)
        };
        for it in std::mem::take(&mut case.waiting) {
            if is_two(it.address, it.left) {
                case.told.push((it.address, it.finding));
            } else {
                case.waiting.push(it);
            }
        }
        for (address, finding) in &mut case.told {
            if finding.severity == Severity::High || !is_two(*address, finding.end) {
                continue;
            }
            finding.severity = Severity::High;
            finding.confidence = 0.8;
            finding.order = sighting.event.order;
            finding.end = cx.now;
            finding.because(
                "the first device",
                format!("{} uses the ticket too", called(&sighting.source)),
                "silent, if one device had changed its address",
            );
            finding.prove(&sighting.event.evidence);
            findings.push(finding.clone());
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

/// Whether the holder and `source` are one device, or many behind one address, as far as names and
/// addresses tell.
fn may_be_one(holder: &Holder, source: &Device) -> bool {
    if holder.is_shared_address || source.is_shared {
        return true;
    }
    match (&holder.name, &source.name) {
        (Some(a), Some(b)) => a.short().folded() == b.short().folded(),
        _ => !is_same_family(holder.address, source.address),
    }
}

/// A device has an address of each family, so two families are no two devices.
fn is_same_family(a: Option<IpAddr>, b: Option<IpAddr>) -> bool {
    a.is_some_and(|it| it.is_ipv4()) == b.is_some_and(|it| it.is_ipv4())
}

/// What speaks for one device in spite of all.
fn weigh_likeness(finding: &mut Finding, may_be_one: bool) {
    if may_be_one {
        finding.severity = finding.severity.min(Severity::Medium);
        finding.because(
            "one device",
            "names or addresses say that both are one, which a thief may make them say",
            "nothing of the kind, if they are two",
        );
    } else {
        finding.because(
            "other honest reasons",
            "not forwarded, no delegating service, no shared address",
            "one of these",
        );
    }
}

fn finding(
    sighting: &Sighting,
    holder: &Holder,
    sign: Sign,
    (hash, is_tgt): (TicketHash, bool),
) -> Finding {
    let mut finding = Finding::about(&PassTheTicket::METADATA, sighting);
    let first = Device {
        address: holder.address,
        name: holder.name.clone(),
        ..Device::default()
    };
    let issued = sighting.ticket.as_ref().and_then(|it| it.issued.as_ref());
    finding.kind = Kind::Deterministic;
    (finding.severity, finding.confidence) = sign.weight();
    if !is_tgt && issued.is_none() {
        finding.severity = finding.severity.min(Severity::Medium);
    }
    finding.outcome = Outcome::Attempt;
    finding.because(
        if is_tgt {
            "ticket-granting ticket"
        } else {
            "service ticket"
        },
        format!("{hash} used from {}", called(&sighting.source)),
        format!("used only from {}, where it was first", called(&first)),
    );
    if issued.is_some() {
        finding.because(
            "issue",
            format!("the KDC gave it to {}", called(&first)),
            format!("given to {}", called(&sighting.source)),
        );
    }
    finding.because(
        "two devices",
        sign.words(),
        "one device that changed its address",
    );
    if let Some(ticket) = &sighting.ticket {
        finding.because_told(&ticket.tells);
    }
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

/// Windows asks for its policy every 90 to 120 minutes, over SMB.
const WAIT: Duration = Duration::from_secs(7_200);

/// Only tickets seen on two devices are kept: far fewer than this. What is lost: cases past it.
const TICKETS_MAX: usize = 20_000;
