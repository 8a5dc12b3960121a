//! Bounds of everything the profile remembers: number, age, and what is lost at them.
//!
//! Hostile traffic that fills every one of them with long names makes the profile about 500 MB
//! (400 were measured when 200,000 tickets had room); an honest network of ten thousand people fills
//! none.

use crate::bounded::Bound;
use std::time::Duration;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// Addresses of a large network and its visitors, some hundred octets each. What is lost: names,
/// logons and habits of the addresses that were quiet longest; they look new when they return.
pub(crate) const ADDRESSES: Bound = Bound {
    entries: 50_000,
    life: Duration::from_secs(30 * DAY),
    in_order: false,
};

/// Names that a KDC or a directory server vouched for within two days: machines renew their tickets
/// daily. What is lost: that a relay which calls itself so is another.
pub(crate) const PROVEN: Bound = Bound {
    entries: 50_000,
    life: Duration::from_secs(2 * DAY),
    in_order: false,
};

/// Pairs of addresses between which tickets went within a week, which is as long as tickets live. What
/// is lost: that a device which goes back and forth is one.
pub(crate) const SWAPS: Bound = Bound {
    entries: 50_000,
    life: Duration::from_secs(8 * DAY),
    in_order: false,
};

/// Accounts that work within a month. What is lost: what is usual for the accounts that were quiet
/// longest; a change of theirs is not told.
pub(crate) const ACCOUNTS: Bound = Bound {
    entries: 100_000,
    life: Duration::from_secs(30 * DAY),
    in_order: false,
};

/// Accounts that administer times their places times six kinds of act, some 400 octets each. What is
/// lost: habits of those that were quiet longest; what they do is told again.
pub(crate) const ACTS: Bound = Bound {
    entries: 20_000,
    life: Duration::from_secs(30 * DAY),
    in_order: false,
};

/// A habit looks back a month.
pub(crate) const ACT_DAYS_MAX: usize = 30;

/// Hosts on one day that are told apart; who reaches more reaches all.
pub(crate) const ACT_HOSTS_MAX: usize = 256;

/// Two days of tickets of twenty thousand people, about 300 octets each; kept for a week, since no
/// default domain lets a ticket be renewed for longer. What is lost: who got the oldest tickets, used
/// or not. The coverage then begins with the oldest that is left, so that none is called forged
/// because it was forgotten.
pub(crate) const TICKETS: Bound = Bound {
    entries: 500_000,
    life: Duration::from_secs(8 * DAY),
    in_order: true,
};

/// Addresses times services whose answer was not seen within a day, about 150 octets each. Twenty
/// thousand people ask a quarter of a million times a day, and a good sensor loses one answer in a
/// thousand. What is lost: that an answer to the oldest of these went unseen, so that its ticket seems
/// forged.
pub(crate) const UNANSWERED: Bound = Bound {
    entries: 100_000,
    life: Duration::from_secs(DAY),
    in_order: false,
};

/// Connections that are open at once. What is lost: the client identifier of old connections.
pub(crate) const FLOWS: Bound = Bound {
    entries: 50_000,
    life: Duration::from_secs(DAY),
    in_order: false,
};

/// Servers times ports and pipes of RPC interfaces. Ports change when a server starts anew, and
/// servers run for months. What is lost: interfaces of calls without a captured bind.
pub(crate) const ENDPOINTS: Bound = Bound {
    entries: 20_000,
    life: Duration::from_secs(30 * DAY),
    in_order: false,
};

/// Realms and domains of a forest and those it trusts: some dozens. What is lost: which NetBIOS name
/// belongs to which DNS name, and what a realm's genuine tickets look like.
pub(crate) const REALMS: Bound = Bound {
    entries: 512,
    life: Duration::from_secs(90 * DAY),
    in_order: false,
};

/// Names that a name server lists as domain controllers; as many as the roster holds. What is lost:
/// domain controllers that nothing but DNS shows.
pub(crate) const LISTED: Bound = Bound {
    entries: 4_096,
    life: Duration::from_secs(7 * DAY),
    in_order: false,
};

/// Hosts that domain controllers told of changes, until they fetch them; a partner does so within
/// seconds. What is lost: a partner whose connections are all older than the capture.
pub(crate) const NOTIFIED: Bound = Bound {
    entries: 1_024,
    life: Duration::from_secs(300),
    in_order: false,
};

/// Octets of a pipe's name that are kept; the longest in use has 20.
pub(crate) const PIPE_OCTETS_MAX: usize = 64;

/// Stacks, key types, addresses, lengths: what an account or a device usually shows is a handful.
/// What is lost: the value seen first.
pub(crate) const HABITS_MAX: usize = 8;

/// More accounts than this at one address are told apart by their sessions or not at all.
pub(crate) const LOGONS_MAX: usize = 8;

/// Three devices behind an address make it shared; more say nothing new.
pub(crate) const IDENTITIES_MAX: usize = 8;

/// One ticket on more devices than this says no more than on these.
pub(crate) const HOLDERS_MAX: usize = 8;

/// Packets that prove the issue of a ticket: request and answer, each in two pieces.
pub(crate) const ISSUE_EVIDENCE_MAX: usize = 4;

/// KDCs of one realm that are told apart.
pub(crate) const KDCS_MAX: usize = 64;

/// A port of a domain controller serves a handful: LSARPC, SAMR, NETLOGON and DRSUAPI share one.
pub(crate) const INTERFACES_MAX: usize = 8;

/// Edges of the graph of who reached what, about 150 octets each. At the bound the tenth that was
/// seen longest ago goes. What is lost: old edges of reports.
pub(crate) const EDGES_MAX: usize = 100_000;

/// Edges in one answer of the graph: more is no picture. What is lost: those seen longest ago.
pub(crate) const EDGES_SHOWN_MAX: usize = 500;
