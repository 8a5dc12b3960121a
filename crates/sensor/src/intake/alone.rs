//! Everything on one thread: no packet is copied.

use super::ticker::Ticker;
use super::{BATCH_PACKETS, Progress};
use crate::memory::Ceiling;
use crate::stats::SensorStats;
use crate::worker::{Numbers, Worker};
use realmward_event::Event;
use realmward_stream::{Decoder, Input, Merge};

pub(super) fn run(
    inputs: Vec<Input>,
    ceiling: &Ceiling,
    events: &mut impl FnMut(Vec<Event>),
    progress: &mut impl FnMut(Progress) -> bool,
) -> SensorStats {
    let mut merge = Merge::open(inputs);
    let mut decoder = Decoder::default();
    let mut worker = Worker::new(0, 1).under(ceiling.clone());
    let mut numbers = Numbers::default();
    let mut ticker = Ticker::default();
    let mut so_far = Progress::default();
    while let Some(frame) = merge.next_frame() {
        let time = frame.frame.time;
        so_far.packets += 1;
        so_far.octets += frame.frame.data.len() as u64;
        so_far.time = time;
        if ticker.is_due(time) {
            worker.tick(frame.order, time);
            tell_all(&mut worker, &mut numbers, events);
        }
        if worker.is_pressed(frame.frame.data.len()) {
            decoder.give_up_fragments();
            worker.relieve(frame.order);
            tell_all(&mut worker, &mut numbers, events);
        }
        if let Some(packet) = &decoder.decode(&frame) {
            worker.packet(packet);
        }
        let over = so_far.packets.is_multiple_of(BATCH_PACKETS);
        if over || worker.has_told_much() {
            events(numbers.in_order(worker.take_told()));
        }
        if over && !progress(so_far) {
            break;
        }
    }
    worker.finish(so_far.packets + 1);
    tell_all(&mut worker, &mut numbers, events);
    events(numbers.in_order(worker.take_told()));
    progress(so_far);
    let mut stats = SensorStats {
        decode: decoder.counters(),
        ..SensorStats::default()
    };
    stats.add_worker(&worker.stats());
    stats.add_files(merge.reports());
    stats
}

/// Hands on what is told before the next packet, a little at a time.
fn tell_all(worker: &mut Worker, numbers: &mut Numbers, events: &mut impl FnMut(Vec<Event>)) {
    while worker.goes_on() {
        events(numbers.in_order(worker.take_told()));
    }
}
