//! What records are called on pages, and where their names lead.

use super::address::{Address, segment};
use realmward_alert::Alert;
use realmward_detect::{Kind, Party, PartyHost, PartyRole};
use realmward_event::Outcome;
use realmward_event::operator::AlertStatus;
use realmward_export::{time, words};
use realmward_vocab::{AccountName, DomainName, EventTime};
use std::net::IpAddr;

/// A text that leads somewhere; nowhere if the address is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) text: String,
    pub(super) href: String,
}

/// A moment, for people and for programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct When {
    /// `2026-11-24 08:19:31`.
    pub(super) plain: String,
    /// `2026-11-24`.
    pub(super) day: String,
    /// `08:19:31`.
    pub(super) of_day: String,
    /// RFC 3339.
    pub(super) machine: String,
}

impl When {
    pub(super) fn new(moment: EventTime) -> Self {
        let plain = time::plain(moment);
        Self {
            day: plain.split(' ').next().unwrap_or_default().to_owned(),
            plain,
            of_day: time::of_day(moment),
            machine: time::rfc3339(moment),
        }
    }
}

/// The page of an account.
pub(super) fn account_place(name: &AccountName, domain: &DomainName) -> String {
    let text = if domain.is_empty() {
        name.to_string()
    } else {
        format!("{name}@{domain}")
    };
    format!("/users/{}", segment(&text))
}

/// An account and its page; no link if it has no name.
pub(super) fn account(name: &AccountName, domain: &DomainName) -> Link {
    let party = Party {
        name: name.clone(),
        domain: domain.clone(),
        role: PartyRole::Actor,
    };
    Link {
        text: words::account(&party),
        href: if name.is_empty() {
            String::new()
        } else {
            account_place(name, domain)
        },
    }
}

/// The page of a computer.
pub(super) fn computer_place(address: IpAddr) -> String {
    format!(
        "/computers/{}",
        segment(&address.to_canonical().to_string())
    )
}

/// A device and its page; without an address, a search for its name.
pub(super) fn device(host: &PartyHost) -> Link {
    let text = words::host(host);
    let href = match (host.ip, &host.name) {
        (Some(address), _) => computer_place(address),
        (None, Some(name)) => Address::of("/search").with("text", name).to_string(),
        (None, None) => String::new(),
    };
    Link { text, href }
}

/// Title of an alert.
pub(super) fn title(alert: &Alert) -> String {
    match alert.metadata() {
        Some(metadata) => metadata.title.to_owned(),
        None => alert.detector.as_str().to_owned(),
    }
}

/// Title of a detector.
pub(super) fn detector(id: &str) -> String {
    realmward_detect::detectors::ALL
        .iter()
        .map(|it| &it.metadata)
        .find(|it| it.id == id)
        .map_or_else(|| id.to_owned(), |it| it.title.to_owned())
}

/// Status as JSON and forms write it.
pub(super) const fn status_word(status: AlertStatus) -> &'static str {
    match status {
        AlertStatus::InProgress => "in_progress",
        AlertStatus::TruePositive => "true_positive",
        AlertStatus::BenignPositive => "benign_positive",
        AlertStatus::FalsePositive => "false_positive",
        _ => "open",
    }
}

/// How an attempt ended, in a word or two.
pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "succeeded",
        Outcome::Failure => "refused",
        Outcome::Attempt => "tried",
        Outcome::Unknown => "not seen",
    }
}

/// How it ended, as a sentence.
pub(super) const fn ending(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "It succeeded.",
        Outcome::Failure => "It was refused.",
        Outcome::Attempt => "It was tried; the answer is not readable.",
        Outcome::Unknown => "How it ended was not seen.",
    }
}

/// Outcome as JSON writes it.
pub(super) const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "success",
        Outcome::Failure => "failure",
        Outcome::Attempt => "attempt",
        Outcome::Unknown => "unknown",
    }
}

/// On what an alert rests.
pub(super) const fn ground(kind: Kind) -> &'static str {
    match kind {
        Kind::Deterministic => "The messages alone prove it.",
        Kind::Strong => "Several independent signs agree.",
        Kind::Weak => "One sign, or signs that honest systems also show.",
    }
}

/// The day of a moment in UTC: `Tuesday, 24 November 2026`.
pub(super) fn day(moment: EventTime) -> String {
    let stamp = jiff::Timestamp::from_nanosecond(moment.unix_nanoseconds().into());
    stamp
        .unwrap_or_default()
        .strftime("%A, %-d %B %Y")
        .to_string()
}
