//! The shapes of the three kinds of line. The order of fields is the order in the output.

use crate::report::{Alert, Report, User};
use crate::{ReasonAbout, time, words};
use realmward_detect::{Because, PartyRole};
use realmward_event::Outcome;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

#[derive(Serialize)]
pub(super) struct AlertLine<'a> {
    kind: &'static str,
    id: u64,
    detector: &'a str,
    external_id: Option<u16>,
    title: &'a str,
    severity: &'static str,
    techniques: &'a [String],
    start: String,
    end: String,
    accounts: Vec<Account<'a>>,
    hosts: Vec<Host<'a>>,
    outcome: Outcome,
    confidence: f64,
    findings: u32,
    story: &'a [String],
    why: &'a [Because],
    evidence: Vec<Packet<'a>>,
    next_steps: &'a [String],
}

#[derive(Serialize)]
struct Account<'a> {
    name: &'a str,
    domain: &'a str,
    role: PartyRole,
}

#[derive(Serialize)]
struct Host<'a> {
    ip: Option<IpAddr>,
    name: Option<&'a str>,
    role: PartyRole,
}

#[derive(Serialize)]
struct Packet<'a> {
    file: &'a str,
    packet: u64,
}

impl<'a> AlertLine<'a> {
    pub(super) fn new(report: &'a Report, alert: &'a Alert) -> Self {
        Self {
            kind: "alert",
            id: alert.number,
            detector: &alert.detector,
            external_id: alert.external_id,
            title: &alert.title,
            severity: alert.severity.word(),
            techniques: &alert.techniques,
            start: time::rfc3339(alert.start),
            end: time::rfc3339(alert.end),
            accounts: alert.accounts.iter().map(Account::new).collect(),
            hosts: alert.hosts.iter().map(Host::new).collect(),
            outcome: alert.outcome,
            confidence: thousandths(alert.confidence),
            findings: alert.findings,
            story: &alert.story,
            why: &alert.why,
            evidence: packets(report, &alert.evidence),
            next_steps: &alert.next_steps,
        }
    }
}

impl<'a> Account<'a> {
    fn new(party: &'a realmward_detect::Party) -> Self {
        Self {
            name: party.name.as_str(),
            domain: party.domain.as_str(),
            role: party.role,
        }
    }
}

impl<'a> Host<'a> {
    fn new(host: &'a realmward_detect::PartyHost) -> Self {
        Self {
            ip: host.ip,
            name: host.name.as_ref().map(realmward_vocab::HostName::as_str),
            role: host.role,
        }
    }
}

fn packets<'a>(report: &'a Report, packets: &[realmward_vocab::PacketRef]) -> Vec<Packet<'a>> {
    packets
        .iter()
        .map(|it| Packet {
            file: report.file(*it),
            packet: it.packet,
        })
        .collect()
}

#[derive(Serialize)]
pub(super) struct UserLine<'a> {
    kind: &'static str,
    name: &'a str,
    domain: &'a str,
    priority: u8,
    decibans: f64,
    reasons: Vec<ReasonLine<'a>>,
}

#[derive(Serialize)]
struct ReasonLine<'a> {
    kind: &'static str,
    alert: Option<u64>,
    decibans: f64,
    text: &'a str,
    priority_without: u8,
}

impl<'a> UserLine<'a> {
    pub(super) fn new(user: &'a User) -> Self {
        Self {
            kind: "user",
            name: &user.name,
            domain: &user.domain,
            priority: user.priority,
            decibans: tenths(user.sum),
            reasons: user
                .reasons
                .iter()
                .map(|it| {
                    let (kind, alert) = match it.about {
                        ReasonAbout::Alert(number) => ("alert", Some(number)),
                        ReasonAbout::Repetition(number) => ("repetition", Some(number)),
                        ReasonAbout::Chain => ("chain", None),
                        ReasonAbout::Prior => ("prior", None),
                    };
                    ReasonLine {
                        kind,
                        alert,
                        decibans: tenths(it.evidence),
                        text: &it.text,
                        priority_without: it.without,
                    }
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct SummaryLine<'a> {
    kind: &'static str,
    packets: u64,
    bytes: u64,
    seconds: f64,
    flows: u64,
    start: Option<String>,
    end: Option<String>,
    alerts: BTreeMap<&'static str, usize>,
    users_seen: u64,
    facts: &'a BTreeMap<String, u64>,
    parse_faults: &'a BTreeMap<String, u64>,
    bounds_hit: &'a BTreeMap<String, u64>,
    excluded: &'a BTreeMap<String, u64>,
    hygiene: BTreeMap<&'a str, u64>,
    hidden: BTreeMap<&'a str, u64>,
    domains: Vec<&'a str>,
    domain_controllers: Vec<ControllerLine<'a>>,
    inputs: Vec<InputLine<'a>>,
    skipped_files: u64,
    interrupted: bool,
}

#[derive(Serialize)]
struct ControllerLine<'a> {
    ip: &'a str,
    name: Option<&'a str>,
    evidence: Vec<RoleLine<'a>>,
}

#[derive(Serialize)]
struct RoleLine<'a> {
    what: &'a str,
    file: Option<&'a str>,
    packet: Option<u64>,
}

#[derive(Serialize)]
struct InputLine<'a> {
    file: &'a str,
    packets: u64,
    bytes: u64,
    damage: Option<&'a str>,
}

impl<'a> SummaryLine<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let summary = &report.summary;
        let span = report.span();
        Self {
            kind: "summary",
            packets: summary.packets,
            bytes: summary.bytes,
            seconds: summary.seconds,
            flows: summary.flows,
            start: span.map(|(first, _)| time::rfc3339(first)),
            end: span.map(|(_, last)| time::rfc3339(last)),
            alerts: words::SEVERITIES
                .map(|it| (it.word(), report.alerts_of(it)))
                .into(),
            users_seen: summary.users_seen,
            facts: &summary.facts,
            parse_faults: &summary.parse_faults,
            bounds_hit: &summary.bounds_hit,
            excluded: &summary.excluded,
            hygiene: (report.hygiene.iter().map(|it| (it.id.as_str(), it.times))).collect(),
            hidden: (report.hidden.iter().map(|it| (it.id.as_str(), it.times))).collect(),
            domains: report.domains.iter().map(|it| it.name.as_str()).collect(),
            domain_controllers: controllers(report),
            inputs: inputs(report),
            skipped_files: report.skipped.files,
            interrupted: summary.interrupted,
        }
    }
}

fn controllers(report: &Report) -> Vec<ControllerLine<'_>> {
    report
        .domain_controllers
        .iter()
        .map(|it| ControllerLine {
            ip: &it.address,
            name: it.name.as_deref(),
            evidence: it
                .evidence
                .iter()
                .map(|sign| RoleLine {
                    what: &sign.what,
                    file: sign.packet.map(|packet| report.file(packet)),
                    packet: sign.packet.map(|packet| packet.packet),
                })
                .collect(),
        })
        .collect()
}

fn inputs(report: &Report) -> Vec<InputLine<'_>> {
    report
        .inputs
        .iter()
        .map(|it| InputLine {
            file: &it.name,
            packets: it.packets,
            bytes: it.bytes,
            damage: it.damage.as_deref(),
        })
        .collect()
}

fn tenths(tenths: i32) -> f64 {
    f64::from(tenths) / 10.0
}

fn thousandths(share: f64) -> f64 {
    (share * 1_000.0).round() / 1_000.0
}
