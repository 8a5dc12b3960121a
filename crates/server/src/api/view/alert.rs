//! An alert, for programs.

use super::time;
use realmward_detect::PartyRole;
use realmward_event::Outcome;
use realmward_event::operator::AlertStatus;
use realmward_store::AlertRecord;
use serde::Serialize;
use utoipa::ToSchema;

/// What a person works on.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlertView {
    /// Its number; it never changes.
    id: u64,
    /// Id of the detector, which never changes.
    detector: String,
    /// Number of the same alert in Microsoft Defender for Identity.
    external_id: Option<u16>,
    /// Title as people read it.
    title: String,
    /// How bad it is if true: `high`, `medium` or `low`.
    severity: &'static str,
    /// MITRE ATT&CK ids, the most specific first.
    techniques: Vec<&'static str>,
    /// When it began.
    start: String,
    /// When it was last seen.
    end: String,
    /// Who took part.
    accounts: Vec<Account>,
    /// What took part.
    hosts: Vec<Host>,
    /// `success`, `failure`, `attempt` (the answer is not readable) or `unknown`.
    #[schema(value_type = String)]
    outcome: Outcome,
    /// 0 to 1.
    confidence: f64,
    /// How many single observations went in.
    findings: u32,
    /// What happened, one sentence each.
    story: Vec<String>,
    /// Each condition, what was seen and what an honest case would show.
    why: Vec<Condition>,
    /// Packets that prove it.
    evidence: Vec<Packet>,
    /// What to do.
    next_steps: Vec<&'static str>,
    /// `open`, `in_progress`, `true_positive`, `benign_positive` or `false_positive`.
    #[schema(value_type = String)]
    status: AlertStatus,
    /// Why, in the words of who judged it last.
    comment: String,
    /// Who judged it last; empty if nobody did.
    judged_by: String,
    /// When.
    judged_at: Option<String>,
    /// The closed alert that it goes on from.
    follows: Option<u64>,
    /// How often it changed, from 1.
    revision: u64,
}

/// An account that took part.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    /// Its name.
    name: String,
    /// Its domain; empty if not known.
    domain: String,
    /// `actor` or `target`.
    #[schema(value_type = String)]
    role: PartyRole,
}

/// A device that took part.
#[derive(Serialize, ToSchema)]
pub(crate) struct Host {
    /// Its address.
    ip: Option<String>,
    /// Its name.
    name: Option<String>,
    /// `source` or `target`.
    #[schema(value_type = String)]
    role: PartyRole,
}

/// A packet.
#[derive(Serialize, ToSchema)]
pub(crate) struct Packet {
    /// The file or run of a sensor.
    file: u32,
    /// Its number therein.
    packet: u64,
}

/// A condition of a detection.
#[derive(Serialize, ToSchema)]
pub(crate) struct Condition {
    /// What was looked at.
    condition: String,
    /// What it was.
    observed: String,
    /// What an honest case would show.
    expected: String,
}

impl AlertView {
    pub(crate) fn new(record: &AlertRecord) -> Self {
        let alert = &record.alert;
        let metadata = alert.metadata();
        Self {
            id: alert.id.0,
            detector: alert.detector.as_str().to_owned(),
            external_id: metadata.and_then(|it| it.external_id),
            title: metadata
                .map_or(alert.detector.as_str(), |it| it.title)
                .to_owned(),
            severity: alert.severity.word(),
            techniques: metadata.map_or_else(Vec::new, |it| it.techniques.to_vec()),
            start: time(alert.start),
            end: time(alert.end),
            accounts: alert.accounts.iter().map(Account::new).collect(),
            hosts: alert.hosts.iter().map(Host::new).collect(),
            outcome: alert.outcome,
            confidence: (alert.confidence * 1000.0).round() / 1000.0,
            findings: alert.findings,
            story: alert.story.clone(),
            why: alert.why.iter().map(Condition::new).collect(),
            evidence: alert
                .evidence
                .iter()
                .map(|it| Packet {
                    file: it.file.0,
                    packet: it.packet,
                })
                .collect(),
            next_steps: metadata.map_or_else(Vec::new, |it| it.next_steps.to_vec()),
            status: record.status,
            comment: record.comment.clone(),
            judged_by: record.judged_by.clone(),
            judged_at: record.judged_at.map(time),
            follows: alert.follows.map(|it| it.0),
            revision: record.revision,
        }
    }
}

impl Account {
    fn new(party: &realmward_detect::Party) -> Self {
        Self {
            name: party.name.as_str().to_owned(),
            domain: party.domain.as_str().to_owned(),
            role: party.role,
        }
    }
}

impl Host {
    fn new(host: &realmward_detect::PartyHost) -> Self {
        Self {
            ip: host.ip.map(|it| it.to_string()),
            name: host.name.as_ref().map(|it| it.as_str().to_owned()),
            role: host.role,
        }
    }
}

impl Condition {
    fn new(because: &realmward_detect::Because) -> Self {
        Self {
            condition: because.condition.clone(),
            observed: because.observed.clone(),
            expected: because.expected.clone(),
        }
    }
}
