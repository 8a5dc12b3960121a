//! A bounded table of flows.
//!
//! It forgets a flow when it was idle for its time, told by [`FlowTable::due`] at moments that
//! depend on packets alone, or when it is full: then the flow that is due first goes, and is counted.

use crate::flow::FlowKey;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use realmward_vocab::{EventTime, FlowId};
use std::collections::{BTreeMap, VecDeque};

/// One flow and what its owner remembers of it.
#[derive(Debug)]
pub struct Flow<T> {
    /// The place of its first packet in the merged order.
    pub id: FlowId,
    /// When its last packet was seen.
    pub last: EventTime,
    /// After how many seconds without a packet it is forgotten.
    pub idle_s: u32,
    /// What its owner remembers.
    pub value: T,
}

impl<T> Flow<T> {
    fn due(&self) -> i64 {
        epoch(self.last) + i64::from(self.idle_s) / EPOCH_S + 1
    }
}

/// A bounded table of flows.
#[derive(Debug)]
pub struct FlowTable<T> {
    flows: HashMap<FlowKey, Flow<T>, RandomState>,
    /// Which flows to look at when; an entry may be out of date and is then put off.
    schedule: BTreeMap<i64, VecDeque<(FlowKey, FlowId)>>,
    /// Entries of `schedule`.
    scheduled: usize,
    flows_max: usize,
    evicted: u64,
}

impl<T> FlowTable<T> {
    /// A table of at most `flows_max` flows.
    #[must_use]
    pub fn new(flows_max: usize) -> Self {
        Self {
            flows: HashMap::default(),
            schedule: BTreeMap::new(),
            scheduled: 0,
            flows_max: flows_max.max(1),
            evicted: 0,
        }
    }

    /// The flow of `key`, if it is known.
    pub fn find(&mut self, key: &FlowKey) -> Option<&mut Flow<T>> {
        self.flows.get_mut(key)
    }

    /// All flows, in no order.
    pub fn flows_mut(&mut self) -> impl Iterator<Item = (&FlowKey, &mut Flow<T>)> {
        self.flows.iter_mut()
    }

    /// Gives memory of flows that are gone back.
    pub fn shrink(&mut self) {
        self.flows.shrink_to_fit();
        self.reschedule();
    }

    /// Adds a flow; gives back the one that had to go for it.
    pub fn insert(&mut self, key: FlowKey, flow: Flow<T>) -> Option<(FlowKey, Flow<T>)> {
        let evicted = if self.flows_max <= self.flows.len() {
            self.evicted += 1;
            self.evict()
        } else {
            None
        };
        self.schedule(key, flow.id, flow.due());
        self.flows.insert(key, flow);
        if STALE_TIMES_MAX * self.flows_max < self.scheduled {
            self.reschedule();
        }
        evicted
    }

    /// Takes a flow out.
    pub fn remove(&mut self, key: &FlowKey) -> Option<Flow<T>> {
        self.flows.remove(key)
    }

    /// Lets a flow be forgotten after `idle_s` seconds, sooner than before.
    pub fn shorten(&mut self, key: &FlowKey, idle_s: u32) {
        let Some(flow) = self.flows.get_mut(key) else {
            return;
        };
        if flow.idle_s <= idle_s {
            return;
        }
        flow.idle_s = idle_s;
        let (id, due) = (flow.id, flow.due());
        self.schedule(*key, id, due);
    }

    /// What was idle for its time at `now`, in order of first packets. It stays until it is taken, so
    /// that its owner may take one after the other.
    ///
    /// A flow is due at the first call at least its idle time, rounded up to [`EPOCH_S`], after its
    /// last packet: it depends on the flow's own packets and on `now` alone.
    pub fn due(&mut self, now: EventTime) -> Vec<(FlowId, FlowKey)> {
        let now = epoch(now);
        let mut due = Vec::new();
        while let Some(entry) = self.schedule.first_entry() {
            if now < *entry.key() {
                break;
            }
            let entries = entry.remove();
            self.scheduled -= entries.len();
            for (key, id) in entries {
                match self.flows.get(&key) {
                    Some(flow) if flow.id == id && flow.due() <= now => due.push((id, key)),
                    Some(flow) if flow.id == id => {
                        let due = flow.due();
                        self.schedule(key, id, due);
                    }
                    _ => {}
                }
            }
        }
        due.sort_unstable();
        // One that was shortened has two entries.
        due.dedup();
        due
    }

    /// All flows, in order of first packets. They stay until they are taken.
    pub fn all(&mut self) -> Vec<(FlowId, FlowKey)> {
        self.schedule.clear();
        self.scheduled = 0;
        let mut all: Vec<_> = (self.flows.iter())
            .map(|(key, flow)| (flow.id, *key))
            .collect();
        all.sort_unstable();
        all
    }

