//! A ticket that no domain controller issued (golden, silver, diamond and sapphire tickets).
//!
//! Whatever key, lifetime and contents a forger chooses, the forged ciphertext is one that no KDC
//! ever sent. Where every answer of the KDCs was seen for as long as tickets live, that alone proves
//! it. Where it was not, an unseen ticket is the ordinary state of a capture that starts late, and
//! more must speak against it; what that is stands in the reasons. A KDC that refuses a ticket
//! because it cannot read it is one such sign, and names nobody; it also refuses honest tickets when
//! the key of krbtgt was changed twice or a domain controller was restored, so it is not enough.

use crate::draft::{called, who};
use crate::window::Window;
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, Severity};
use realmward_event::kerberos::{Exchange, Ticket};
use realmward_event::{Fact, Outcome};
use realmward_profile::{Sighting, TicketInsight};
use realmward_vocab::{KerberosError, TicketHash};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// Tickets told.
#[derive(Serialize, Deserialize)]
pub(super) struct TicketNotIssued {
    told: Window<(IpAddr, TicketHash), ()>,
}

impl Default for TicketNotIssued {
    fn default() -> Self {
        Self {
            told: Window::new(TICKET_LIFE, TICKETS_MAX),
        }
    }
}

impl Detector for TicketNotIssued {
    const METADATA: Metadata = Metadata {
        id: "ticket_not_issued",
        external_id: None,
        title: "A Kerberos ticket that no domain controller issued",
        techniques: &["T1558.001", "T1558.002"],
        severity: Severity::High,
        looks_for: "A ticket is presented that no observed KDC answer carried, and the KDCs were watched long enough, or more speaks against it.",
        needs: &[Data::Kerberos],
        learning: Some(
            "proves by itself after watching all KDCs for one ticket life (10 h); earlier only with other signs",
        ),
        next_steps: &[
            "Check that all domain controllers of the realm are watched; an unwatched one explains it.",
            "If they are, treat the key of the service as stolen: krbtgt for a ticket-granting ticket (reset it twice), the service account's otherwise.",
            "Isolate the source host and look for what the account did since.",
        ],
        // Strong to deterministic, by coverage; the confidence says which.
        probability_if_compromised: 0.5,
        probability_if_honest: 3e-4,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        presented(sighting)?;
        let ticket = sighting.ticket.as_ref()?;
        let unseen = ticket.issued.is_none() && !ticket.foreign;
        unseen.then_some(Key::Source(sighting.source.address?))
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let (Some(ticket), Some(insight)) = (presented(sighting), &sighting.ticket) else {
            return;
        };
        let Some(address) = sighting.source.address else {
            return;
        };
        let key = (address, ticket.hash);
        if self.told.get(cx.now, &key).is_some() {
            return;
        }
        let signs = signs(cx, sighting, ticket, insight);
        let Some((severity, confidence)) = judge(insight, &signs) else {
            return;
        };
        if self.told.touch(cx.now, &key, || ()).is_some() {
            findings.push(finding(
                sighting, ticket, insight, signs, severity, confidence,
            ));
        }
    }
}

/// The ticket that the KDC or a service had to judge. A TGS-REQ is looked at with its answer, which
/// names the client.
fn presented(sighting: &Sighting) -> Option<&Ticket> {
    match &sighting.event.fact {
        Fact::ServiceTicketIssued(it) => it.request.as_ref().map(|it| &it.presented),
        Fact::KerberosRefused(it) if it.exchange == Exchange::Tgs => it.presented.as_ref(),
        Fact::TicketPresented(it) => Some(&it.ticket),
        _ => None,
    }
}

