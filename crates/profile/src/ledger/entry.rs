//! One ticket: its birth and its holders. Kept small, since there are hundreds of thousands.

use crate::actors::is_hidden;
use crate::limits::{HOLDERS_MAX, ISSUE_EVIDENCE_MAX};
use crate::{Holder, IssueRecord, Stack};
use realmward_event::Event;
use realmward_vocab::{AccountName, DomainName, EventTime, PacketRef};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What is known of a ticket.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Entry {
    birth: Option<Box<Birth>>,
    /// The client that the KDC named when it took a ticket whose birth was not seen.
    owner: Option<Box<(AccountName, DomainName)>>,
    holders: Vec<Held>,
    travels: bool,
    /// A request without an answer tells where it came from.
    #[serde(default)]
    explained: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Birth {
    client: (AccountName, DomainName),
    address: Option<IpAddr>,
    time: EventTime,
    evidence: Vec<PacketRef>,
    stack: Stack,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Held {
    address: Option<IpAddr>,
    since: EventTime,
    until: EventTime,
    packet: PacketRef,
}

impl Entry {
    /// Notes the KDC's answer; the first one counts, an answer sent twice is the same.
    pub(super) fn issue(
        &mut self,
        event: &Event,
        client: (AccountName, DomainName),
        stack: Stack,
        travels: bool,
    ) {
        self.travels |= travels;
        if self.birth.is_none() {
            let evidence = event.evidence.iter().take(ISSUE_EVIDENCE_MAX);
            self.birth = Some(Box::new(Birth {
                client,
                address: event.client.address,
                time: event.time,
                evidence: evidence.copied().collect(),
                stack,
            }));
        }
    }

    pub(super) fn name_owner(&mut self, client: &(AccountName, DomainName)) {
        if self.birth.is_none() && self.owner.is_none() {
            self.owner = Some(Box::new(client.clone()));
        }
    }

    /// Notes that the client of this event has the ticket.
    pub(super) fn hold(&mut self, event: &Event) {
        let address = event.client.address;
        if let Some(held) = self.holders.iter_mut().find(|it| it.address == address) {
            held.until = held.until.max(event.time);
            return;
        }
        if self.holders.len() < HOLDERS_MAX {
            self.holders.push(Held {
                address,
                since: event.time,
                until: event.time,
                packet: event.evidence.first().copied().unwrap_or_default(),
            });
        }
    }

    pub(super) fn owner(&self) -> Option<(AccountName, DomainName)> {
        let born = self.birth.as_ref().map(|it| &it.client);
        born.or(self.owner.as_deref())
            .filter(|(name, _)| !is_hidden(name))
            .cloned()
    }

    pub(super) fn born(&self) -> Option<EventTime> {
        self.birth.as_ref().map(|it| it.time)
    }

    pub(super) const fn explain(&mut self) {
        self.explained = true;
    }

    pub(super) const fn is_explained(&self) -> bool {
        self.explained
    }

    pub(super) const fn travels(&self) -> bool {
        self.travels
    }

    pub(super) fn record(&self) -> Option<IssueRecord> {
        let birth = self.birth.as_ref()?;
        let (client, realm) = birth.client.clone();
        Some(IssueRecord {
            client,
            realm,
            address: birth.address,
            time: birth.time,
            evidence: birth.evidence.clone(),
            stack: birth.stack,
        })
    }

    /// Who else had it; names are added by who knows them.
    pub(super) fn others(&self, here: Option<IpAddr>) -> Vec<Holder> {
        self.holders
            .iter()
            .filter(|it| it.address != here)
            .map(|it| Holder {
                address: it.address,
                since: it.since,
                until: it.until,
                packet: it.packet,
                ..Holder::default()
            })
            .collect()
    }
}
