//! The list of users by priority.

use crate::chain::forward_links;
use crate::evidence::{AGAIN_MAX, Decibans, PRIOR, again, of_alert, repeats};
use realmward_alert::{Alert, AlertId};
use realmward_detect::Severity;
use realmward_vocab::{AccountName, DetectorId, DomainName, EventTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    shown_by: &Shown,
    population: Population,
    now: EventTime,
) -> UserPriority {
    let mut by_detector: BTreeMap<&DetectorId, Vec<(f64, &Alert)>> = BTreeMap::new();
    for alert in mine {
        let users = shown_by.get(&(alert.detector.clone(), alert.severity));
        let others = users.copied().unwrap_or(1).saturating_sub(1);
        let full = of_alert(alert, others, population.users, now);
        let same = by_detector.entry(&alert.detector).or_default();
        same.push((full, alert));
    }
    let mut reasons: Vec<(ReasonKind, Decibans, String)> = Vec::new();
    for same in by_detector.values_mut() {
        same.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.id.cmp(&b.1.id)));
        of_detector(same, &mut reasons);
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

/// The reasons that the alerts of one detector give, the strongest alert first.
///
/// What a detector says again it says of the same cause more often than not: whoever administers
/// does so every day. So the strongest alert counts in full, and all the rest together half of it.
fn of_detector(same: &[(f64, &Alert)], reasons: &mut Vec<(ReasonKind, Decibans, String)>) {
    let Some(&(strongest, first)) = same.first() else {
        return;
    };
    let kind = ReasonKind::Alert(first.id);
    reasons.push((kind, Decibans::new(strongest), text(first)));
    let mut left = (strongest * AGAIN_MAX).max(0.0);
    let more = (strongest * repeats(first.findings)).clamp(0.0, left);
    left -= more;
    if 0 < Decibans::new(more).0 {
        let text = match first.findings - 1 {
            1 => "1 more finding of the same kind".to_owned(),
            more => format!("{more} more findings of the same kind"),
        };
        reasons.push((ReasonKind::Repetition(first.id), Decibans::new(more), text));
    }
    for ((full, alert), k) in same.iter().skip(1).zip(1_u32..) {
        let again = (full * again(k)).clamp(0.0, left);
        left -= again;
        let text = format!("{}, again", text(alert));
        reasons.push((ReasonKind::Alert(alert.id), Decibans::new(again), text));
    }
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

/// How many users act in alerts of a detector that are as severe or more.
type Shown = BTreeMap<(DetectorId, Severity), u64>;

fn users_by_detector(by_user: &BTreeMap<Key, Vec<&Alert>>) -> Shown {
    let mut counts = Shown::new();
    for alerts in by_user.values() {
        let mut worst: BTreeMap<&DetectorId, Severity> = BTreeMap::new();
        for alert in alerts {
            let severity = worst.entry(&alert.detector).or_default();
            *severity = alert.severity.max(*severity);
        }
        for (detector, worst) in worst {
            for severity in [Severity::Low, Severity::Medium, Severity::High] {
                if severity <= worst {
                    *counts.entry((detector.clone(), severity)).or_insert(0) += 1;
                }
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_alert::Book;
    use realmward_detect::{Finding, Kind, Party, PartyRole};
    use realmward_event::Outcome;
    use realmward_vocab::Order;

    fn finding(name: &str, severity: Severity, hour: i64) -> Finding {
        let time = EventTime::from_unix_seconds(hour * 3_600);
        Finding {
            detector: DetectorId::new("remote_execution"),
            order: Order::default(),
            severity,
            kind: Kind::Strong,
            confidence: 0.7,
            start: time,
            end: time,
            accounts: vec![Party {
                name: name.into(),
                domain: DomainName::default(),
                role: PartyRole::Actor,
            }],
            hosts: Vec::new(),
            outcome: Outcome::Success,
            summary: String::new(),
            why: Vec::new(),
            evidence: Vec::new(),
        }
    }

    fn ranked(findings: &[Finding]) -> Vec<UserPriority> {
        let mut book = Book::default();
        for finding in findings {
            book.file(finding.clone());
        }
        let now = findings.iter().map(|it| it.end).max().unwrap_or_default();
        rank(book.alerts(), Population { users: 2_000 }, now)
    }

    #[test]
    fn the_same_each_day_is_worth_half_again_at_most() {
        let once = ranked(&[finding("jane", Severity::High, 120)]);
        let daily: Vec<Finding> = (0..11)
            .map(|it| finding("jane", Severity::High, it * 12))
            .collect();
        let daily = ranked(&daily);
        let gain = |it: &[UserPriority]| it[0].evidence.0 - PRIOR.0;
        assert!(gain(&once) < gain(&daily));
        assert!(gain(&daily) <= gain(&once) * 3 / 2 + 1);
        let sum: i32 = daily[0].reasons.iter().map(|it| it.evidence.0).sum();
        assert_eq!(sum, daily[0].evidence.0);
        assert!(11 < daily[0].reasons.len(), "each alert is a reason");
    }

    #[test]
    fn mild_alerts_of_many_do_not_hide_the_severe_one_of_a_user() {
        let mut findings = vec![finding("jane", Severity::High, 1)];
        let alone = ranked(&findings)[0].evidence;
        findings.extend((0..500).map(|it| finding(&format!("u{it}"), Severity::Low, 1)));
        let ranked = ranked(&findings);
        assert_eq!(ranked[0].name, "jane".into());
        assert_eq!(ranked[0].evidence, alone);
        assert!(ranked[1].evidence.0 < PRIOR.0 + 100);
    }
}
