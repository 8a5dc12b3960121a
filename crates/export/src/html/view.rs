//! What the template is filled with: every sentence is made here, the template only places them.

use super::graph::Reach;
use super::picture::{Picture, draw};
use super::policy::{SCRIPT, STYLE, policy};
use super::tables::{Scale, UserRow};
use crate::report::{Alert, DomainController, Hygiene, Report};
use crate::{packet_runs, time, words};
use askama::Template;
use realmward_detect::Severity;

/// The page.
#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page<'a> {
    report: &'a Report,
    policy: String,
    style: &'static str,
    script: &'static str,
    verdict: String,
    advice: String,
    counts: Vec<Count>,
    story: Vec<Chapter<'a>>,
    alerts: Vec<AlertView<'a>>,
    picture: Picture,
    place: &'static str,
    users: Vec<UserRow<'a>>,
    zero: i64,
    /// Alerts and users for which the page has no room.
    more_alerts: usize,
    more_users: usize,
}

/// A number with its word, at the top.
struct Count {
    number: String,
    word: String,
    class: &'static str,
}

/// What one alert adds to the story.
struct Chapter<'a> {
    time: String,
    machine_time: String,
    sentences: &'a [String],
    /// Sentences past those.
    more: usize,
    alert: &'a Alert,
}

/// An alert with its words.
struct AlertView<'a> {
    alert: &'a Alert,
    who: String,
    when: String,
    outcome: &'static str,
    confidence: String,
    proof: Vec<Proof>,
}

/// Packets of one file.
struct Proof {
    file: String,
    packets: String,
    filter: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let scale = Scale::new(report);
        Self {
            report,
            policy: policy(),
            style: STYLE,
            script: SCRIPT,
            verdict: verdict(report),
            advice: advice(report),
            counts: counts(report),
            story: story(report),
            alerts: (report.alerts.iter().take(ALERTS_SHOWN))
                .map(|it| view(report, it))
                .collect(),
            picture: draw(&Reach::new(report)),
            place: "#alert-",
            users: (report.users.iter().take(USERS_SHOWN))
                .map(|it| scale.row(it))
                .collect(),
            zero: scale.place(0),
            more_alerts: report.alerts.len().saturating_sub(ALERTS_SHOWN),
            more_users: report.users.len().saturating_sub(USERS_SHOWN),
        }
    }

    fn severity(&self, severity: &Severity) -> &'static str {
        severity.word()
    }

    fn symbol(&self, severity: &Severity) -> &'static str {
        words::symbol(*severity)
    }

    fn number(&self, n: &u64) -> String {
        words::number(*n)
    }

    fn size(&self, bytes: &u64) -> String {
        words::size(*bytes)
    }

    fn points(&self) -> &'static str {
        words::POINTS
    }

    fn watched(&self) -> String {
        words::watched(self.report)
    }

    fn fact(&self, kind: &str) -> String {
        words::fact(kind)
    }

    fn span(&self) -> String {
        self.report.span().map_or_else(
            || "no packets".to_owned(),
            |(first, last)| {
                let length = time::span(last.saturating_since(first));
                format!("{} UTC, {length}", time::between(first, last))
            },
        )
    }

    fn unseen(&self) -> String {
        words::unseen(self.report).join(", ")
    }

    fn signs(&self, controller: &DomainController) -> Vec<String> {
        controller
            .evidence
            .iter()
            .map(|sign| match sign.packet {
                Some(packet) => format!(
                    "{} ({}, packet {})",
                    sign.what,
                    self.report.short_file(packet),
                    words::number(packet.packet)
                ),
                None => sign.what.clone(),
            })
            .collect()
    }

    fn owners(&self, row: &Hygiene) -> String {
        let names = row
            .by
            .iter()
            .map(|it| {
                let account = if it.account.is_empty() {
                    "unknown"
                } else {
                    &it.account
                };
                let address = it.address.map(|ip| format!(" from {ip}"));
                let times = words::number(it.times);
                format!("{account}{} ({times})", address.unwrap_or_default())
            })
            .collect();
        words::some(names, OWNERS_SHOWN)
    }
}

