//! Which stacks and key types accounts and devices used before.

use super::{Told, of_as, of_tgs};
use crate::limits::{ACCOUNTS_MAX, ADDRESSES_MAX, Bounded, remember};
use crate::{Stack, StackInsight};
use realmward_event::kerberos::{TicketGrantRequested, account_of};
use realmward_event::{Event, Fact};
use realmward_vocab::{AccountName, EncryptionType, EventTime};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What is usual.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stacks {
    devices: Bounded<IpAddr, DeviceHabits>,
    accounts: Bounded<AccountName, AccountHabits>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct DeviceHabits {
    since: EventTime,
    stacks: Vec<Stack>,
    proofs: Vec<EncryptionType>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct AccountHabits {
    proofs: Vec<EncryptionType>,
    offered: Vec<EncryptionType>,
    addresses: Vec<IpAddr>,
}

impl Default for Stacks {
    fn default() -> Self {
        Self {
            devices: Bounded::new(ADDRESSES_MAX),
            accounts: Bounded::new(ACCOUNTS_MAX),
        }
    }
}

impl Stacks {
    /// Takes an event in; what is to be said of the request in it, if there is one.
    pub(crate) fn take(&mut self, event: &Event) -> Option<StackInsight> {
        match &event.fact {
            Fact::TicketGrantRequested(it) => {
                let insight = self.insight(event, it.client.as_ref().map(account_of), of_as(it));
                self.note_stack(event, insight.stack);
                Some(insight)
            }
            Fact::TicketGranted(it) => {
                let request = it.request.as_deref();
                let insight = request.map(|request| {
                    self.insight(event, Some(account_of(&it.client)), of_as(request))
                });
                self.note_proof(event, &account_of(&it.client), request, it.reply_etype);
                insight
            }
            Fact::ServiceTicketRequested(it) => {
                let insight = self.insight(event, None, of_tgs(it));
                self.note_stack(event, insight.stack);
                Some(insight)
            }
            Fact::ServiceTicketIssued(it) => it
                .request
                .as_deref()
                .map(|request| self.insight(event, Some(account_of(&it.client)), of_tgs(request))),
            Fact::KerberosRefused(it) => {
                if let (Some(client), false) = (&it.client, it.offered_etypes.is_empty()) {
                    let account = account_of(client).folded();
                    let habits = self.accounts.entry(&account, AccountHabits::default);
                    habits.offered.clone_from(&it.offered_etypes);
                    habits.offered.truncate(VALUES_MAX);
                }
                None
            }
            _ => None,
        }
    }

    /// Whether the account used Kerberos before.
    pub(crate) fn uses_kerberos(&self, account: &AccountName) -> bool {
        self.accounts
            .get(&account.folded())
            .is_some_and(|it| !it.proofs.is_empty())
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.devices.evicted() + self.accounts.evicted()
    }

    fn insight(&self, event: &Event, account: Option<AccountName>, told: Told) -> StackInsight {
        let device = event.client.address.and_then(|it| self.devices.get(&it));
        let account = account.and_then(|it| self.accounts.get(&it.folded()));
        StackInsight {
            stack: told.stack,
            tells: told.tells,
            device_stacks: device.map(|it| it.stacks.clone()).unwrap_or_default(),
            account_etypes: account.map(|it| it.proofs.clone()).unwrap_or_default(),
            device_etypes: device.map(|it| it.proofs.clone()).unwrap_or_default(),
            offered_etypes: account.map(|it| it.offered.clone()).unwrap_or_default(),
            account_known_on_device: account
                .zip(event.client.address)
                .is_some_and(|(it, address)| it.addresses.contains(&address)),
            device_since: device.map(|it| it.since),
        }
    }

    fn note_stack(&mut self, event: &Event, stack: Stack) {
        let Some(address) = event.client.address else {
            return;
        };
        let device = self.devices.entry(&address, || DeviceHabits {
            since: event.time,
            ..DeviceHabits::default()
        });
        if stack != Stack::Unknown {
            remember(&mut device.stacks, stack, VALUES_MAX);
        }
    }

    fn note_proof(
        &mut self,
        event: &Event,
        account: &AccountName,
        request: Option<&TicketGrantRequested>,
        reply_etype: EncryptionType,
    ) {
        let proof = request
            .and_then(|it| it.timestamp)
            .map_or(reply_etype, |it| it.etype);
        let habits = self
            .accounts
            .entry(&account.folded(), AccountHabits::default);
        remember(&mut habits.proofs, proof, VALUES_MAX);
        if let Some(address) = event.client.address {
            remember(&mut habits.addresses, address, VALUES_MAX);
            let device = self.devices.entry(&address, || DeviceHabits {
                since: event.time,
                ..DeviceHabits::default()
            });
            remember(&mut device.proofs, proof, VALUES_MAX);
        }
    }
}

/// Stacks of a device, key types of an account, addresses of an account: a handful each.
const VALUES_MAX: usize = 8;
