//! The latest packets, so that an event can bring those that prove it.
//!
//! A ring of octets of a fixed size: the oldest packets make room. What an event names is asked for
//! within moments of the packet, so the ring need not be large; what is gone is simply not sent.
//! Packets without payload prove nothing here and are not kept.

mod blank;

use realmward_event::batch::EvidencePacket;
use realmward_stream::{MergedFrame, Packet};
use realmward_vocab::{EventTime, PacketRef};
use std::collections::{HashMap, VecDeque};

#[derive(Debug)]
struct Kept {
    packet: PacketRef,
    time: EventTime,
    link_type: u16,
    octets_on_wire: u32,
    octets: Box<[u8]>,
    payload: usize,
    radius: bool,
}

/// The latest packets.
#[derive(Debug)]
pub(crate) struct Evidence {
    kept: VecDeque<Kept>,
    /// Number of each packet among all that were ever kept.
    places: HashMap<PacketRef, u64>,
    first: u64,
    octets: usize,
    octets_max: usize,
}

impl Evidence {
    pub(crate) fn new(octets_max: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            places: HashMap::new(),
            first: 0,
            octets: 0,
            octets_max,
        }
    }

    /// Keeps a packet.
    pub(crate) fn keep(&mut self, merged: &MergedFrame<'_>, payload: usize, packet: &Packet<'_>) {
        if packet.payload.is_empty() || self.octets_max == 0 {
            return;
        }
        let frame = &merged.frame;
        let octets = frame.data.get(..PACKET_OCTETS_MAX).unwrap_or(frame.data);
        let ports = [packet.head.key.low.port, packet.head.key.high.port];
        let kept = Kept {
            packet: merged.reference(),
            time: frame.time,
            link_type: frame.link.0,
            octets_on_wire: frame.original_length,
            octets: octets.into(),
            payload,
            radius: packet.head.tcp.is_none() && ports.iter().any(|it| RADIUS.contains(it)),
        };
        self.octets += cost(&kept);
        self.places
            .insert(kept.packet, self.first + self.kept.len() as u64);
        self.kept.push_back(kept);
        while self.octets_max < self.octets
            && let Some(oldest) = self.kept.pop_front()
        {
            self.octets -= cost(&oldest);
            self.places.remove(&oldest.packet);
            self.first += 1;
        }
    }

    /// A packet, if it is still there, its secrets blanked.
    pub(crate) fn find(&self, packet: PacketRef) -> Option<EvidencePacket> {
        let place = self.places.get(&packet)?.checked_sub(self.first)?;
        let kept = self.kept.get(usize::try_from(place).ok()?)?;
        let mut octets = kept.octets.to_vec();
        blank::blank(&mut octets, kept.payload, kept.radius);
        Some(EvidencePacket {
            packet,
            time: kept.time,
            link_type: kept.link_type,
            octets_on_wire: kept.octets_on_wire,
            octets,
        })
    }
}

/// With what the tables need.
fn cost(kept: &Kept) -> usize {
    kept.octets.len() + 128
}

/// Whole packets of Ethernet, and the beginning of joined ones.
const PACKET_OCTETS_MAX: usize = 2048;

/// Ports of RADIUS (RFC 2865, RFC 2866) and the older ones that Windows still serves.
const RADIUS: [u16; 4] = [1812, 1813, 1645, 1646];

#[cfg(test)]
mod tests;
