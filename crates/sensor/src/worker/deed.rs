//! What is to be done for a lane between two packets, a little at a time.

use super::Sink;
use crate::lane::{Lane, Store};
use realmward_stream::FlowKey;
use realmward_vocab::EventTime;

#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    /// End a flow.
    End(FlowKey),
    /// End the counts of names that are old enough, or all.
    EndCounts(Option<EventTime>),
    /// Give up the holes of a connection.
    GiveUpHoles(FlowKey),
    /// Give up what is missed least, if memory is still short.
    LookAgain,
    /// Give up so many of a store.
    Evict(Store, usize),
    /// Give back the room of what was given up.
    Shrink,
}

impl Deed {
    /// Does one flow's worth of it; what is left.
    pub(super) fn step(self, lane: &mut Lane, sink: &mut Sink) -> Option<Self> {
        match self {
            Self::End(key) => {
                lane.end(&key, sink);
                None
            }
            Self::EndCounts(now) => lane.end_count(now, sink).then_some(self),
            Self::GiveUpHoles(key) => {
                lane.give_up_holes(&key, sink);
                None
            }
            Self::Evict(store, left) => {
                let went = lane.evict(store, sink) && 1 < left;
                went.then_some(Self::Evict(store, left - 1))
            }
            Self::Shrink => {
                lane.shrink();
                None
            }
            Self::LookAgain => None,
        }
    }
}
