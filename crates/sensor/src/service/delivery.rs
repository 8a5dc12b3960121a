//! Cuts events into batches and puts them into the spool.

use crate::memory::Ceiling;
use crate::spool::{Appended, SpoolError};
use crate::uplink::{SharedSpool, Uplink, locked};
use crate::wire::WireError;
use anyhow::{Result, bail};
use realmward_event::Event;
use realmward_event::batch::{Batch, EvidencePacket, SensorHealth};
use realmward_vocab::{Order, PacketRef};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
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
    /// Packets of proof that did not fit into their batch.
    pub(crate) left_out: u64,
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
            left_out: 0,
            complained: false,
        }
    }

    pub(crate) fn take(&mut self, events: Vec<Event>, packets: Vec<EvidencePacket>) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        self.since.get_or_insert_with(Instant::now);
        self.events.extend(events);
        packets.into_iter().for_each(|it| self.keep(it));
        if EVENTS_MAX <= self.events.len() {
            self.send_full_batches()?;
        }
        if !self.events.is_empty() && self.ceiling.is_tight() {
            self.flush(None)?;
        }
        Ok(())
    }

    fn send_full_batches(&mut self) -> Result<()> {
        while EVENTS_MAX <= self.events.len() {
            let rest = self.events.split_off(EVENTS_MAX);
            let full = std::mem::replace(&mut self.events, rest);
            self.send(full, None)?;
        }
        self.since = (!self.events.is_empty()).then(Instant::now);
        let named: BTreeSet<_> = self.events.iter().flat_map(|it| &it.evidence).collect();
        self.packets.retain(|packet, _| named.contains(packet));
        self.octets = self.packets.values().map(|it| it.octets.len()).sum();
        Ok(())
    }

    /// Keeps a packet of proof for its batch, if there is room.
    fn keep(&mut self, packet: EvidencePacket) {
        let Entry::Vacant(place) = self.packets.entry(packet.packet) else {
            return;
        };
        if EVIDENCE_OCTETS_MAX <= self.octets {
            self.left_out += 1;
        } else {
            self.octets += packet.octets.len();
            place.insert(packet);
        }
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

    /// The packets that the events name, each once.
    fn packets_of(&self, events: &[Event]) -> Vec<EvidencePacket> {
        let named: BTreeSet<_> = events.iter().flat_map(|it| &it.evidence).collect();
        let packets = named.into_iter().filter_map(|it| self.packets.get(it));
        packets.cloned().collect()
    }
}

/// Events of a batch.
const EVENTS_MAX: usize = 2000;

/// Octets of packets in a batch; with what events need, half of what either end takes.
const EVIDENCE_OCTETS_MAX: usize = 2 * 1024 * 1024;

/// An event waits here no longer.
const EVENT_AGE_MAX: Duration = Duration::from_secs(1);

const FULL_PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::tests::{captures, expected};
    use crate::spool::Spool;
    use realmward_vocab::FileId;
    use std::sync::Mutex;

    /// An event of a real capture with so many packets of proof, of 64 KiB each.
    fn proven(event: &Event, packets: std::ops::Range<u64>) -> (Vec<Event>, Vec<EvidencePacket>) {
        let packets = packets.map(|number| EvidencePacket {
            packet: PacketRef {
                file: FileId(0),
                packet: number,
            },
            time: event.time,
            link_type: 1,
            octets_on_wire: 65_536,
            octets: vec![7; 65_536],
        });
        let packets: Vec<_> = packets.collect();
        let event = Event {
            evidence: packets.iter().map(|it| it.packet).collect(),
            ..event.clone()
        };
        (vec![event], packets)
    }

    #[test]
    fn proof_that_does_not_fit_into_a_batch_is_counted_and_what_was_sent_makes_room() {
        let event = expected(&captures(&["b05_kinit_aes.pcap.zst"])).remove(0);
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), 1 << 30).unwrap();
        let mut delivery = Delivery::new(
            Arc::new(Mutex::new(spool)),
            None,
            WhenFull::Drop,
            Arc::default(),
            Ceiling::default(),
        );
        let (told, packets) = proven(&event, 0..40);
        delivery.take(told, packets).unwrap();
        assert_eq!(delivery.left_out, 8);
        // Two thousand are a batch: it goes, and with it the proof of those before.
        let plain = Event {
            evidence: Vec::new(),
            ..event.clone()
        };
        delivery.take(vec![plain; 2_000], Vec::new()).unwrap();
        let (told, packets) = proven(&event, 40..72);
        delivery.take(told, packets).unwrap();
        assert_eq!(delivery.left_out, 8);
    }
}
