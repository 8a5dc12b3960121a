//! Everything on one thread: no packet is copied.

use super::ticker::Ticker;
use super::{BATCH_PACKETS, Progress};
use crate::memory::Ceiling;
use crate::stats::SensorStats;
use crate::worker::{Worker, in_order};
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
    let mut worker = Worker::new(0, 1);
    let mut ticker = Ticker::default();
    let mut so_far = Progress::default();
    while let Some(frame) = merge.next_frame() {
        if worker.has_told_much() {
            events(in_order(worker.take_told()));
        }
        let time = frame.frame.time;
        so_far.packets += 1;
        so_far.octets += frame.frame.data.len() as u64;
        so_far.time = time;
        if ticker.is_due(time) {
            worker.tick(frame.order, time);
        }
        if let Some(packet) = &decoder.decode(&frame) {
            worker.packet(packet);
        }
        if so_far.packets.is_multiple_of(BATCH_PACKETS) {
            events(in_order(worker.take_told()));
            if !progress(so_far) {
                break;
            }
        }
        if so_far.packets.is_multiple_of(ceiling.look_each()) && ceiling.is_near() {
            decoder.give_up_fragments();
            worker.shed(so_far.packets);
        }
    }
    worker.finish(so_far.packets + 1);
    events(in_order(worker.take_told()));
    progress(so_far);
    let mut stats = SensorStats {
        decode: decoder.counters(),
        ..SensorStats::default()
    };
    stats.add_worker(&worker.stats());
    stats.add_files(merge.reports());
    stats
}
