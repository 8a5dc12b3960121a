//! One thread reads, some keep flows, the caller's puts their events in order.
//!
//! Packets travel in batches that cover the same stretch of the capture for every worker, so one
//! result from each is all there is to know of that stretch. Queues are short: whoever is slow slows
//! the reader down. Buffers go back to the reader when they are used up.

use super::ticker::Ticker;
use super::{BATCH_PACKETS, Progress};
use crate::memory::Ceiling;
use crate::stats::{SensorStats, WorkerStats};
use crate::worker::{Told, Worker, in_order};
use crossbeam_channel::{Receiver, Sender, bounded};
use realmward_event::Event;
use realmward_stream::{DecodeCounters, Decoder, FileReport, Head, Input, Merge, Packet};
use realmward_vocab::EventTime;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// What a worker is to do next.
#[derive(Debug)]
enum Item {
    /// Take a packet whose payload ends there in the arena; it begins where the last one ended.
    Packet(Head, usize),
    /// Finish idle flows.
    Tick(u64, EventTime),
    /// Memory is short.
    Shed(u64),
    /// Finish all flows.
    Finish(u64),
}

/// Work for one worker.
#[derive(Debug, Default)]
struct Batch {
    items: Vec<Item>,
    arena: Vec<u8>,
}

/// The reader's ends of a worker's queues.
struct Line {
    work: Sender<Batch>,
    used: Receiver<Batch>,
    next: Batch,
}

pub(super) fn run(
    inputs: Vec<Input>,
    workers: usize,
    ceiling: &Ceiling,
    events: &mut impl FnMut(Vec<Event>),
    progress: &mut impl FnMut(Progress) -> bool,
) -> SensorStats {
    let mut stats = SensorStats::default();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let mut lines = Vec::with_capacity(workers);
        let mut results = Vec::with_capacity(workers);
        let mut keepers = Vec::with_capacity(workers);
        for index in 0..workers {
            let (work, take) = bounded(QUEUE_BATCHES);
            let (give_back, used) = bounded(QUEUE_BATCHES + 2);
            let (tell, told) = bounded(QUEUE_BATCHES);
            lines.push(Line {
                work,
                used,
                next: Batch::default(),
            });
            results.push(told);
            keepers.push(scope.spawn(move || keep(index, workers, &take, &give_back, &tell)));
        }
        let (mark, marks) = bounded(QUEUE_BATCHES);
        let reader = scope.spawn({
            let stop = &stop;
            move || read(inputs, lines, ceiling, &mark, stop)
        });
        for so_far in &marks {
            let mut told = Told::default();
            for result in &results {
                told.append(result.recv().unwrap_or_default());
            }
            events(in_order(told));
            if !progress(so_far) {
                stop.store(true, Ordering::Relaxed);
            }
        }
        for keeper in keepers {
            stats.add_worker(&joined(keeper.join()));
        }
        let (decode, files) = joined(reader.join());
        stats.decode = decode;
        stats.add_files(&files);
    });
    stats
}

/// Reads all inputs and hands packets to the workers of their flows.
fn read(
    inputs: Vec<Input>,
    mut lines: Vec<Line>,
    ceiling: &Ceiling,
    mark: &Sender<Progress>,
    stop: &AtomicBool,
) -> (DecodeCounters, Vec<FileReport>) {
    let mut merge = Merge::open(inputs);
    let mut decoder = Decoder::default();
    let mut ticker = Ticker::default();
    let mut so_far = Progress::default();
    let mut payload_octets = 0;
    let mut batched = 0;
    while let Some(frame) = merge.next_frame() {
        let time = frame.frame.time;
        so_far.packets += 1;
        so_far.octets += frame.frame.data.len() as u64;
        so_far.time = time;
        batched += 1;
        if ticker.is_due(time) {
            for line in &mut lines {
                line.next.items.push(Item::Tick(frame.order, time));
            }
        }
        if let Some(packet) = decoder.decode(&frame) {
            payload_octets += packet.payload.len();
            let worker = Worker::of(&packet.head.key, lines.len());
            if let Some(line) = lines.get_mut(worker) {
                line.next.push(&packet);
            }
        }
        let batch = BATCH_PACKETS.min(ceiling.look_each());
        if batch <= batched || BATCH_OCTETS <= payload_octets {
            send(&mut lines, mark, so_far);
            (batched, payload_octets) = (0, 0);
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if ceiling.is_near() {
                decoder.give_up_fragments();
                for line in &mut lines {
                    line.next.items.push(Item::Shed(so_far.packets));
                }
            }
        }
    }
    for line in &mut lines {
        line.next.items.push(Item::Finish(so_far.packets + 1));
    }
    send(&mut lines, mark, so_far);
    (decoder.counters(), merge.reports().to_vec())
}

/// Hands every worker its share of the stretch. A worker that is gone panicked; joining it tells.
fn send(lines: &mut [Line], mark: &Sender<Progress>, so_far: Progress) {
    for line in lines {
        let fresh = line.used.try_recv().unwrap_or_default();
        let batch = std::mem::replace(&mut line.next, fresh);
        let _ = line.work.send(batch);
    }
    let _ = mark.send(so_far);
}

/// Keeps the flows of one worker.
fn keep(
    index: usize,
    workers: usize,
    work: &Receiver<Batch>,
    used: &Sender<Batch>,
    tell: &Sender<Told>,
) -> WorkerStats {
    let mut worker = Worker::new(index, workers);
    for mut batch in work {
        batch.work_off(&mut worker);
        if tell.send(worker.take_told()).is_err() {
            break;
        }
        let _ = used.try_send(batch);
    }
    worker.stats()
}

impl Batch {
    fn push(&mut self, packet: &Packet<'_>) {
        self.arena.extend_from_slice(packet.payload);
        self.items.push(Item::Packet(packet.head, self.arena.len()));
    }

    fn work_off(&mut self, worker: &mut Worker) {
        let mut start = 0;
        for item in self.items.drain(..) {
            match item {
                Item::Packet(head, end) => {
                    let payload = self.arena.get(start..end).unwrap_or_default();
                    worker.packet(&Packet { head, payload });
                    start = end;
                }
                Item::Tick(order, time) => worker.tick(order, time),
                Item::Shed(order) => worker.shed(order),
                Item::Finish(order) => worker.finish(order),
            }
        }
        self.arena.clear();
    }
}

fn joined<T>(outcome: thread::Result<T>) -> T {
    match outcome {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Batches under way to a worker; together with `BATCH_OCTETS` this bounds what waits in memory.
const QUEUE_BATCHES: usize = 4;

/// Payload in a stretch of the capture before it is handed over.
const BATCH_OCTETS: usize = 2 * 1024 * 1024;
