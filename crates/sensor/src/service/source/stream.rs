//! A capture that comes through a pipe and may never end.
//!
//! A thread reads, because reading waits; it hands on what it has before it waits for more.

use super::super::output::{Options, Output};
use super::super::run::ENDLESS;
use super::super::summary::Summary;
use super::super::watch::Watch;
use super::{PATIENCE, STRETCH_PACKETS, Source};
use crate::uplink::locked;
use anyhow::Result;
use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use realmward_stream::{Frame, Input, LinkType, Merge};
use realmward_vocab::{EventTime, FileId};
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Debug)]
struct Taken {
    time: EventTime,
    packet: u64,
    link: LinkType,
    original_length: u32,
    end: usize,
}

/// Frames on their way from the reader.
#[derive(Debug, Default)]
struct Chunk {
    frames: Vec<Taken>,
    arena: Vec<u8>,
    fault: Option<String>,
}

/// Hands on what waits before it reads on.
struct Flushing<R> {
    source: R,
    waiting: Arc<Mutex<Chunk>>,
    to: Sender<Chunk>,
}

impl<R: Read> Read for Flushing<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        hand_on(&self.waiting, &self.to);
        self.source.read(room)
    }
}

/// Follows a capture that `source` writes, until it ends or the work is stopped.
///
/// # Errors
///
/// When the sensor has not joined, or the output cannot be written.
pub fn pipe(source: impl Read + Send + 'static, options: &Options) -> Result<Summary> {
    let mut output = Output::open(options, &format!("{ENDLESS} pipe"), 1, 1)?;
    let (order, file) = output.base();
    let orders = Arc::new(AtomicU64::new(order));
    let mut follow = Source::new(Watch::new(orders, options.evidence_octets));
    let (to, chunks) = bounded(QUEUE_CHUNKS);
    // Not joined: it may wait for octets that never come.
    std::thread::spawn(move || read(source, &to));
    let (mut faults, mut ended) = (Vec::new(), false);
    while !ended && !options.stop.load(Ordering::Relaxed) {
        match chunks.recv_timeout(PATIENCE) {
            Ok(chunk) => {
                chunk.follow(FileId(file), &mut follow.watch);
                faults.extend(chunk.fault);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => ended = true,
        }
        follow.time_passes();
        output.take(0, follow.take())?;
        output.beat()?;
    }
    output.take(0, follow.finish(true))?;
    output.finish(true, faults)
}

fn read(source: impl Read + Send + 'static, to: &Sender<Chunk>) {
    let waiting = Arc::new(Mutex::new(Chunk::default()));
    let flushing = Flushing {
        source,
        waiting: Arc::clone(&waiting),
        to: to.clone(),
    };
    let mut merge = Merge::open(vec![Input::Stream("-".to_owned(), Box::new(flushing))]);
    while let Some(merged) = merge.next_frame() {
        let full = locked(&waiting).push(&merged.frame);
        if full {
            hand_on(&waiting, to);
        }
    }
    let fault = merge.reports().iter().find_map(|it| it.fault.as_ref());
    locked(&waiting).fault = fault.map(ToString::to_string);
    hand_on(&waiting, to);
}

fn hand_on(waiting: &Mutex<Chunk>, to: &Sender<Chunk>) {
    let chunk = std::mem::take(&mut *locked(waiting));
    if !chunk.frames.is_empty() || chunk.fault.is_some() {
        let _ = to.send(chunk);
    }
}

impl Chunk {
    /// Takes a frame; whether it is full then.
    fn push(&mut self, frame: &Frame<'_>) -> bool {
        self.arena.extend_from_slice(frame.data);
        self.frames.push(Taken {
            time: frame.time,
            packet: frame.packet,
            link: frame.link,
            original_length: frame.original_length,
            end: self.arena.len(),
        });
        STRETCH_PACKETS <= self.frames.len() || CHUNK_OCTETS <= self.arena.len()
    }

    fn follow(&self, file: FileId, watch: &mut Watch) {
        let mut start = 0;
        for taken in &self.frames {
            let frame = Frame {
                time: taken.time,
                packet: taken.packet,
                link: taken.link,
                data: self.arena.get(start..taken.end).unwrap_or_default(),
                original_length: taken.original_length,
            };
            watch.frame(file, frame);
            start = taken.end;
        }
    }
}

const QUEUE_CHUNKS: usize = 8;
const CHUNK_OCTETS: usize = 1 << 20;
