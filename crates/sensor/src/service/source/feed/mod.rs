//! PCAP over IP: captures that come over TCP, plain or within TLS, from machines that run nothing but
//! a capture tool.
//!
//! Either we connect (the tool listens) or the tool does. Each feed has a slot: a thread that follows
//! its packets and that outlives the connection, so that conversations go on over a break. Whoever
//! connects while all slots are taken is turned away, and counted.
//!
//! A feed is believed: whoever may send one may tell us anything. So where we listen, let only some
//! addresses in, or demand a certificate.

mod connect;
mod listen;
mod patient;
#[cfg(test)]
mod tests;
mod tls;

pub use tls::Tls;

use super::super::output::{Options, Output};
use super::super::run::ENDLESS;
use super::super::summary::Summary;
use super::super::watch::Watch;
use super::gather::{Tell, gather, queue};
use super::stream::{Numbers, chunks};
use super::{Opened, PATIENCE, Source};
use crate::uplink::backoff::Backoff;
use anyhow::{Context as _, Result};
use connect::Caller;
use crossbeam_channel::RecvTimeoutError;
use listen::Door;
use realmward_vocab::FileId;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Which feeds to follow.
#[derive(Clone, Debug, Default)]
pub struct FeedOptions {
    /// Tools that listen, as `HOST:PORT`.
    pub connect: Vec<String>,
    /// Where tools connect to.
    pub listen: Option<SocketAddr>,
    /// Who may connect; empty: anybody.
    pub from: Vec<IpAddr>,
    /// How to speak TLS, if it is to be spoken.
    pub tls: Option<Tls>,
}

/// A connection that brings a capture.
pub(super) struct Feed {
    pub(super) from: String,
    pub(super) octets: Box<dyn Read + Send>,
}

/// Where the feeds of a slot come from.
pub(super) trait Origin {
    /// The next feed; `None` if there is none yet.
    fn next(&mut self) -> Result<Option<Feed>>;
}

/// One slot.
struct Slot {
    file: FileId,
    source: Source,
    tell: Tell,
    stop: Arc<AtomicBool>,
    backoff: Backoff,
}

/// Opens the way for feeds: where we listen, that is done now.
///
/// # Errors
///
/// When it cannot listen, an address is none, or TLS is not usable.
pub fn feeds(feeds: &FeedOptions) -> Result<Opened> {
    let tls = feeds.tls.as_ref().map(Tls::load).transpose()?;
    let mut callers = Vec::new();
    for address in &feeds.connect {
        callers.push(Caller::new(address, tls.as_ref())?);
    }
    let door = match feeds.listen {
        Some(address) => {
            let door = Door::open(address, &feeds.from, tls.as_ref());
            Some(door.with_context(|| format!("listening on {address}"))?)
        }
        None => None,
    };
    let mut opened = Opened::new(move |options| {
        let mut origins: Vec<Box<dyn Origin + Send>> = Vec::new();
        for caller in callers {
            origins.push(Box::new(caller.until(&options.stop)));
        }
        if let Some(door) = door {
            let slots = door.wait(LISTENED_MAX, &options.stop);
            origins.extend(slots.into_iter().map(|it| Box::new(it) as Box<_>));
        }
        follow(origins, options)
    });
    opened.network = true;
    Ok(opened)
}

fn follow(origins: Vec<Box<dyn Origin + Send>>, options: &Options) -> Result<Summary> {
    let files = u32::try_from(origins.len()).unwrap_or(u32::MAX);
    let name = format!("{ENDLESS} PCAP over IP");
    let mut output = Output::open(options, &name, origins.len(), files)?;
    let (order, file) = output.base();
    let orders = Arc::new(AtomicU64::new(order));
    let evidence_octets = options.evidence_octets / origins.len().max(1);
    let (tell, told) = queue(options);
    for (number, origin) in origins.into_iter().enumerate() {
        let (tell, stop) = (tell.of(number), Arc::clone(&options.stop));
        let (orders, ceiling) = (Arc::clone(&orders), options.ceiling.clone());
        let guard = options.guard.clone();
        let file = FileId(file.wrapping_add(u32::try_from(number).unwrap_or_default()));
        std::thread::spawn(move || {
            // Made here because what follows a conversation stays on its thread.
            let slot = Slot {
                file,
                source: Source::new(Watch::new(orders, evidence_octets, ceiling).keeping_to(guard)),
                tell,
                stop,
                backoff: Backoff::default(),
            };
            slot.follow(origin);
        });
    }
    drop(tell);
    gather(&told, &mut output)?;
    output.finish(true, Vec::new())
}

impl Slot {
    fn follow(mut self, mut origin: Box<dyn Origin + Send>) {
        let mut complained = false;
        while !self.stop.load(Ordering::Relaxed) {
            match origin.next() {
                Ok(Some(feed)) => {
                    complained = false;
                    tracing::info!(from = feed.from, "a feed begins");
                    self.drink(feed);
                }
                Ok(None) => self.pause(Duration::ZERO),
                Err(error) => {
                    if !std::mem::replace(&mut complained, true) {
                        tracing::warn!(error = format!("{error:#}"), "no feed; trying on");
                    }
                    let wait = self.backoff.failed();
                    self.pause(wait);
                }
            }
        }
        let mut tell = |told| {
            self.tell.send(told);
        };
        let told = self.source.finish(true, &mut tell);
        tell(told);
    }

    /// Follows a feed to its end.
    fn drink(&mut self, feed: Feed) {
        let before = self.source.watch.seen.packets;
        let chunks = chunks(feed.octets);
        let mut fault = None;
        loop {
            match chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => {
                    let tell = &mut |told| {
                        self.tell.send(told);
                    };
                    chunk.follow(self.file, Numbers::OfRun, &mut self.source.watch, tell);
                    fault = fault.or(chunk.fault);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.beat();
        }
        let packets = self.source.watch.seen.packets - before;
        let why = fault.unwrap_or_else(|| "it was closed".to_owned());
        tracing::warn!(from = feed.from, packets, why, "a feed ended");
        // Who sends nothing is not asked again and again without a pause.
        if 0 < packets {
            self.backoff.succeeded();
        } else {
            let wait = self.backoff.failed();
            self.pause(wait);
        }
    }

    /// Waits, while time goes on for what was heard before.
    fn pause(&mut self, wait: Duration) {
        let until = Instant::now() + wait;
        loop {
            self.beat();
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.stop.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(left.min(PATIENCE));
        }
    }

    fn beat(&mut self) {
        self.source.time_passes(&mut |told| {
            self.tell.send(told);
        });
        let told = self.source.take();
        if !told.events.is_empty() || told.seen.is_some() {
            self.tell.send(told);
        }
    }
}

/// Feeds that may be connected at a time: the domain controllers of a site.
const LISTENED_MAX: usize = 16;
