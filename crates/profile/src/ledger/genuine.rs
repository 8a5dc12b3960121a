//! What the clear header of a realm's genuine ticket-granting tickets looks like.
//!
//! Learned from what KDCs issue, and from what they accept from several devices: a forger can make
//! his ticket accepted from one, hardly from three. Key version and key type of krbtgt are the same
//! for a whole domain; the name type follows what clients ask for, and the length follows the groups
//! of the account, so these two need more genuine tickets before they say anything.

use crate::Invariant;
use crate::bounded::{Bounded, remember};
use crate::limits::{ACCOUNTS, HABITS_MAX, REALMS};
use realmward_event::Event;
use realmward_event::kerberos::Ticket;
use realmward_vocab::{AccountName, EncryptionType, EventTime, Realm};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Properties of genuine ticket-granting tickets, by realm and by account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Genuine {
    by_realm: Bounded<Realm, Shape>,
    by_account: Bounded<(Realm, AccountName), Lengths>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Shape {
    issued: u64,
    realm: Realm,
    name_types: Vec<i32>,
    keys: Vec<Key>,
    /// Keys of tickets that were accepted and whose issue may not have been seen, and from where.
    accepted: Vec<(Key, Vec<IpAddr>)>,
}

/// The key of krbtgt that sealed a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Key {
    kvno: Option<u32>,
    etype: EncryptionType,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Lengths {
    issued: u64,
    octets: Vec<u32>,
}

impl Default for Genuine {
    fn default() -> Self {
        Self {
            by_realm: Bounded::new(REALMS),
            by_account: Bounded::new(ACCOUNTS),
        }
    }
}

impl Genuine {
    /// Learns from a ticket of an AS-REP.
    pub(super) fn issued(&mut self, event: &Event, ticket: &Ticket, client: &AccountName) {
        if !ticket.service.is_krbtgt() || is_read_only(ticket) {
            return;
        }
        let realm = ticket.realm.folded();
        let shape = self.by_realm.entry(event.time, &realm, Shape::default);
        shape.issued += 1;
        shape.realm = ticket.realm.clone();
        remember(&mut shape.keys, Key::of(ticket), HABITS_MAX);
        remember(&mut shape.name_types, ticket.service_name_type, HABITS_MAX);
        let account = (realm, client.folded());
        let lengths = self
            .by_account
            .entry(event.time, &account, Lengths::default);
        lengths.issued += 1;
        remember(&mut lengths.octets, ticket.cipher_octets, HABITS_MAX);
    }

    /// Learns from a ticket that a KDC accepted.
    pub(super) fn accepted(&mut self, event: &Event, ticket: &Ticket) {
        let Some(address) = event.client.address else {
            return;
        };
        if !is_own(ticket) || is_read_only(ticket) {
            return;
        }
        let realm = ticket.realm.folded();
        let shape = self.by_realm.entry(event.time, &realm, Shape::default);
        if shape.realm.is_empty() {
            shape.realm = ticket.realm.clone();
        }
        let key = Key::of(ticket);
        if let Some((_, from)) = shape.accepted.iter_mut().find(|(it, _)| *it == key) {
            remember(from, address, HABITS_MAX);
        } else if shape.accepted.len() < HABITS_MAX {
            shape.accepted.push((key, vec![address]));
        }
    }

    /// Whether the ticket comes from where our KDCs do not issue: another realm, which also shows in
    /// a ticket for the trust between two, or a read-only or cloud domain controller, whose number is
    /// in the high half of `kvno` (MS-KILE section 3.1.5.8).
    pub(super) fn is_foreign(&self, now: EventTime, ticket: &Ticket) -> bool {
        let known = self.by_realm.get(now, &ticket.realm.folded()).is_some();
        let other_realm = !self.by_realm.is_empty() && !known;
        other_realm || is_of_trust(ticket) || is_read_only(ticket)
    }

    /// What of this ticket-granting ticket is not as genuine ones are.
    pub(super) fn broken(
        &self,
        event: &Event,
        ticket: &Ticket,
        client: Option<AccountName>,
    ) -> Vec<Invariant> {
        let realm = ticket.realm.folded();
        let mut broken = Vec::new();
        if !ticket.service.is_krbtgt() || is_of_trust(ticket) || is_read_only(ticket) {
            return broken;
        }
        if let Some(shape) = self.by_realm.get(event.time, &realm) {
            shape.compare(ticket, event.client.address, &mut broken);
        }
        let lengths = client.and_then(|it| self.by_account.get(event.time, &(realm, it.folded())));
        if let Some(lengths) = lengths {
            lengths.compare(ticket, &mut broken);
        }
        broken
    }

    pub(super) const fn evicted(&self) -> u64 {
        self.by_realm.evicted() + self.by_account.evicted()
    }
}

impl Key {
    const fn of(ticket: &Ticket) -> Self {
        Self {
            kvno: ticket.kvno,
            etype: ticket.etype,
        }
    }
}

impl Shape {
    fn compare(&self, ticket: &Ticket, from: Option<IpAddr>, broken: &mut Vec<Invariant>) {
        let elsewhere: Vec<(Key, usize)> = self
            .accepted
            .iter()
            .map(|(key, at)| (*key, at.iter().filter(|it| Some(**it) != from).count()))
            .filter(|(_, count)| DEVICES_MIN <= *count)
            .collect();
        let used: usize = elsewhere.iter().map(|(_, count)| count).sum();
        let known: Vec<Key> = self
            .keys
            .iter()
            .copied()
            .chain(elsewhere.iter().map(|(key, _)| *key))
            .collect();
        if self.issued < GENUINE_MIN && used == 0 {
            return;
        }
        let count = Count {
            issued: self.issued,
            devices: used,
        };
        if ticket.realm != self.realm {
            broken.push(count.invariant("realm", &ticket.realm, &self.realm));
        }
        let kvnos = distinct(known.iter().map(|it| it.kvno));
        if !kvnos.iter().any(|it| is_version(*it, ticket.kvno)) {
            let near = kvnos.iter().any(|it| is_near(*it, ticket.kvno));
            let it = count.invariant("kvno", &version(ticket.kvno), &versions(&kvnos));
            broken.push(Invariant { near, ..it });
        }
        let etypes = distinct(known.iter().map(|it| it.etype));
        if !etypes.contains(&ticket.etype) {
            broken.push(count.invariant("etype", &ticket.etype, &list(&etypes)));
        }
        let types = &self.name_types;
        if NAMED_MIN <= self.issued && !types.contains(&ticket.service_name_type) {
            let observed = &ticket.service_name_type;
            broken.push(count.invariant("sname.name-type", observed, &list(types)));
        }
    }
}

impl Lengths {
    fn compare(&self, ticket: &Ticket, broken: &mut Vec<Invariant>) {
        let near = |known: &u32| known.abs_diff(ticket.cipher_octets) < LENGTH_SLACK;
        if LENGTHS_MIN <= self.issued && !self.octets.iter().any(near) {
            let count = Count {
                issued: self.issued,
                devices: 0,
            };
            let expected = format!("about {} for this account", list(&self.octets));
            broken.push(count.invariant("cipher length", &ticket.cipher_octets, &expected));
        }
    }
}

/// How many genuine tickets stand behind a comparison.
struct Count {
    issued: u64,
    devices: usize,
}

impl Count {
    fn invariant(
        &self,
        field: &str,
        observed: &impl ToString,
        expected: &impl ToString,
    ) -> Invariant {
        let expected = expected.to_string();
        Invariant {
            field: field.to_owned(),
            observed: observed.to_string(),
            expected: if self.issued == 0 {
                format!(
                    "{expected}, as in tickets accepted from {} other devices",
                    self.devices
                )
            } else {
                format!("{expected}, as in {} tickets issued here", self.issued)
            },
            near: false,
        }
    }
}

/// Whether `used` is the version `known` of the key or the one before, which stays valid until the
/// tickets sealed with it have expired.
fn is_version(known: Option<u32>, used: Option<u32>) -> bool {
    match (known, used) {
        (Some(known), Some(used)) => used == known || used.checked_add(1) == Some(known),
        (None, None) => true,
        _ => false,
    }
}

/// Whether the key was changed as often between the two as happens within the life of a ticket.
fn is_near(known: Option<u32>, used: Option<u32>) -> bool {
    let distance = known.zip(used).map(|(a, b)| a.abs_diff(b));
    distance.is_some_and(|it| it <= CHANGES_MAX)
}

fn version(kvno: Option<u32>) -> String {
    kvno.map_or_else(|| "absent".to_owned(), |it| it.to_string())
}

fn versions(kvnos: &[Option<u32>]) -> String {
    list(&kvnos.iter().copied().map(version).collect::<Vec<_>>())
}

fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut all = Vec::new();
    for value in values {
        remember(&mut all, value, usize::MAX);
    }
    all
}