/// Something besides the missing issue: condition, observed, expected, and how much it weighs.
struct Sign(&'static str, String, String, u32);

fn signs(
    cx: &Context<'_>,
    sighting: &Sighting,
    ticket: &Ticket,
    insight: &TicketInsight,
) -> Vec<Sign> {
    let mut signs = Vec::new();
    let is_refused = matches!(sighting.event.fact, Fact::KerberosRefused(_));
    for it in &insight.broken {
        let condition = "clear header of the ticket";
        let observed = format!("{} {}", it.field, it.observed);
        let weight = if it.near && is_refused { NONE } else { STRONG };
        signs.push(Sign(condition, observed, it.expected.clone(), weight));
    }
    if let Some(stack) = &sighting.stack {
        if stack.stack.is_attack_tool() {
            let tell = stack.tells.first().cloned().unwrap_or_default();
            signs.push(Sign(
                "software that presented it",
                format!("an attack tool: {} {}", tell.condition, tell.observed),
                tell.expected,
                STRONG,
            ));
        }
        if stack.stack.is_attack_tool() && stack.device_etypes.is_empty() {
            signs.push(Sign(
                "logons from this device",
                "none seen".to_owned(),
                "a logon before a ticket is used".to_owned(),
                WEAK,
            ));
        }
    }
    signs.extend(of_connection(ticket, insight));
    if let Fact::KerberosRefused(it) = &sighting.event.fact
        && FORGERY_ERRORS.contains(&it.code)
    {
        signs.push(Sign(
            "answer of the KDC",
            it.code.to_string(),
            "a ticket, or an error that honest clients meet".to_owned(),
            STRONG,
        ));
    }
    if ticket.service.is_krbtgt()
        && sighting
            .actor
            .as_ref()
            .is_some_and(|it| cx.roster.is_sensitive(&it.name))
    {
        signs.push(Sign(
            "account",
            format!("{}: sensitive", who(sighting)),
            "an ordinary one".to_owned(),
            WEAK,
        ));
    }
    signs
}

/// What the connection and the name in a service ticket add. Forgers write the name as that of a
/// person (type 1); so do some honest clients that ask by a written name.
fn of_connection(ticket: &Ticket, insight: &TicketInsight) -> Vec<Sign> {
    let mut signs = Vec::new();
    for tell in &insight.tells {
        let condition = "software that presented it";
        let observed = format!("an attack tool: {} {}", tell.condition, tell.observed);
        signs.push(Sign(condition, observed, tell.expected.clone(), STRONG));
    }
    if !ticket.service.is_krbtgt() && ticket.service_name_type == NT_PRINCIPAL {
        let observed = "1 (principal)".to_owned();
        let expected = "2 or 3 (service)".to_owned();
        signs.push(Sign("name type of the service", observed, expected, WEAK));
    }
    signs
}

/// Severity and confidence, or `None` if honest reasons are more likely.
fn judge(insight: &TicketInsight, signs: &[Sign]) -> Option<(Severity, f64)> {
    let weight: u32 = signs.iter().map(|sign| sign.3).sum();
    let missed = insight.coverage.probability_missed;
    if missed <= PROVEN || (missed <= LIKELY && 0 < weight) {
        Some((Severity::High, 1.0 - missed.max(0.05)))
    } else if missed <= LIKELY {
        Some((Severity::Medium, 0.7))
    } else if ENOUGH <= weight {
        Some((Severity::Medium, 0.5))
    } else {
        None
    }
}

fn finding(
    sighting: &Sighting,
    ticket: &Ticket,
    insight: &TicketInsight,
    signs: Vec<Sign>,
    severity: Severity,
    confidence: f64,
) -> Finding {
    let mut finding = Finding::about(&TicketNotIssued::METADATA, sighting);
    finding.severity = severity;
    finding.confidence = confidence;
    finding.kind = if insight.coverage.probability_missed <= PROVEN {
        Kind::Deterministic
    } else {
        Kind::Strong
    };
    finding.outcome = match &sighting.event.fact {
        Fact::ServiceTicketIssued(_) => Outcome::Success,
        Fact::KerberosRefused(_) => Outcome::Failure,
        _ => Outcome::Attempt,
    };
    finding.because(
        "issue of the ticket",
        format!(
            "{} for {}: in no answer of a KDC",
            ticket.hash, ticket.service
        ),
        "an AS-REP or TGS-REP with the same ciphertext",
    );
    finding.because(
        "coverage",
        coverage(insight),
        "all KDCs watched for the life of a ticket",
    );
    for Sign(condition, observed, expected, _) in signs {
        finding.because(condition, observed, expected);
    }
    finding.summary = format!(
        "{} on {} presented a ticket for {} that no domain controller was seen to issue",
        who(sighting),
        called(&sighting.source),
        ticket.service
    );
    finding
}

fn coverage(insight: &TicketInsight) -> String {
    let it = &insight.coverage;
    if it.assumed_complete {
        return "assumed complete by the operator".to_owned();
    }
    format!(
        "KDC watched for {} min of the {} min that a ticket lives, {} answers and {} requests seen; chance that the issue was missed {:.1} %",
        it.watched.as_secs() / 60,
        it.ticket_life.as_secs() / 60,
        it.answers,
        it.requests,
        it.probability_missed * 100.0
    )
}

/// Answers that only damaged or forged tickets get: wrong key version, wrong checksum, does not decrypt.
const FORGERY_ERRORS: &[KerberosError] = &[
    KerberosError::KRB_AP_ERR_BAD_INTEGRITY,
    KerberosError::KRB_AP_ERR_MODIFIED,
    KerberosError::KRB_AP_ERR_BADKEYVER,
];

/// NT-PRINCIPAL (RFC 4120 section 6.2).
const NT_PRINCIPAL: i32 = 1;

const STRONG: u32 = 2;
const WEAK: u32 = 1;

/// A key that was changed twice makes old tickets both refused and of another version: the refusal
/// already says so.
const NONE: u32 = 0;

/// Two signs of which one is strong; each alone also follows honest causes.
const ENOUGH: u32 = 3;

/// A chance in a thousand that the issue was missed is proof; one in twenty needs a second sign.
const PROVEN: f64 = 1e-3;
const LIKELY: f64 = 0.05;

/// The longest life of a renewable ticket in a default domain.
const TICKET_LIFE: Duration = Duration::from_secs(7 * 86_400);

/// What is lost: repeats past this are told again.
const TICKETS_MAX: usize = 100_000;
