//! What made an NTLM logon, and what is usual for its account.
//!
//! Windows fills in its version and its name; most other implementations do not. None of that
//! proves an attack: Samba, appliances and scanners share the habits, so these are multipliers.

use crate::devices::remember_address;
use crate::limits::{ACCOUNTS_MAX, Bounded, FLOWS_MAX};
use crate::{NtlmInsight, Tell};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::{Event, Fact, Outcome, Source};
use realmward_vocab::{AccountName, FlowId, Guid};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Client identifiers by connection, and addresses by account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ntlm {
    clients: Bounded<FlowId, Guid>,
    accounts: Bounded<AccountName, Vec<IpAddr>>,
}

impl Default for Ntlm {
    fn default() -> Self {
        Self {
            clients: Bounded::new(FLOWS_MAX),
            accounts: Bounded::new(ACCOUNTS_MAX),
        }
    }
}

impl Ntlm {
    /// Takes an event in; what is to be said of the logon in it, if there is one.
    pub(crate) fn take(&mut self, event: &Event, uses_kerberos: bool) -> Option<NtlmInsight> {
        let Source::Wire(flow) = event.source else {
            return None;
        };
        match &event.fact {
            Fact::SmbNegotiated(it) => {
                if let Some(guid) = it.client_guid {
                    self.clients.insert(&flow, guid);
                }
                None
            }
            Fact::NtlmAuthenticated(it) => {
                let insight = self.insight(event, it, flow, uses_kerberos);
                if let (Outcome::Success, Some(address)) = (it.outcome, event.client.address) {
                    let known = self.accounts.entry(&it.user.folded(), Vec::new);
                    remember_address(known, address);
                }
                Some(insight)
            }
            _ => None,
        }
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.clients.evicted() + self.accounts.evicted()
    }

    fn insight(
        &self,
        event: &Event,
        it: &NtlmAuthenticated,
        flow: FlowId,
        account_uses_kerberos: bool,
    ) -> NtlmInsight {
        let guid = self.clients.get(&flow).copied();
        let ascii_client_guid = guid.is_some_and(Guid::is_ascii_text);
        let account_devices = self
            .accounts
            .get(&it.user.folded())
            .cloned()
            .unwrap_or_default();
        let mut tells = tells(it);
        if let (true, Some(guid)) = (ascii_client_guid, guid) {
            tells.push(tell(
                "SMB client identifier",
                format!("{guid}: sixteen ASCII letters"),
                "a generated identifier",
            ));
        }
        NtlmInsight {
            tells,
            ascii_client_guid,
            account_known_on_device: event
                .client
                .address
                .is_some_and(|address| account_devices.contains(&address)),
            account_uses_kerberos,
            account_devices,
        }
    }
}

fn tells(it: &NtlmAuthenticated) -> Vec<Tell> {
    let mut tells = Vec::new();
    let negotiated_version = it.negotiate_flags.is_some_and(|flags| flags & VERSION != 0);
    if it.negotiate_flags.is_some() && !negotiated_version {
        tells.push(tell(
            "version in the first NTLM message",
            "absent".to_owned(),
            "present from Windows and Samba",
        ));
    }
    let workstation = it.workstation.as_str();
    if workstation.is_empty() || workstation == "NULL" {
        tells.push(tell(
            "workstation name",
            "empty".to_owned(),
            "the name of the client computer",
        ));
    }
    let challenge = it.client_challenge.map(u64::to_le_bytes);
    if challenge.is_some_and(|it| it.iter().all(u8::is_ascii_alphanumeric)) {
        tells.push(tell(
            "client challenge",
            "eight letters or digits".to_owned(),
            "eight random octets",
        ));
    }
    tells
}

fn tell(condition: &str, observed: String, expected: &str) -> Tell {
    Tell {
        condition: condition.to_owned(),
        observed,
        expected: expected.to_owned(),
    }
}

/// NTLMSSP_NEGOTIATE_VERSION (MS-NLMP section 2.2.2.5).
const VERSION: u32 = 0x0200_0000;
