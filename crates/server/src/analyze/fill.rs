//! Fills the report with what the run found.

use super::reach;
use super::reading::Outcome;
use realmward_alert::AlertId;
use realmward_export::{
    Alert, Domain, DomainController, EvidenceOfRole, Hidden, Hygiene, HygieneUser, Input, Reason,
    ReasonAbout, Report, Skipped, Summary, User,
};
use realmward_pipeline::HygieneCount;
use realmward_profile::DomainControllerEvidence;
use realmward_protocols::Opaque;
use realmward_score::{ReasonKind, UserPriority, rank};
use realmward_stream::{CaptureFault, FileReport};
use std::collections::BTreeMap;

/// The report of a run.
pub(super) fn report(outcome: &Outcome) -> Report {
    let alerts = outcome.back.book().alerts();
    let users = rank(alerts, outcome.front.population(), outcome.front.now());
    let mut report = Report {
        inputs: (outcome.stats.files.iter())
            .map(|it| input(it, outcome.interrupted))
            .collect(),
        skipped: Skipped::default(),
        domains: (outcome.tally.domains().into_iter())
            .map(|name| Domain { name })
            .collect(),
        domain_controllers: controllers(outcome),
        alerts: alerts.iter().map(alert).collect(),
        users: users.iter().map(user).collect(),
        reach: reach::around(outcome),
        hygiene: hygiene(outcome),
        hidden: hidden(outcome),
        summary: summary(outcome),
    };
    report.sort();
    report
}

fn input(file: &FileReport, interrupted: bool) -> Input {
    let fault = file.fault.as_ref().filter(|_| !interrupted);
    Input {
        name: file.name.clone(),
        packets: file.packets,
        bytes: file.octets,
        first: file.first,
        last: file.last,
        damage: fault.map(CaptureFault::in_words),
    }
}

fn controllers(outcome: &Outcome) -> Vec<DomainController> {
    let roster = outcome.front.profile().roster();
    roster
        .domain_controllers()
        .into_iter()
        .map(|(address, evidence)| {
            let mut signs = outcome.tally.signs(address).to_vec();
            if !signs.iter().any(|(known, _)| *known == evidence) {
                signs.insert(0, (evidence, None));
            }
            DomainController {
                address: address.to_string(),
                name: roster.name(address).map(ToString::to_string),
                evidence: signs
                    .into_iter()
                    .map(|(evidence, packet)| EvidenceOfRole {
                        what: sign(evidence).to_owned(),
                        packet,
                    })
                    .collect(),
            }
        })
        .collect()
}

const fn sign(evidence: DomainControllerEvidence) -> &'static str {
    match evidence {
        DomainControllerEvidence::Named => "named by the operator",
        DomainControllerEvidence::AnsweredAsKdc => "answered as a KDC",
        DomainControllerEvidence::DescribedItself => "described itself",
        DomainControllerEvidence::ListedInDns => "listed in DNS",
        DomainControllerEvidence::ServedReplication => "served replication",
        DomainControllerEvidence::ReplicatedAsDomainController => "replicated as one",
    }
}

fn alert(alert: &realmward_alert::Alert) -> Alert {
    let metadata = alert.metadata();
    let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Alert {
        number: alert.id.0,
        detector: alert.detector.to_string(),
        external_id: metadata.and_then(|it| it.external_id),
        title: metadata.map_or_else(|| alert.detector.to_string(), |it| it.title.to_owned()),
        severity: alert.severity,
        techniques: metadata.map(|it| words(it.techniques)).unwrap_or_default(),
        start: alert.start,
        end: alert.end,
        accounts: alert.accounts.clone(),
        hosts: alert.hosts.clone(),
        outcome: alert.outcome,
        confidence: alert.confidence,
        findings: alert.findings,
        story: alert.story.clone(),
        why: alert.why.clone(),
        evidence: alert.evidence.clone(),
        next_steps: metadata.map(|it| words(it.next_steps)).unwrap_or_default(),
    }
}

fn user(user: &UserPriority) -> User {
    User {
        name: user.name.to_string(),
        domain: user.domain.to_string(),
        priority: user.priority,
        sum: user.evidence.0,
        reasons: user
            .reasons
            .iter()
            .map(|it| Reason {
                about: match it.kind {
                    ReasonKind::Alert(AlertId(id)) => ReasonAbout::Alert(id),
                    ReasonKind::Repetition(AlertId(id)) => ReasonAbout::Repetition(id),
                    ReasonKind::Chain => ReasonAbout::Chain,
                    ReasonKind::Prior => ReasonAbout::Prior,
                },
                evidence: it.evidence.0,
                text: it.text.clone(),
                without: it.without,
            })
            .collect(),
    }
}

