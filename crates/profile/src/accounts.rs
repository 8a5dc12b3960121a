//! What is usual for an account: key types, addresses, protocols.
//!
//! Only what a server accepted is learned, so that guessing teaches nothing.

use crate::AccountKey;
use crate::bounded::{Bounded, remember};
use crate::limits::{ACCOUNTS, HABITS_MAX};
use realmward_event::kerberos::TicketGranted;
use realmward_vocab::{EncryptionType, EventTime, PaDataType};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Habits of accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Accounts {
    by_key: Bounded<AccountKey, Habits>,
}

/// What one account usually does.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Habits {
    /// Key types with which it proved itself.
    pub(crate) proofs: Vec<EncryptionType>,
    /// Key types that the KDC last offered to it.
    pub(crate) offered: Vec<EncryptionType>,
    /// Addresses from which it got in, the latest last.
    pub(crate) addresses: Vec<IpAddr>,
    /// Whether a KDC gave it a ticket.
    pub(crate) uses_kerberos: bool,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            by_key: Bounded::new(ACCOUNTS),
        }
    }
}

impl Accounts {
    pub(crate) fn habits(&self, now: EventTime, key: &AccountKey) -> Option<&Habits> {
        self.by_key.get(now, key)
    }

    /// The KDC gave the account a ticket-granting ticket.
    pub(crate) fn granted(
        &mut self,
        now: EventTime,
        key: &AccountKey,
        address: Option<IpAddr>,
        it: &TicketGranted,
    ) {
        let habits = self.by_key.entry(now, key, Habits::default);
        habits.uses_kerberos = true;
        if let Some(proof) = proof(it) {
            remember(&mut habits.proofs, proof, HABITS_MAX);
        }
        habits.came_from(address);
    }

    /// The account got in by other means than an AS exchange.
    pub(crate) fn got_in(
        &mut self,
        now: EventTime,
        key: &AccountKey,
        address: Option<IpAddr>,
        by_kerberos: bool,
    ) {
        let habits = self.by_key.entry(now, key, Habits::default);
        habits.uses_kerberos |= by_kerberos;
        habits.came_from(address);
    }

    /// The KDC told which key types it has for the account.
    pub(crate) fn offered(&mut self, now: EventTime, key: &AccountKey, etypes: &[EncryptionType]) {
        if etypes.is_empty() {
            return;
        }
        let habits = self.by_key.entry(now, key, Habits::default);
        habits.offered.clear();
        habits.offered.extend(etypes.iter().take(HABITS_MAX));
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.by_key.evicted()
    }
}

impl Habits {
    fn came_from(&mut self, address: Option<IpAddr>) {
        if let Some(address) = address {
            self.addresses.retain(|it| *it != address);
            remember(&mut self.addresses, address, HABITS_MAX);
        }
    }
}

/// The type of the key with which the client proved itself. An answer without any proof says what
/// the asker wanted, not what the account has; a certificate is no such key either.
pub(crate) fn proof(it: &TicketGranted) -> Option<EncryptionType> {
    let Some(request) = &it.request else {
        return Some(it.reply_etype);
    };
    if let Some(timestamp) = request.timestamp {
        return Some(timestamp.etype);
    }
    let padata = &request.shape.padata;
    padata
        .contains(&PaDataType::PA_ENCRYPTED_CHALLENGE)
        .then_some(it.reply_etype)
}

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_event::kerberos::{EncryptedPart, TicketGrantRequested};

    fn granted(timestamp: Option<i32>, reply: i32, seen: bool) -> TicketGranted {
        let request = TicketGrantRequested {
            timestamp: timestamp.map(|etype| EncryptedPart {
                etype: EncryptionType(etype),
                cipher_octets: 56,
            }),
            ..TicketGrantRequested::default()
        };
        TicketGranted {
            reply_etype: EncryptionType(reply),
            request: seen.then(|| Box::new(request)),
            ..TicketGranted::default()
        }
    }

    #[test]
    fn a_roasted_account_has_not_proven_itself() {
        assert_eq!(proof(&granted(None, 23, true)), None);
        assert_eq!(
            proof(&granted(Some(18), 23, true)),
            Some(EncryptionType::AES256_CTS_HMAC_SHA1_96)
        );
        assert_eq!(
            proof(&granted(None, 23, false)),
            Some(EncryptionType::RC4_HMAC)
        );
    }
}