    /// How many flows are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flows.len()
    }

    /// Whether no flow is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
    }

    /// How many flows had to go because the table was full.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Forgets the entries of flows that are gone. Connections that begin and end while event time
    /// stands still would otherwise leave entries without end.
    fn reschedule(&mut self) {
        self.schedule.clear();
        self.scheduled = 0;
        let mut flows: Vec<(i64, FlowId, FlowKey)> = (self.flows.iter())
            .map(|(key, flow)| (flow.due(), flow.id, *key))
            .collect();
        flows.sort_unstable_by_key(|(due, id, _)| (*due, *id));
        for (due, id, key) in flows {
            self.schedule(key, id, due);
        }
    }

    fn schedule(&mut self, key: FlowKey, id: FlowId, due: i64) {
        self.scheduled += 1;
        self.schedule.entry(due).or_default().push_back((key, id));
    }

    /// Takes out the flow that is due first: of those that ended or never began the one idle longest,
    /// and only then of the others.
    pub fn evict(&mut self) -> Option<(FlowKey, Flow<T>)> {
        while let Some(mut entry) = self.schedule.first_entry() {
            let at = *entry.key();
            let Some((key, id)) = entry.get_mut().pop_front() else {
                entry.remove();
                continue;
            };
            self.scheduled -= 1;
            let Some(flow) = self.flows.get(&key).filter(|flow| flow.id == id) else {
                continue;
            };
            let due = flow.due();
            if at < due {
                self.schedule(key, id, due);
                continue;
            }
            return self.flows.remove(&key).map(|flow| (key, flow));
        }
        None
    }
}

fn epoch(time: EventTime) -> i64 {
    time.unix_nanoseconds().div_euclid(EPOCH_S * 1_000_000_000)
}

/// Idle times are kept in steps of this many seconds: cheap to keep, and nobody needs them finer.
pub const EPOCH_S: i64 = 10;

/// Entries of the schedule for each flow that fits, before stale ones are swept out: a flow has one,
/// or two once it was shortened; more makes sweeping rarer, so that it costs nothing.
const STALE_TIMES_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{End, Transport};

    fn key(port: u16) -> FlowKey {
        let end = |address, port| End { address, port };
        FlowKey::new(Transport::Tcp, end(9, port), end(1, 445)).0
    }

    fn flow(id: u64, second: i64, idle_s: u32) -> Flow<()> {
        Flow {
            id: FlowId(id),
            last: EventTime::from_unix_seconds(second),
            idle_s,
            value: (),
        }
    }

    fn expired(table: &mut FlowTable<()>, second: i64) -> Vec<u64> {
        let due = table.due(EventTime::from_unix_seconds(second));
        let gone = due.iter().map(|(_, key)| table.remove(key).unwrap());
        gone.map(|flow| flow.id.0).collect()
    }

    #[test]
    fn a_flow_expires_after_its_own_last_packet() {
        let mut table = FlowTable::new(10);
        table.insert(key(2), flow(2, 0, 60));
        table.insert(key(1), flow(1, 0, 60));
        table.find(&key(2)).unwrap().last = EventTime::from_unix_seconds(50);
        assert_eq!(expired(&mut table, 60), []);
        assert_eq!(expired(&mut table, 75), [1]);
        assert_eq!(expired(&mut table, 119), []);
        assert_eq!(expired(&mut table, 1000), [2]);
        assert!(table.is_empty());
    }

    #[test]
    fn a_shortened_flow_goes_sooner_and_once() {
        let mut table = FlowTable::new(10);
        table.insert(key(1), flow(1, 0, 7200));
        table.shorten(&key(1), 60);
        assert_eq!(expired(&mut table, 80), [1]);
        table.insert(key(1), flow(5, 100, 7200));
        assert_eq!(expired(&mut table, 7280), [], "not by the old entry");
    }

    #[test]
    fn a_full_table_gives_up_the_flow_that_is_due_first() {
        let mut table = FlowTable::new(2);
        assert!(table.insert(key(1), flow(1, 0, 60)).is_none());
        assert!(table.insert(key(2), flow(2, 0, 60)).is_none());
        table.find(&key(1)).unwrap().last = EventTime::from_unix_seconds(30);
        let (_, gone) = table.insert(key(3), flow(3, 30, 60)).unwrap();
        assert_eq!((gone.id, table.len(), table.evicted()), (FlowId(2), 2, 1));
        let ids: Vec<u64> = table.all().iter().map(|(id, _)| id.0).collect();
        assert_eq!(ids, [1, 3]);
    }

    #[test]
    fn connections_that_come_and_go_at_one_instant_leave_nothing_behind() {
        let mut table = FlowTable::new(3);
        table.insert(key(9), flow(0, 0, 60));
        for id in 1..1000 {
            table.insert(key(1), flow(id, 0, 60));
            table.remove(&key(1));
        }
        let entries: usize = table.schedule.values().map(VecDeque::len).sum();
        assert!(entries <= STALE_TIMES_MAX * 3, "{entries} entries");
        assert_eq!(entries, table.scheduled);
        assert_eq!(expired(&mut table, 1000), [0]);
        assert_eq!(table.scheduled, 0);
    }
}