fn hygiene(outcome: &Outcome) -> Vec<Hygiene> {
    let ids = ["rc4_tickets", "ntlm_v1", "cleartext_binds", "smb1"];
    let rows = outcome.front.hygiene().rows();
    ids.into_iter()
        .zip(rows)
        .map(|(id, (what, count))| Hygiene {
            id: id.to_owned(),
            what: what.to_owned(),
            times: count.times,
            by: owners(count),
        })
        .collect()
}

/// The most frequent first; equal ones by name.
fn owners(count: &HygieneCount) -> Vec<HygieneUser> {
    let mut by: Vec<HygieneUser> = count
        .by
        .iter()
        .map(|((account, address), times)| HygieneUser {
            account: account.to_string(),
            address: *address,
            times: *times,
        })
        .collect();
    by.sort_by_key(|it| std::cmp::Reverse(it.times));
    by
}

fn hidden(outcome: &Outcome) -> Vec<Hidden> {
    Opaque::ALL
        .into_iter()
        .map(|kind| {
            let counts = &outcome.stats.counters.opaque;
            let (what, means) = words(kind);
            Hidden {
                id: kind.as_str().to_owned(),
                what: what.to_owned(),
                times: counts
                    .iter()
                    .filter(|(name, _)| *name == kind.as_str())
                    .map(|(_, times)| *times)
                    .sum(),
                means: means.to_owned(),
            }
        })
        .collect()
}

/// What encryption hides, and what that means for whoever reads the report.
const fn words(kind: Opaque) -> (&'static str, &'static str) {
    match kind {
        Opaque::Smb3Session => (
            "encrypted SMB3 sessions",
            "shares, files and pipes in them are not visible, so neither is remote execution or \
             enumeration over them; who logged on, from where and to where is",
        ),
        Opaque::SealedRpcCall => (
            "sealed RPC calls",
            "interface and operation are visible, names and results in them are not",
        ),
        Opaque::SealedLdapSession => (
            "sealed LDAP sessions",
            "what was searched and changed is not visible; who bound is",
        ),
        Opaque::TlsSession => (
            "TLS sessions",
            "neither account nor request is visible; addresses, times and, before TLS 1.3, certificates are",
        ),
        Opaque::ArmouredKerberos => (
            "Kerberos requests under FAST armour",
            "what made the request, and with which kind of key, cannot be told",
        ),
        Opaque::SealedKerberos => (
            "sealed messages of Kerberos services",
            "what a service and its client said over a connection of their own is not visible",
        ),
    }
}

fn summary(outcome: &Outcome) -> Summary {
    let stats = &outcome.stats;
    let span = stats.first.zip(stats.last);
    Summary {
        packets: stats.packets,
        bytes: stats.octets,
        seconds: span.map_or(0.0, |(a, b)| b.saturating_since(a).as_secs_f64()),
        flows: stats.tcp_flows + stats.udp_flows,
        facts: named(stats.events.iter().map(|(name, times)| (*name, *times))),
        parse_faults: named(stats.counters.faults.iter().copied()),
        bounds_hit: bounds(outcome),
        users_seen: outcome.front.population().users,
        excluded: (outcome.back.book().exclusions().iter())
            .map(|it| (it.to_string(), it.hits()))
            .collect(),
        interrupted: outcome.interrupted,
    }
}

fn bounds(outcome: &Outcome) -> BTreeMap<String, u64> {
    let mut bounds = named(outcome.stats.counters.limits.iter().copied());
    let ours = [
        ("flows", outcome.stats.flows_evicted),
        ("ip_fragments", outcome.stats.decode.fragments.evicted),
        ("tcp_reassembly", outcome.stats.tcp.bound_reached),
        ("profile", outcome.front.profile().evicted()),
        ("alerts", outcome.back.book().dropped()),
    ];
    bounds.extend(named(ours.into_iter().filter(|(_, times)| 0 < *times)));
    bounds
}

fn named<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> BTreeMap<String, u64> {
    counts
        .map(|(name, times)| (name.to_owned(), times))
        .collect()
}
