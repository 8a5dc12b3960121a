//! Cuts events into batches and puts them into the spool.

use crate::memory::Ceiling;
use crate::spool::{Appended, SpoolError};
use crate::uplink::{SharedSpool, Uplink, locked};
use crate::wire::WireError;
use anyhow::{Result, bail};
use realmward_event::Event;
use realmward_event::batch::{Batch, EvidencePacket, SensorHealth};
use realmward_vocab::{Order, PacketRef};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What to do while the spool is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenFull {
    /// Wait: a file does not run away.
    Wait,
    /// Go on and count: what is on the wire does not wait.
    Drop,
}

/// Cuts events into batches and puts them into the spool.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) spool: SharedSpool,
    uplink: Option<Uplink>,
    when_full: WhenFull,
    stop: Arc<AtomicBool>,
    events: Vec<Event>,
    packets: BTreeMap<PacketRef, EvidencePacket>,
    /// Of these packets.
    octets: usize,
    ceiling: Ceiling,
    /// When the oldest event that waits here came.
    since: Option<Instant>,
    mark: Order,
    pub(crate) dropped_batches: u64,
    complained: bool,
}

impl Delivery {
    pub(crate) fn new(
        spool: SharedSpool,
        uplink: Option<Uplink>,
        when_full: WhenFull,
        stop: Arc<AtomicBool>,
        ceiling: Ceiling,
    ) -> Self {
        let mark = locked(&spool).mark();
        Self {
            spool,
            uplink,
            when_full,
            stop,
            events: Vec::new(),
            packets: BTreeMap::new(),
            octets: 0,
            ceiling,
            since: None,
            mark,
            dropped_batches: 0,
            complained: false,
        }
    }

    pub(crate) fn take(&mut self, events: Vec<Event>, packets: Vec<EvidencePacket>) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        self.since.get_or_insert_with(Instant::now);
        self.events.extend(events);
        for packet in packets {
            if self.octets < EVIDENCE_OCTETS_MAX
                && let Entry::Vacant(place) = self.packets.entry(packet.packet)
            {
                self.octets += packet.octets.len();
                place.insert(packet);
            }
        }
        while EVENTS_MAX <= self.events.len() {
            let rest = self.events.split_off(EVENTS_MAX);
            let full = std::mem::replace(&mut self.events, rest);
            self.send(full, None)?;
        }
        if self.events.is_empty() {
            self.forget_packets();
            self.since = None;
        } else if self.ceiling.is_tight() {
            self.flush(None)?;
        }
        Ok(())
    }

    /// Sends what has waited long enough.
    pub(crate) fn beat(&mut self) -> Result<()> {
        match self.since {
            Some(since) if EVENT_AGE_MAX <= since.elapsed() => self.flush(None),
            _ => Ok(()),
        }
    }

    /// Sends all that waits, and the health of the sensor if given.
    pub(crate) fn flush(&mut self, health: Option<SensorHealth>) -> Result<()> {
        self.since = None;
        let events = std::mem::take(&mut self.events);
        if !events.is_empty() || health.is_some() {
            self.send(events, health)?;
        }
        self.forget_packets();
        Ok(())
    }

    fn forget_packets(&mut self) {
        self.packets.clear();
        self.octets = 0;
    }

    /// Sends what is left and waits a while until the server has it; returns batches that it has not.
    pub(crate) fn finish(mut self, patience: Duration) -> Result<u64> {
        self.flush(None)?;
        let left = match self.uplink.take() {
            Some(uplink) => uplink.finish(patience),
            None => locked(&self.spool).waiting(),
        };
        Ok(left)
    }

    fn send(&mut self, events: Vec<Event>, health: Option<SensorHealth>) -> Result<()> {
        let mark = events.last().map_or(self.mark, |it| it.order);
        let mut batch = Batch {
            packets: self.packets_of(&events),
            events,
            health,
            ..Batch::default()
        };
        loop {
            let appended = locked(&self.spool).append(&mut batch, mark);
            match appended {
                Ok(Appended::Kept(_)) => {
                    self.mark = mark;
                    self.complained = false;
                    break;
                }
                Ok(Appended::Full) if self.when_full == WhenFull::Wait => self.wait()?,
                Ok(Appended::Full) => {
                    self.complain("the spool is full");
                    break;
                }
                Ok(Appended::Refused(fault)) if self.when_full == WhenFull::Wait => {
                    bail!("the spool cannot be written: {fault}")
                }
                Ok(Appended::Refused(fault)) => {
                    self.complain(&fault);
                    break;
                }
                Err(SpoolError::Wire(WireError::TooLong(_) | WireError::UnpacksTooLong)) => {
                    return self.send_in_parts(batch);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(uplink) = &self.uplink {
            uplink.wake();
        }
        Ok(())
    }

    /// In halves; a single event without its packets, and if it is too long then, it is lost.
    fn send_in_parts(&mut self, mut batch: Batch) -> Result<()> {
        if batch.events.len() <= 1 {
            if !batch.packets.is_empty() {
                self.forget_packets();
                return self.send(batch.events, batch.health);
            }
            tracing::error!("an event is too long to be sent");
            self.dropped_batches += 1;
            locked(&self.spool).drop_batch();
            return Ok(());
        }
        let rest = batch.events.split_off(batch.events.len() / 2);
        self.send(batch.events, batch.health)?;
        self.send(rest, None)
    }

    /// Waits for room. What is not kept when the work is stopped is told by the next run.
    fn wait(&self) -> Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            bail!("stopped while the spool was full");
        }
        std::thread::sleep(FULL_PAUSE);
        Ok(())
    }

    fn complain(&mut self, why: &str) {
        self.dropped_batches += 1;
        locked(&self.spool).drop_batch();
        if !std::mem::replace(&mut self.complained, true) {
            tracing::error!(why, "batches are dropped until there is room");
        }
    }

    /// The packets that the events name, each once, as many as a batch may bring.
    fn packets_of(&self, events: &[Event]) -> Vec<EvidencePacket> {
        let mut chosen: BTreeMap<PacketRef, &EvidencePacket> = BTreeMap::new();
        let mut octets = 0;
        for reference in events.iter().flat_map(|it| &it.evidence) {
            if let Some(packet) = self.packets.get(reference)
                && octets < EVIDENCE_OCTETS_MAX
                && chosen.insert(*reference, packet).is_none()
            {
                octets += packet.octets.len();
            }
        }
        chosen.into_values().cloned().collect()
    }
}

/// Events of a batch.
const EVENTS_MAX: usize = 2000;

/// Octets of packets in a batch; with what events need, half of what either end takes.
const EVIDENCE_OCTETS_MAX: usize = 2 * 1024 * 1024;

/// An event waits here no longer.
const EVENT_AGE_MAX: Duration = Duration::from_secs(1);

const FULL_PAUSE: Duration = Duration::from_millis(50);
