//! Old protocols in use, counted: what an administrator would want to switch off, attack or not.

use realmward_event::Fact;
use realmward_profile::Sighting;
use realmward_vocab::AccountName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How often, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HygieneCount {
    /// How often it was seen.
    pub times: u64,
    /// By which account from which address, how often; at most 10,000 pairs.
    pub by: BTreeMap<(AccountName, Option<IpAddr>), u64>,
}

/// Protocol hygiene of what was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hygiene {
    /// Tickets sealed with RC4 or DES.
    pub weak_tickets: HygieneCount,
    /// NTLM version 1 logons.
    pub ntlm_v1: HygieneCount,
    /// LDAP binds with the password in clear.
    pub cleartext_binds: HygieneCount,
    /// Connections that negotiated SMB1.
    pub smb1: HygieneCount,
}

impl Hygiene {
    /// The counts with their names in plain words, in the order of reports.
    #[must_use]
    pub fn rows(&self) -> [(&'static str, &HygieneCount); 4] {
        [
            ("RC4 tickets", &self.weak_tickets),
            ("NTLMv1 logons", &self.ntlm_v1),
            ("cleartext LDAP binds", &self.cleartext_binds),
            ("SMB1 connections", &self.smb1),
        ]
    }

    /// How often something was seen of pairs of account and address that are not told apart.
    #[must_use]
    pub fn not_told_apart(&self) -> u64 {
        let rest = |it: &HygieneCount| it.times.saturating_sub(it.by.values().sum());
        self.rows().into_iter().map(|(_, it)| rest(it)).sum()
    }

    pub(crate) fn count(&mut self, sighting: &Sighting) {
        let counter = match &sighting.event.fact {
            Fact::TicketGranted(it) if it.ticket.etype.is_weak() => &mut self.weak_tickets,
            Fact::ServiceTicketIssued(it) if it.ticket.etype.is_weak() => &mut self.weak_tickets,
            Fact::NtlmAuthenticated(it) if it.response_version == 1 => &mut self.ntlm_v1,
            Fact::DirectoryBound(it) if it.cleartext_password => &mut self.cleartext_binds,
            Fact::SmbNegotiated(it) if it.dialect == Some(SMB1) => &mut self.smb1,
            _ => return,
        };
        counter.times += 1;
        let account = sighting
            .actor
            .as_ref()
            .map(|actor| actor.name.folded())
            .unwrap_or_default();
        let key = (account, sighting.source.address);
        if counter.by.len() < USERS_MAX || counter.by.contains_key(&key) {
            *counter.by.entry(key).or_insert(0) += 1;
        }
    }
}

/// How `SmbNegotiated` writes NT LM 0.12.
const SMB1: u16 = 0x0001;

/// Enough to find the owners. What is lost: later pairs of account and address, not the count.
const USERS_MAX: usize = 10_000;
