//! Follows the packets of one source: events, their proof, and what there is to count.

use crate::counts;
use crate::evidence::Evidence;
use crate::guard::{Guard, Level};
use crate::intake::ticker::Ticker;
use crate::memory::Ceiling;
use crate::service::sight::Sight;
use crate::stats::WorkerStats;
use crate::worker::{Worker, in_order};
use realmward_event::Event;
use realmward_event::batch::EvidencePacket;
use realmward_stream::{DecodeCounters, Decoder, Frame, MergedFrame};
use realmward_vocab::{EventTime, FileId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a source told since it was last asked.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) events: Vec<Event>,
    pub(crate) packets: Vec<EvidencePacket>,
    /// Counts since the beginning; now and then.
    pub(crate) seen: Option<Box<Seen>>,
}

/// What a source saw since the beginning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) packets: u64,
    pub(crate) octets: u64,
    /// Packets that the kernel dropped.
    pub(crate) dropped: u64,
    /// Packets not held as proof, to save the processor.
    pub(crate) unproven: u64,
    pub(crate) last: Option<EventTime>,
    /// All that happened before was told: the latest packet, or in silence the clock of packets.
    pub(crate) until: Option<EventTime>,
    pub(crate) workers: WorkerStats,
    pub(crate) decode: DecodeCounters,
    pub(crate) sight: Sight,
}

impl Seen {
    /// What was seen below the protocols, by name, for people to wonder at.
    pub(crate) fn wire(&self) -> Vec<(&'static str, u64)> {
        counts::wire(&self.decode, &self.workers.tcp)
    }

    /// Bounds that were reached below the protocols, by name.
    pub(crate) fn bounds(&self) -> Vec<(&'static str, u64)> {
        let mut bounds = counts::bounds(&self.decode, &self.workers);
        if 0 < self.unproven {
            bounds.push(("cpu_packets_of_proof", self.unproven));
        }
        bounds
    }
}

/// Follows the packets of one source.
#[derive(Debug)]
pub(crate) struct Watch {
    decoder: Decoder,
    worker: Worker,
    ticker: Ticker,
    evidence: Evidence,
    /// The one count of places, shared by all sources.
    orders: Arc<AtomicU64>,
    ceiling: Ceiling,
    guard: Guard,
    pub(crate) seen: Seen,
}

impl Watch {
    pub(crate) fn new(orders: Arc<AtomicU64>, evidence_octets: usize, ceiling: Ceiling) -> Self {
        Self {
            decoder: Decoder::default(),
            worker: Worker::new(0, 1),
            ticker: Ticker::default(),
            evidence: Evidence::new(evidence_octets),
            orders,
            ceiling,
            guard: Guard::default(),
            seen: Seen::default(),
        }
    }

    /// Keeps to a share of the processor.
    pub(crate) fn keeping_to(self, guard: Guard) -> Self {
        Self { guard, ..self }
    }

    /// A packet. One without a number gets its place as number.
    pub(crate) fn frame(&mut self, file: FileId, mut frame: Frame<'_>) {
        let order = self.next_order();
        if frame.packet == 0 {
            frame.packet = order;
        }
        self.seen.packets += 1;
        self.seen.octets += frame.data.len() as u64;
        self.seen.last = Some(frame.time);
        self.seen.until = Some(frame.time);
        if self.ticker.is_due(frame.time) {
            self.worker.tick(order, frame.time);
        }
        if self.seen.packets.is_multiple_of(self.ceiling.look_each()) && self.ceiling.is_near() {
            self.decoder.give_up_fragments();
            self.worker.shed(order);
        }
        let merged = MergedFrame { file, order, frame };
        if let Some(packet) = self.decoder.decode(&merged) {
            self.seen.sight.packet(&packet.head);
            if self.guard.level() < Level::Proof {
                self.evidence
                    .keep(&merged, payload_at(&merged, packet.payload), &packet);
            } else {
                self.seen.unproven += 1;
            }
            self.worker.packet(&packet);
        }
    }

    /// No packet came, and by the clock of packets it is `now`.
    pub(crate) fn quiet(&mut self, now: EventTime) {
        self.seen.until = Some(now);
        if self.ticker.is_due(now) {
            let order = self.next_order();
            self.worker.tick(order, now);
        }
    }

    /// Nothing comes any more.
    pub(crate) fn finish(&mut self) {
        let order = self.next_order();
        self.worker.finish(order);
    }

    /// What happened since the last call, with the packets that prove it as far as they are held.
    pub(crate) fn take(&mut self, with_counts: bool) -> Told {
        self.worker.keep_to(self.guard.level());
        let events = in_order(self.worker.take_told());
        let wanted = events.iter().flat_map(|event| {
            let few = event.evidence.iter().take(PACKETS_OF_EVENT_MAX);
            few.copied()
        });
        let packets: BTreeMap<_, _> = wanted
            .filter_map(|packet| Some((packet, self.evidence.find(packet)?)))
            .collect();
        Told {
            events,
            packets: packets.into_values().collect(),
            seen: with_counts.then(|| self.counts()),
        }
    }

    fn counts(&mut self) -> Box<Seen> {
        self.seen.workers = self.worker.stats();
        self.seen.decode = self.decoder.counters();
        Box::new(self.seen.clone())
    }

    fn next_order(&self) -> u64 {
        self.orders.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Where the payload begins in the frame; 0 when it was put together from fragments.
fn payload_at(merged: &MergedFrame<'_>, payload: &[u8]) -> usize {
    let frame = merged.frame.data.as_ptr_range();
    let start = payload.as_ptr();
    if frame.contains(&start) {
        start.addr() - frame.start.addr()
    } else {
        0
    }
}

/// The first of them show how it began; an event that names hundreds is proven by fewer.
const PACKETS_OF_EVENT_MAX: usize = 32;
