//! What a lane gives up when memory is short.

use super::{Lane, end_exchange};
use crate::talk::{Talk, end_talk};
use crate::worker::Sink;
use realmward_stream::FlowKey;

/// What can be given up one by one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Store {
    /// Exchanges of datagrams.
    Exchanges,
    /// Connections.
    Talks,
    /// Counts of names.
    Counts,
}

impl Lane {
    /// The connections of which octets wait behind a hole, or waited.
    pub(crate) fn take_holding(&mut self) -> Vec<FlowKey> {
        std::mem::take(&mut self.holding)
    }

    /// Gives up what waits behind the holes of a connection.
    pub(crate) fn give_up_holes(&mut self, key: &FlowKey, sink: &mut Sink) {
        if let Some(flow) = self.tcp.find(key)
            && flow.value.is_holding()
            && let Talk::Open(open) = &mut flow.value
        {
            self.holes_shed += 1;
            open.flush(key, &mut self.pool, &mut sink.facts);
            sink.collect(key, flow.id, open.stage.client());
            self.count(sink);
        }
    }

    /// How much of a store to give up at a time for the ceiling of memory.
    pub(crate) fn share(&self, store: Store) -> usize {
        let some = match store {
            Store::Exchanges => self.udp.len(),
            Store::Talks => self.tcp.len(),
            Store::Counts => self.names.len(),
        };
        (some / SHED_SHARE).max(SHED_MIN)
    }

    /// Gives up for the ceiling of memory what is missed least; whether there was anything.
    pub(crate) fn evict(&mut self, store: Store, sink: &mut Sink) -> bool {
        match store {
            Store::Exchanges => {
                let Some((key, flow)) = self.udp.evict() else {
                    return false;
                };
                end_exchange(&key, flow, sink);
                self.flows_shed += 1;
            }
            Store::Talks => {
                let Some((key, flow)) = self.tcp.evict() else {
                    return false;
                };
                end_talk(&mut self.pool, &key, flow, sink);
                self.flows_shed += 1;
            }
            Store::Counts => {
                if !self.end_count(None, sink) {
                    return false;
                }
                self.counts_shed += 1;
            }
        }
        self.count(sink);
        true
    }

    /// Gives the memory of tables back that is not needed any more.
    pub(crate) fn shrink(&mut self) {
        self.udp.shrink();
        self.tcp.shrink();
        self.names.shrink();
    }
}

/// Near the ceiling of memory so much of the flows goes at a time.
const SHED_SHARE: usize = 8;
const SHED_MIN: usize = 4;
