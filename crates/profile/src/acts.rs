//! Which acts of administration an account does day by day, from where, and on which kind of host.
//!
//! Administrators, software distribution and inventory do every week what an intruder does once.
//! What tells them apart is the past: the same account, from the same address, did the same kind of
//! thing to the same kind of host on other days. A day counts once, when it is over, so that nobody
//! makes a habit within a day; what was refused is a habit of being refused; and domain controllers
//! are a kind of host of their own. How many hosts a habit reaches is part of it.
//! An event of a day that is over already teaches nothing.

use crate::bounded::Bounded;
use crate::limits::{ACT_DAYS_MAX, ACT_HOSTS_MAX, ACTS};
use crate::{AccountKey, Certainty, Habit, Interface};
use realmward_event::rpc::RpcCalled;
use realmward_event::smb::FileOpened;
use realmward_event::{Event, Fact, Outcome};
use realmward_vocab::interface::{
    ACTIVATION, ATSVC, DISPATCH, SRVSVC, SVCCTL, SYSTEM_ACTIVATOR, TASK_SCHEDULER,
    TERMINAL_ENUMERATION, WBEM_SERVICES, WINREG, WKSSVC,
};
use realmward_vocab::{EventTime, Guid};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::net::IpAddr;

/// A kind of act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Act {
    /// Makes, changes, starts or removes services.
    Services,
    /// Makes, runs or removes scheduled tasks.
    Tasks,
    /// Calls methods of WMI or writes its objects.
    Wmi,
    /// Uses DCOM objects.
    Dcom,
    /// Writes to a share that is there for administrators.
    Writes,
    /// Asks who is logged on.
    Sessions,
}

/// Who does what from where to which kind of host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Key {
    account: AccountKey,
    from: IpAddr,
    act: Act,
    on_domain_controllers: bool,
    refused: bool,
}

/// What was done to whom when.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Days {
    /// Days that are over, oldest first, each with the number of hosts.
    over: VecDeque<(i64, u32)>,
    today: i64,
    hosts: Vec<IpAddr>,
}

/// Acts of accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Acts {
    by_key: Bounded<Key, Days>,
    watched_since: Option<EventTime>,
}

impl Default for Acts {
    fn default() -> Self {
        Self {
            by_key: Bounded::new(ACTS),
            watched_since: None,
        }
    }
}

impl Acts {
    /// Notes that somebody watches.
    pub(crate) fn watch(&mut self, now: EventTime) {
        let since = self.watched_since.get_or_insert(now);
        *since = now.min(*since);
    }

    /// What is usual of the act in an event, before it.
    pub(crate) fn habit(&self, deed: &Deed) -> Habit {
        let days = self.by_key.get(deed.now, &deed.key);
        let today = day(deed.now);
        let over = days.map(|it| it.over(today)).unwrap_or_default();
        let hosts = days.map(|it| it.hosts_with(today, deed.on)).unwrap_or(1);
        Habit {
            days: u32::try_from(over.len()).unwrap_or(u32::MAX),
            first: over.first().map(|it| begin(it.0)),
            hosts_usual: over.iter().map(|it| it.1).max().unwrap_or_default(),
            hosts_today: hosts,
            watched_since: self.watched_since.unwrap_or(deed.now),
        }
    }

    /// Learns from an act.
    pub(crate) fn learn(&mut self, deed: &Deed) {
        let today = day(deed.now);
        let days = self.by_key.entry(deed.now, &deed.key, Days::default);
        if today < days.today {
            return;
        }
        days.turn(today);
        if !days.hosts.contains(&deed.on) && days.hosts.len() < ACT_HOSTS_MAX {
            days.hosts.push(deed.on);
        }
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.by_key.evicted()
    }
}

impl Days {
    /// Begins another day.
    fn turn(&mut self, today: i64) {
        if self.today == today {
            return;
        }
        self.over = self.over(today).into();
        while ACT_DAYS_MAX < self.over.len() {
            self.over.pop_front();
        }
        self.today = today;
        self.hosts.clear();
    }

