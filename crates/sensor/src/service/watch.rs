//! Follows the packets of one source: events, their proof, and what there is to count.

use crate::counts;
use crate::evidence::Evidence;
use crate::guard::{Guard, Level};
use crate::intake::ticker::Ticker;
use crate::memory::Ceiling;
use crate::service::sight::Sight;
use crate::stats::WorkerStats;
use crate::worker::{Numbers, Worker};
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
    /// Packets of proof that were not sent because there were too many at once.
    pub(crate) unsent: u64,
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
        let proof = [
            ("cpu_packets_of_proof", self.unproven),
            ("packets_of_proof", self.unsent),
        ];
        bounds.extend(proof.into_iter().filter(|(_, count)| 0 < *count));
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
    numbers: Numbers,
    guard: Guard,
    pub(crate) seen: Seen,
}

impl Watch {
    pub(crate) fn new(orders: Arc<AtomicU64>, evidence_octets: usize, ceiling: Ceiling) -> Self {
        Self {
            decoder: Decoder::default(),
            worker: Worker::new(0, 1).under(ceiling),
            ticker: Ticker::default(),
            evidence: Evidence::new(evidence_octets),
            orders,
            numbers: Numbers::default(),
            guard: Guard::default(),
            seen: Seen::default(),
        }
    }

    /// Keeps to a share of the processor.
    pub(crate) fn keeping_to(self, guard: Guard) -> Self {
        Self { guard, ..self }
    }

    /// A packet. One without a number gets its place as number. What is told goes to `tell` once it is
    /// much; the rest is for [`Self::take`].
    pub(crate) fn frame(
        &mut self,
        file: FileId,
        mut frame: Frame<'_>,
        tell: &mut impl FnMut(Told),
    ) {
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
            self.tell_all(tell);
        }
        if self.worker.is_pressed(frame.data.len()) {
            self.decoder.give_up_fragments();
            self.worker.relieve(order);
            self.tell_all(tell);
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
            if self.worker.has_told_much() {
                tell(self.take(false));
            }
        }
    }

    /// No packet came, and by the clock of packets it is `now`.
    pub(crate) fn quiet(&mut self, now: EventTime, tell: &mut impl FnMut(Told)) {
        self.seen.until = Some(now);
        if self.ticker.is_due(now) {
            let order = self.next_order();
            self.worker.tick(order, now);
            self.tell_all(tell);
        }
    }

    /// Nothing comes any more.
    pub(crate) fn finish(&mut self, tell: &mut impl FnMut(Told)) {
        let order = self.next_order();
        self.worker.finish(order);
        self.tell_all(tell);
    }

    /// Hands on what is told before the next packet, a little at a time.
    fn tell_all(&mut self, tell: &mut impl FnMut(Told)) {
        while self.worker.goes_on() {
            tell(self.take(false));
        }
    }

    /// What happened since the last call, with the packets that prove it as far as they are held.
    pub(crate) fn take(&mut self, with_counts: bool) -> Told {
        self.worker.keep_to(self.guard.level());
        let events = self.numbers.in_order(self.worker.take_told());
        Told {
            packets: self.packets_of(&events),
            events,
            seen: with_counts.then(|| self.counts()),
        }
    }

    /// The packets that prove events, each once, as many as may be on the way at a time.
    fn packets_of(&mut self, events: &[Event]) -> Vec<EvidencePacket> {
        let mut packets = BTreeMap::new();
        let mut octets = 0;
        for reference in
            (events.iter()).flat_map(|it| it.evidence.iter().take(PACKETS_OF_EVENT_MAX))
        {
            if packets.contains_key(reference) {
                continue;
            }
            if PROOF_OCTETS_MAX <= octets {
                self.seen.unsent += 1;
            } else if let Some(packet) = self.evidence.find(*reference) {
                octets += packet.octets.len();
                packets.insert(*reference, packet);
            }
        }
        packets.into_values().collect()
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

/// Octets of packets on the way with what was told at once; in a queue of these all are little beside
/// any ceiling of memory. The packets of some hundred events have a tenth of it.
const PROOF_OCTETS_MAX: usize = 512 * 1024;