fn verdict(report: &Report) -> String {
    if report.alerts.is_empty() {
        return "No alerts".to_owned();
    }
    let parts: Vec<String> = words::SEVERITIES
        .iter()
        .map(|it| (report.alerts_of(*it), it.word()))
        .filter(|(count, _)| 0 < *count)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let count = words::count(report.alerts.len() as u64, "alert");
    format!("{count}: {}", parts.join(", "))
}

fn advice(report: &Report) -> String {
    match report.users.first() {
        Some(user) if 0 < user.priority => {
            format!("Look first at {}, priority {}.", user.name, user.priority)
        }
        _ if !report.alerts.is_empty() => "No account stands out; look at the devices.".to_owned(),
        _ => "What was watched, and what could not be seen, is below.".to_owned(),
    }
}

fn counts(report: &Report) -> Vec<Count> {
    let count = |number: u64, one: &str, class| Count {
        number: words::number(number),
        word: words::count(number, one)
            .split_once(' ')
            .map_or_else(String::new, |it| it.1.to_owned()),
        class,
    };
    let alerts = |it| report.alerts_of(it) as u64;
    vec![
        count(alerts(Severity::High), "high alert", "high"),
        count(alerts(Severity::Medium), "medium alert", "medium"),
        count(alerts(Severity::Low), "low alert", "low"),
        count(
            report.domain_controllers.len() as u64,
            "domain controller",
            "",
        ),
        count(report.summary.users_seen, "user", ""),
        count(report.summary.packets, "packet", ""),
    ]
}

fn story(report: &Report) -> Vec<Chapter<'_>> {
    let mut alerts: Vec<&Alert> = report.alerts.iter().take(CHAPTERS_SHOWN).collect();
    alerts.sort_by_key(|it| (it.start, it.number));
    alerts
        .into_iter()
        .map(|alert| {
            let shown = alert.story.len().min(SENTENCES_SHOWN);
            let (sentences, rest) = alert.story.split_at_checked(shown).unwrap_or_default();
            Chapter {
                time: words::when(alert),
                machine_time: time::rfc3339(alert.start),
                sentences,
                more: rest.len(),
                alert,
            }
        })
        .collect()
}

fn view<'a>(report: &Report, alert: &'a Alert) -> AlertView<'a> {
    AlertView {
        alert,
        who: words::who_to_whom(alert),
        when: words::when(alert),
        outcome: words::outcome(alert.outcome),
        confidence: words::percent(alert.confidence),
        proof: proof(report, alert),
    }
}

fn proof(report: &Report, alert: &Alert) -> Vec<Proof> {
    let runs = packet_runs(&alert.evidence);
    words::proof(report, &alert.evidence)
        .into_iter()
        .zip(runs.chunk_by(|a, b| a.file == b.file))
        .map(|((file, packets), runs)| {
            let numbers: Vec<String> = runs
                .iter()
                .take(FILTER_RUNS_MAX)
                .map(|it| match it.first {
                    first if first == it.last => first.to_string(),
                    first => format!("{first}..{}", it.last),
                })
                .collect();
            Proof {
                file,
                packets,
                filter: format!("frame.number in {{{}}}", numbers.join(", ")),
            }
        })
        .collect()
}

/// Owners past this are in the JSON lines.
const OWNERS_SHOWN: usize = 12;

/// A display filter longer than this is not pasted.
const FILTER_RUNS_MAX: usize = 64;

/// The story's number of sentences an alert; all of them stand with the alert.
const SENTENCES_SHOWN: usize = 3;

/// Beyond these a browser grows slow and nobody reads on; the JSON lines have all. What is lost:
/// the lesser alerts and users, which are counted.
const ALERTS_SHOWN: usize = 500;
const CHAPTERS_SHOWN: usize = 100;
const USERS_SHOWN: usize = 500;