    /// The days before today that still count.
    fn over(&self, today: i64) -> Vec<(i64, u32)> {
        let latest = (!self.hosts.is_empty()).then(|| (self.today, count(self.hosts.len())));
        let all = self.over.iter().copied().chain(latest);
        all.filter(|(day, _)| *day < today && today - *day <= DAYS)
            .collect()
    }

    /// Hosts of today, with this one.
    fn hosts_with(&self, today: i64, host: IpAddr) -> u32 {
        if self.today != today {
            return 1;
        }
        count(self.hosts.len() + usize::from(!self.hosts.contains(&host)))
    }
}

/// An act, by whom and how it ended.
pub(crate) struct Deed {
    key: Key,
    on: IpAddr,
    now: EventTime,
}

impl Deed {
    /// The act in an event, if there is one.
    pub(crate) fn of(
        event: &Event,
        interface: Option<Interface>,
        on_domain_controllers: bool,
        account: impl FnOnce() -> AccountKey,
    ) -> Option<Self> {
        let (act, outcome) = match &event.fact {
            Fact::RpcCalled(it) => {
                let interface = interface.filter(|it| Certainty::Medium <= it.certainty)?;
                (of_call(interface.guid, it)?, it.outcome)
            }
            Fact::FileOpened(it) => {
                let outcome = it.status.map_or(Outcome::Attempt, Outcome::from);
                (Act::Writes, of_file(it).then_some(outcome)?)
            }
            _ => return None,
        };
        Some(Self {
            key: Key {
                account: account(),
                from: event.client.address?,
                act,
                on_domain_controllers,
                refused: outcome == Outcome::Failure,
            },
            on: event.server.address?,
            now: event.time,
        })
    }
}

fn of_call(interface: Guid, call: &RpcCalled) -> Option<Act> {
    let act = match (interface, call.opnum) {
        // Create, change, start and delete (MS-SCMR section 3.1.4).
        (SVCCTL, 2 | 11 | 12 | 19 | 23 | 24 | 31 | 44 | 45 | 60) => Act::Services,
        // NetrJobAdd and NetrJobDel; register, run and delete (MS-TSCH section 3.2.5).
        (ATSVC, 0 | 1) | (TASK_SCHEDULER, 1 | 12 | 13) => Act::Tasks,
        // PutInstance and ExecMethod, also later (MS-WMI section 3.1.4.3).
        (WBEM_SERVICES, 14 | 15 | 24 | 25) => Act::Wmi,
        // Activation (MS-DCOM section 3.1.2.5.2.3), IDispatch (MS-OAUT section 3.1.4).
        (SYSTEM_ACTIVATOR, 3 | 4) | (ACTIVATION, 0) | (DISPATCH, 5 | 6) => Act::Dcom,
        // NetrConnectionEnum, NetrFileEnum, NetrSessionEnum; NetrWkstaUserEnum; OpenUsers; terminals.
        (SRVSVC, 8 | 9 | 12) | (WKSSVC, 2) | (WINREG, 4) => Act::Sessions,
        (TERMINAL_ENUMERATION, 5 | 9 | 10 | 11) => Act::Sessions,
        _ => return None,
    };
    Some(act)
}

/// Whether something is written to a share for administrators.
fn of_file(it: &FileOpened) -> bool {
    !it.is_pipe && it.may_create && it.access & WRITE != 0 && it.share.is_administrative()
}

/// The day of UTC, from the epoch.
const fn day(time: EventTime) -> i64 {
    time.unix_nanoseconds().div_euclid(DAY_NS)
}

const fn begin(day: i64) -> EventTime {
    EventTime::from_unix_nanoseconds(day.saturating_mul(DAY_NS))
}

fn count(hosts: usize) -> u32 {
    u32::try_from(hosts).unwrap_or(u32::MAX)
}

/// Generic write, write data, or append (MS-SMB2 section 2.2.13.1).
const WRITE: u32 = 0x4000_0006;

const DAY_NS: i64 = 86_400 * 1_000_000_000;

/// What was done longer ago is no habit any more.
const DAYS: i64 = 30;
