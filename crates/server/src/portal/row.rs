//! An alert as a row of a list: on the timeline, on the pages of users and computers.

use super::words::{self, Link, When};
use realmward_detect::PartyRole;
use realmward_export::words as shared;
use realmward_store::AlertRecord;

/// An alert in a list.
pub(super) struct AlertRow {
    pub(super) id: u64,
    pub(super) title: String,
    pub(super) severity: &'static str,
    pub(super) symbol: &'static str,
    pub(super) when: When,
    pub(super) status: &'static str,
    pub(super) is_closed: bool,
    pub(super) sentence: String,
    pub(super) more: usize,
    pub(super) actors: Vec<Link>,
    pub(super) sources: Vec<Link>,
    pub(super) targets: Vec<Link>,
}

impl AlertRow {
    pub(super) fn new(record: &AlertRecord) -> Self {
        let alert = &record.alert;
        let accounts = |role| {
            let all = alert.accounts.iter().filter(move |it| it.role == role);
            all.map(|it| words::account(&it.name, &it.domain))
        };
        let devices = |role| {
            let all = alert.hosts.iter().filter(move |it| it.role == role);
            all.map(words::device)
        };
        let targets = accounts(PartyRole::Target).chain(devices(PartyRole::Target));
        Self {
            id: alert.id.0,
            title: words::title(alert),
            severity: alert.severity.word(),
            symbol: shared::symbol(alert.severity),
            when: When::new(alert.end),
            status: shared::status(record.status),
            is_closed: record.status.is_closed(),
            sentence: alert.story.first().cloned().unwrap_or_default(),
            more: alert.story.len().saturating_sub(1),
            actors: few(accounts(PartyRole::Actor)),
            sources: few(devices(PartyRole::Source)),
            targets: few(targets),
        }
    }
}

/// The first few, and how many more there are.
pub(super) fn few(all: impl Iterator<Item = Link>) -> Vec<Link> {
    let mut all: Vec<Link> = all.collect();
    let more = all.len().saturating_sub(NAMED_MAX);
    all.truncate(NAMED_MAX);
    if 0 < more {
        all.push(Link {
            text: format!("{more} more"),
            href: String::new(),
        });
    }
    all
}

/// A row names so many of each; the alert's page names all.
const NAMED_MAX: usize = 3;
