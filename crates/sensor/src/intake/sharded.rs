//! One thread reads, some keep flows, the caller's puts their events in order.
//!
//! Packets travel in batches that cover the same stretch of the capture for every worker, so what each
//! tells of it, in parts that are short, is all there is to know of that stretch. Queues are short:
//! whoever is slow slows the reader down. Buffers go back to the reader when they are used up.

use super::ticker::Ticker;
use super::{BATCH_PACKETS, Progress};
use crate::memory::{Ceiling, Pace};
use crate::stats::{SensorStats, WorkerStats};
use crate::worker::{Numbers, Reached, Told, Worker};
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
            keepers.push(scope.spawn(move || {
                let worker = Worker::new(index, workers).under(ceiling.clone());
                keep(worker, &take, &give_back, |part| {
                    ceiling.hand_on(&tell, part)
                })
            }));
        }
        let (mark, marks) = bounded(QUEUE_BATCHES);
        let reader = scope.spawn({
            let stop = &stop;
            move || read(inputs, lines, ceiling, &mark, stop)
        });
        let mut numbers = Numbers::default();
        for so_far in &marks {
            join_parts(&results, &mut |told| events(numbers.in_order(told)));
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
    let mut pace = Pace::default();
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
        if ceiling.is_reached(&mut pace, frame.frame.data.len()) {
            decoder.give_up_fragments();
        }
        if let Some(packet) = decoder.decode(&frame) {
            payload_octets += packet.payload.len();
            let worker = Worker::of(&packet.head.key, lines.len());
            if let Some(line) = lines.get_mut(worker) {
                line.next.push(&packet);
            }
        }
        if BATCH_PACKETS <= batched || BATCH_OCTETS <= payload_octets {
            send(&mut lines, mark, so_far);
            (batched, payload_octets) = (0, 0);
            if stop.load(Ordering::Relaxed) {
                break;
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

/// What a worker told of a stretch, or some of it.
#[derive(Debug)]
struct Part {
    told: Told,
    reached: Reached,
    last: bool,
}

impl Part {
    fn of(worker: &mut Worker, last: bool) -> Self {
        Self {
            told: worker.take_told(),
            reached: worker.reached(),
            last,
        }
    }
}

/// Keeps the flows of one worker.
fn keep(
    mut worker: Worker,
    work: &Receiver<Batch>,
    used: &Sender<Batch>,
    tell: impl Fn(Part) -> bool,
) -> WorkerStats {
    for mut batch in work {
        batch.work_off(&mut worker, &tell);
        if !tell(Part::of(&mut worker, true)) {
            break;
        }
        let _ = used.try_send(batch);
    }
    worker.stats()
}

/// Puts together what all workers tell of a stretch, as it comes: what is handed on comes before all
/// that is still to be told. A worker that is gone panicked; joining it tells.
fn join_parts(workers: &[Receiver<Part>], hand_on: &mut impl FnMut(Told)) {
    let mut open: Vec<_> = (workers.iter().map(|it| (Reached::default(), it))).collect();
    let mut waiting = Told::default();
    // The one that is furthest behind is heard next.
    while let Some(behind) = (0..open.len()).min_by_key(|it| open.get(*it).map(|(it, _)| *it))
        && let Some((reached, worker)) = open.get_mut(behind)
    {
        let Ok(part) = worker.recv() else {
            open.swap_remove(behind);
            continue;
        };
        *reached = part.reached;
        waiting.append(part.told);
        if part.last {
            open.swap_remove(behind);
        } else if let Some(reached) = open.iter().map(|(reached, _)| *reached).min() {
            hand_on(waiting.take_before(reached));
        }
    }
    hand_on(waiting);
}

impl Batch {
    fn push(&mut self, packet: &Packet<'_>) {
        self.arena.extend_from_slice(packet.payload);
        self.items.push(Item::Packet(packet.head, self.arena.len()));
    }

    fn work_off(&mut self, worker: &mut Worker, tell: &impl Fn(Part) -> bool) {
        let mut start = 0;
        for item in self.items.drain(..) {
            match item {
                Item::Packet(head, end) => {
                    let payload = self.arena.get(start..end).unwrap_or_default();
                    if worker.is_pressed(payload.len()) {
                        worker.relieve(head.order);
                        tell_all(worker, tell);
                    }
                    worker.packet(&Packet { head, payload });
                    start = end;
                }
                Item::Tick(order, time) => worker.tick(order, time),
                Item::Finish(order) => worker.finish(order),
            }
            tell_all(worker, tell);
        }
        self.arena.clear();
    }
}

/// Hands on what was told as often as it is much.
fn tell_all(worker: &mut Worker, tell: &impl Fn(Part) -> bool) {
    while worker.goes_on() {
        tell(Part::of(worker, false));
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
