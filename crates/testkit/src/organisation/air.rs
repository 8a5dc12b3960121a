//! Where events wait for their turn: what was begun earlier may end later.

use super::dice::Dice;
use realmward_event::{Endpoint, Event, Fact, Source};
use realmward_vocab::{EventTime, FlowId, Order, PacketRef};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::net::IpAddr;

/// Events that have happened and were not given out yet, in order of time.
#[derive(Clone)]
pub(super) struct Air {
    waiting: BinaryHeap<Reverse<Waiting>>,
    said: u64,
    given: u64,
    flows: u64,
    loss: f64,
    dice: Dice,
}

/// A conversation: who asks, who answers, and its number.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) flow: FlowId,
    pub(super) client: Endpoint,
    pub(super) server: Endpoint,
}

#[derive(Clone)]
struct Waiting {
    time: EventTime,
    place: u64,
    line: Line,
    fact: Box<Fact>,
}

impl Air {
    pub(super) fn new(loss: f64, dice: Dice) -> Self {
        Self {
            waiting: BinaryHeap::new(),
            said: 0,
            given: 0,
            flows: 0,
            loss,
            dice,
        }
    }

    /// A new conversation with a port of a server.
    pub(super) fn line(&mut self, client: IpAddr, server: IpAddr, port: u16) -> Line {
        self.flows += 1;
        let own = u16::try_from(49_152 + self.flows % 16_000).unwrap_or(50_000);
        Line {
            flow: FlowId(self.flows),
            client: Endpoint::new(client, own),
            server: Endpoint::new(server, port),
        }
    }

    /// Something happens on a line, and is seen unless the sensor loses it.
    pub(super) fn say(&mut self, time: EventTime, line: &Line, fact: Fact) {
        if self.dice.chance(self.loss) {
            return;
        }
        self.said += 1;
        self.waiting.push(Reverse(Waiting {
            time,
            place: self.said,
            line: line.clone(),
            fact: Box::new(fact),
        }));
    }

    /// The earliest event, if it is not later than `until`.
    pub(super) fn take(&mut self, until: EventTime) -> Option<Event> {
        let Reverse(first) = self.waiting.peek()?;
        if until < first.time {
            return None;
        }
        let Reverse(it) = self.waiting.pop()?;
        self.given += 1;
        Some(Event {
            time: it.time,
            order: Order {
                packet: self.given,
                index: 0,
            },
            source: Source::Wire(it.line.flow),
            client: it.line.client,
            server: it.line.server,
            evidence: vec![PacketRef {
                packet: self.given,
                ..PacketRef::default()
            }],
            fact: *it.fact,
        })
    }
}

impl Waiting {
    const fn key(&self) -> (EventTime, u64) {
        (self.time, self.place)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}
