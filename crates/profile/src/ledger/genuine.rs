//! What the clear header of a realm's genuine ticket-granting tickets looks like.

use crate::Invariant;
use crate::limits::{Bounded, remember};
use realmward_event::kerberos::Ticket;
use realmward_vocab::{EncryptionType, Realm};
use serde::{Deserialize, Serialize};

/// Properties of ticket-granting tickets that KDCs were seen to issue, by realm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Genuine {
    by_realm: Bounded<Realm, Shape>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Shape {
    count: u64,
    realm: Realm,
    kvnos: Vec<u32>,
    etypes: Vec<EncryptionType>,
}

impl Default for Genuine {
    fn default() -> Self {
        Self {
            by_realm: Bounded::new(REALMS_MAX),
        }
    }
}

impl Genuine {
    /// Learns from a ticket of an AS-REP.
    pub(crate) fn take(&mut self, ticket: &Ticket) {
        if !ticket.service.is_krbtgt() {
            return;
        }
        let shape = self.by_realm.entry(&ticket.realm.folded(), Shape::default);
        shape.count += 1;
        shape.realm = ticket.realm.clone();
        if let Some(kvno) = ticket.kvno {
            remember(&mut shape.kvnos, kvno, VALUES_MAX);
        }
        remember(&mut shape.etypes, ticket.etype, VALUES_MAX);
    }

    /// Whether the ticket comes from where our KDCs do not issue: another realm, or a read-only or
    /// cloud domain controller, whose number is in the high half of `kvno` (MS-KILE section 3.1.5.8).
    pub(crate) fn is_foreign(&self, ticket: &Ticket) -> bool {
        let other_realm =
            0 < self.by_realm.len() && self.by_realm.get(&ticket.realm.folded()).is_none();
        let read_only = ticket.kvno.is_some_and(|kvno| kvno >> 16 != 0);
        other_realm || read_only
    }

    /// What of this ticket-granting ticket is not as genuine ones are.
    pub(crate) fn broken(&self, ticket: &Ticket) -> Vec<Invariant> {
        let Some(shape) = self
            .by_realm
            .get(&ticket.realm.folded())
            .filter(|shape| ticket.service.is_krbtgt() && GENUINE_MIN <= shape.count)
        else {
            return Vec::new();
        };
        let mut broken = Vec::new();
        if ticket.realm != shape.realm {
            broken.push(invariant("realm", &ticket.realm, &shape.realm, shape.count));
        }
        if let Some(kvno) = ticket.kvno
            && !shape.kvnos.is_empty()
            && !shape.kvnos.contains(&kvno)
        {
            broken.push(invariant("kvno", &kvno, &list(&shape.kvnos), shape.count));
        }
        if !shape.etypes.contains(&ticket.etype) {
            broken.push(invariant(
                "etype",
                &ticket.etype,
                &list(&shape.etypes),
                shape.count,
            ));
        }
        broken
    }
}

fn invariant(
    field: &str,
    observed: &impl ToString,
    expected: &impl ToString,
    count: u64,
) -> Invariant {
    Invariant {
        field: field.to_owned(),
        observed: observed.to_string(),
        expected: format!(
            "{}, as in {count} tickets issued here",
            expected.to_string()
        ),
    }
}

fn list(values: &[impl ToString]) -> String {
    let words: Vec<String> = values.iter().map(ToString::to_string).collect();
    words.join(" or ")
}

/// Fewer genuine tickets could all come from one odd client.
const GENUINE_MIN: u64 = 3;

/// The key of krbtgt has two versions in use at most, and a realm three key types.
const VALUES_MAX: usize = 4;
const REALMS_MAX: usize = 1_024;