fn list(values: &[impl ToString]) -> String {
    let words: Vec<String> = values.iter().map(ToString::to_string).collect();
    words.join(" or ")
}

/// `krbtgt/REALM` of its own realm.
fn is_own(ticket: &Ticket) -> bool {
    let instance = ticket.service.components().nth(1).unwrap_or_default();
    ticket.service.is_krbtgt() && instance.eq_ignore_ascii_case(ticket.realm.as_str())
}

/// `krbtgt/OURS` issued by another realm, or the other way round (RFC 4120 section 1.2).
fn is_of_trust(ticket: &Ticket) -> bool {
    let instance = ticket.service.components().nth(1).unwrap_or_default();
    ticket.service.is_krbtgt() && instance.contains('.') && !is_own(ticket)
}

fn is_read_only(ticket: &Ticket) -> bool {
    ticket.kvno.is_some_and(|kvno| kvno >> 16 != 0)
}

/// The key of krbtgt is changed twice when it was stolen; a third time would be an accident.
const CHANGES_MAX: u32 = 3;

/// Fewer genuine tickets could all come from one odd client.
const GENUINE_MIN: u64 = 3;

/// So many devices do not all hold forged tickets.
const DEVICES_MIN: usize = 3;

/// Clients choose the name type; after so many tickets all kinds of clients have been seen.
const NAMED_MIN: u64 = 20;

/// Lengths differ with the client's options by some ten octets and with each group by four; forged
/// privileges (MS-PAC) differ by more.
const LENGTHS_MIN: u64 = 5;
const LENGTH_SLACK: u32 = 64;
