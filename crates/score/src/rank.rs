//! The list of users by priority.

use crate::chain::forward_links;
use crate::evidence::{Decibans, PRIOR, of_alert, repeats};
use realmward_alert::{Alert, AlertId};
use realmward_vocab::{AccountName, DetectorId, DomainName, EventTime};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many users there are to compare with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Population {
    /// Distinct users seen.
    pub users: u64,
}

/// A user, how urgent a look at them is, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserPriority {
    /// The account.
    pub name: AccountName,
    /// Its domain; empty if not known.
    pub domain: DomainName,
    /// 0 to 100: the probability that the account is compromised, in percent, rounded.
    pub priority: u8,
    /// The log-odds: the sum of the reasons, exactly.
    pub evidence: Decibans,
    /// Everything that went in, the strongest first, the prior last.
    pub reasons: Vec<Reason>,
}

/// One term of the sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What kind of term.
    pub kind: ReasonKind,
    /// How much it moves the odds.
    pub evidence: Decibans,
    /// In plain words.
    pub text: String,
    /// The priority if this term were not there.
    pub without: u8,
}

/// What kind of term a reason is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// An alert in which the user acted.
    Alert(AlertId),
    /// More findings inside one alert.
    Repetition(AlertId),
    /// Steps of an attack in their order.
    Chain,
    /// What is expected of anyone before anything is known.
    Prior,
}

type Key = (AccountName, DomainName);

/// Ranks the users who act in `alerts`, the most urgent first.
#[must_use]
pub fn rank(alerts: &[Alert], population: Population, now: EventTime) -> Vec<UserPriority> {
    let mut by_user: BTreeMap<Key, Vec<&Alert>> = BTreeMap::new();
    for alert in alerts {
        for actor in alert.actors().filter(|it| !it.name.is_empty()) {
            let alerts = by_user
                .entry((actor.name.folded(), actor.domain.folded()))
                .or_default();
            if !alerts.iter().any(|it| it.id == alert.id) {
                alerts.push(alert);
            }
        }
    }
    let shown_by = users_by_detector(&by_user);
    let mut users: Vec<UserPriority> = by_user
        .iter()
        .map(|(key, mine)| user(key, mine, &shown_by, population, now))
        .collect();
    users.sort_by(|a, b| (b.evidence, &a.name, &a.domain).cmp(&(a.evidence, &b.name, &b.domain)));
    users
}

fn user(
    key: &Key,
    mine: &[&Alert],
    shown_by: &BTreeMap<DetectorId, u64>,
    population: Population,
    now: EventTime,
) -> UserPriority {
    let mut reasons: Vec<(ReasonKind, Decibans, String)> = Vec::new();
    for alert in mine {
        let users = shown_by.get(&alert.detector).copied().unwrap_or(1);
        let full = of_alert(alert, users.saturating_sub(1), population.users, now);
        reasons.push((
            ReasonKind::Alert(alert.id),
            Decibans::new(full),
            text(alert),
        ));
        let more = Decibans::new(full * repeats(alert.findings));
        if 0 < more.0 {
            let text = match alert.findings - 1 {
                1 => "1 more finding of the same kind".to_owned(),
                more => format!("{more} more findings of the same kind"),
            };
            reasons.push((ReasonKind::Repetition(alert.id), more, text));
        }
    }
    let links = forward_links(mine).min(CHAIN_LINKS_MAX);
    if 0 < links {
        let s = if links == 1 { "" } else { "s" };
        let text = format!("{links} step{s} forward in the usual order of an attack");
        let evidence = Decibans::new(CHAIN_LINK * f64::from(links));
        reasons.push((ReasonKind::Chain, evidence, text));
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.1));
    let text = "before any evidence: one user in 2,000 is compromised in a week".to_owned();
    reasons.push((ReasonKind::Prior, PRIOR, text));
    explained(key, mine, reasons)
}

fn explained(
    key: &Key,
    mine: &[&Alert],
    reasons: Vec<(ReasonKind, Decibans, String)>,
) -> UserPriority {
    let sum = Decibans(reasons.iter().map(|(_, evidence, _)| evidence.0).sum());
    let as_written = mine
        .iter()
        .flat_map(|alert| alert.actors())
        .find(|it| it.name.folded() == key.0);
    UserPriority {
        name: as_written.map_or_else(|| key.0.clone(), |it| it.name.clone()),
        domain: as_written.map_or_else(|| key.1.clone(), |it| it.domain.clone()),
        priority: percent(sum),
        evidence: sum,
        reasons: reasons
            .into_iter()
            .map(|(kind, evidence, text)| Reason {
                kind,
                evidence,
                text,
                without: percent(Decibans(sum.0 - evidence.0)),
            })
            .collect(),
    }
}

/// How many users act in alerts of each detector.
fn users_by_detector(by_user: &BTreeMap<Key, Vec<&Alert>>) -> BTreeMap<DetectorId, u64> {
    let mut counts = BTreeMap::new();
    for alerts in by_user.values() {
        let detectors: BTreeSet<&DetectorId> = alerts.iter().map(|it| &it.detector).collect();
        for detector in detectors {
            *counts.entry(detector.clone()).or_insert(0) += 1;
        }
    }
    counts
}

fn text(alert: &Alert) -> String {
    let title = alert
        .metadata()
        .map_or(alert.detector.as_str(), |it| it.title);
    match alert.sources().next() {
        Some(host) => match (&host.name, host.ip) {
            (Some(name), _) => format!("{title} from {name}"),
            (None, Some(ip)) => format!("{title} from {ip}"),
            (None, None) => title.to_owned(),
        },
        None => title.to_owned(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a probability times 100, rounded, lies in 0 to 100"
)]
fn percent(evidence: Decibans) -> u8 {
    (evidence.probability() * 100.0).round() as u8
}

/// Each forward step makes an intrusion twice as likely as the same alerts in no order.
const CHAIN_LINK: f64 = 3.0;
const CHAIN_LINKS_MAX: u32 = 3;
