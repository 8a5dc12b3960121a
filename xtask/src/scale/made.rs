//! A working week of a large organisation as the facts that a sensor would tell of it.
//!
//! People log on in the morning, visit servers, search the directory and mistype passwords; services
//! run round the clock. A few of each are far busier than the rest, as everywhere. The seed decides
//! everything. This is a load, not a model of behaviour: nobody attacks, and no packet stands behind
//! it but ones of the usual length.

use super::visit::Visit;
use realmward_event::batch::{Batch, EvidencePacket};
use realmward_event::{Event, Source};
use realmward_testkit::hostile::random::Random;
use realmward_vocab::{EventTime, FileId, FlowId, Order, PacketRef};
use std::time::Duration;

/// How large it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) facts: u64,
    pub(super) users: usize,
    pub(super) days: u64,
    /// Packets that come as proof with each fact.
    pub(super) packets: u64,
}

/// Tells facts in the order of time, in batches.
pub(super) struct Organisation {
    size: Size,
    random: Random,
    end: EventTime,
    told: u64,
    packet: u64,
    flow: u64,
    /// Whether somebody has logged on today.
    present: Vec<usize>,
}

impl Organisation {
    /// One whose last day ends at `end`.
    pub(super) fn new(size: Size, seed: u64, end: EventTime) -> Self {
        Self {
            present: vec![0; size.users],
            size,
            random: Random::new(seed),
            end,
            told: 0,
            packet: 0,
            flow: 0,
        }
    }

    /// The next batch; `None` when all is told.
    pub(super) fn batch(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        while batch.events.len() < BATCH_EVENTS && self.told < self.size.facts {
            self.visit(&mut batch);
        }
        (!batch.events.is_empty()).then_some(batch)
    }

    /// Somebody does something.
    fn visit(&mut self, batch: &mut Batch) {
        let now = self.now();
        let day = 1 + usize::try_from(now.day).unwrap_or_default();
        let visit = Visit {
            day,
            now: now.time,
            users: self.size.users,
            random: &mut self.random,
        };
        let who = visit.random.below(SERVICE_SHARE);
        let facts = if who == 0 {
            visit.service()
        } else {
            let user = visit.random.below(self.size.users);
            match self.present.get_mut(user) {
                Some(present) if *present != day => {
                    *present = day;
                    visit.logon(user)
                }
                _ => visit.work(user),
            }
        };
        self.flow += 1;
        for event in facts {
            if self.size.facts <= self.told {
                return;
            }
            self.told += 1;
            self.tell(event, batch);
        }
    }

    /// Gives an event its places and its proof.
    fn tell(&mut self, mut event: Event, batch: &mut Batch) {
        event.source = Source::Wire(FlowId(self.flow));
        for _ in 0..self.size.packets {
            self.packet += 1;
            let packet = PacketRef {
                file: FileId(1),
                packet: self.packet,
            };
            event.evidence.push(packet);
            batch.packets.push(EvidencePacket {
                packet,
                time: event.time,
                link_type: 1,
                octets_on_wire: PACKET_OCTETS,
                octets: self.octets(),
            });
        }
        self.packet += 1;
        event.order = Order {
            packet: self.packet,
            index: 0,
        };
        batch.events.push(event);
    }

    /// Half of a packet of these protocols repeats, half is keys and tickets.
    fn octets(&mut self) -> Vec<u8> {
        let mut octets = vec![0; PACKET_OCTETS as usize];
        for eight in octets.chunks_mut(8).skip(1).step_by(2) {
            let drawn = self.random.below(usize::MAX).to_le_bytes();
            let length = eight.len();
            eight.copy_from_slice(drawn.get(..length).unwrap_or_default());
        }
        octets
    }

    fn now(&self) -> Now {
        let span = u128::from(self.size.days) * DAY.as_nanos();
        let left = span * u128::from(self.size.facts - self.told) / u128::from(self.size.facts);
        let left = u64::try_from(left).unwrap_or(u64::MAX);
        let ago = i64::try_from(left).unwrap_or(i64::MAX);
        let time = self.end.unix_nanoseconds().saturating_sub(ago);
        Now {
            time: EventTime::from_unix_nanoseconds(time),
            day: self.size.days - left / u64::try_from(DAY.as_nanos()).unwrap_or(1),
        }
    }
}

struct Now {
    time: EventTime,
    day: u64,
}

/// As many as the sensor sends at once.
const BATCH_EVENTS: usize = 2000;

/// One visit in so many is a service's, and a long one.
const SERVICE_SHARE: usize = 12;

/// What the sensor keeps of a packet with a Kerberos or LDAP message.
const PACKET_OCTETS: u32 = 400;

const DAY: Duration = Duration::from_secs(24 * 3600);
