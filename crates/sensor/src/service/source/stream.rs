//! A capture that comes through a pipe and may never end.
//!
//! A thread reads, because reading waits; it hands on what it has before it waits for more.

use super::super::output::{Options, Output};
use super::super::run::ENDLESS;
use super::super::summary::Summary;
use super::super::watch::{Told, Watch};
use super::{PATIENCE, STRETCH_PACKETS, Source};
use crate::uplink::locked;
use anyhow::Result;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
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
pub(super) struct Chunk {
    frames: Vec<Taken>,
    arena: Vec<u8>,
    /// Why nothing more comes, if it is not the end.
    pub(super) fault: Option<String>,
}

/// By what packets are named.
#[derive(Clone, Copy, Debug)]
pub(super) enum Numbers {
    /// Their number in the capture.
    OfFile,
    /// Their place among all packets, because captures follow each other under one name.
    OfRun,
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
    let mut follow = Source::new(
        Watch::new(orders, options.evidence_octets, options.ceiling.clone())
            .keeping_to(options.guard.clone()),
    );
    let chunks = chunks(source);
    let (mut faults, mut ended) = (Vec::new(), false);
    while !ended && !options.stop.load(Ordering::Relaxed) {
        match chunks.recv_timeout(PATIENCE) {
            Ok(chunk) => {
                let tell = &mut |told| output.accept(0, told);
                chunk.follow(FileId(file), Numbers::OfFile, &mut follow.watch, tell);
                faults.extend(chunk.fault);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => ended = true,
        }
        follow.time_passes(&mut |told| output.accept(0, told));
        output.take(0, follow.take())?;
        output.beat()?;
    }
    let told = follow.finish(true, &mut |told| output.accept(0, told));
    output.take(0, told)?;
    output.finish(true, faults)
}

/// The frames of a capture, read by a thread of their own. It is not joined: it may wait for octets
/// that never come.
pub(super) fn chunks(source: impl Read + Send + 'static) -> Receiver<Chunk> {
    let (to, chunks) = bounded(QUEUE_CHUNKS);
    std::thread::spawn(move || {
        read(source, &to);
        crate::memory::thread_ends();
    });
    chunks
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

    pub(super) fn follow(
        &self,
        file: FileId,
        numbers: Numbers,
        watch: &mut Watch,
        tell: &mut impl FnMut(Told),
    ) {
        let mut start = 0;
        for taken in &self.frames {
            let frame = Frame {
                time: taken.time,
                packet: match numbers {
                    Numbers::OfFile => taken.packet,
                    Numbers::OfRun => 0,
                },
                link: taken.link,
                data: self.arena.get(start..taken.end).unwrap_or_default(),
                original_length: taken.original_length,
            };
            watch.frame(file, frame, tell);
            start = taken.end;
        }
    }
}

/// With the one that is filled and the one that is followed a megabyte and a half for each feed.
const QUEUE_CHUNKS: usize = 4;
const CHUNK_OCTETS: usize = 256 << 10;
