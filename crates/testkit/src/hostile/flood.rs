//! Traffic that is made to fill memory: each kind goes for another store of the sensor.
//!
//! Packets are made as they are read, so that a flood of any length needs no file. What is promised is
//! that memory stays under the ceiling whatever is sent, and that what was given up is counted.

mod kinds;
mod message;
#[cfg(test)]
mod tests;
mod way;
mod wire;

pub use kinds::FLOODS;
pub use way::{Flooded, Way};

use realmward_stream::Input;
use std::io::{self, Read};

/// What is flooded.
#[derive(Clone, Copy, Debug)]
pub struct Flood {
    /// Its name on command lines.
    pub name: &'static str,
    /// What it sends.
    pub sends: &'static str,
    /// Conversations it is spread over.
    flows: u64,
    /// The packet of a conversation and its turn.
    packet: fn(u64, u32) -> Vec<u8>,
    /// The clock leaps when half was sent, so that all that waits is over at once.
    leaps: bool,
}

impl Flood {
    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        FLOODS.iter().copied().find(|it| it.name == name)
    }

    /// A capture of so many packets.
    #[must_use]
    pub fn input(self, packets: u64) -> Input {
        Input::Stream(self.name.to_owned(), Box::new(self.capture(packets)))
    }

    fn capture(self, packets: u64) -> Capture {
        Capture {
            flood: self,
            packets,
            next: 0,
            octets: header(),
        }
    }
}

/// A pcap of packets that begin with IP.
#[derive(Debug)]
struct Capture {
    flood: Flood,
    packets: u64,
    next: u64,
    octets: Vec<u8>,
}

impl Capture {
    fn record(&self) -> Vec<u8> {
        let flood = &self.flood;
        let (flow, turn) = (self.next % flood.flows, self.next / flood.flows);
        let packet = (flood.packet)(flow, wire::low(turn));
        let length = wire::low(packet.len() as u64);
        // A hundred thousand packets a second.
        let microseconds = self.next * 10;
        let leap = match flood.leaps && self.packets / 2 <= self.next {
            true => LEAP_S,
            false => 0,
        };
        let (second, rest) = (microseconds / 1_000_000, microseconds % 1_000_000);
        let record = [
            1_700_000_000 + leap + wire::low(second),
            wire::low(rest),
            length,
            length,
        ];
        [record.map(u32::to_le_bytes).concat(), packet].concat()
    }
}

impl Read for Capture {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.octets.len() < room.len() && self.next < self.packets {
            self.octets.extend(self.record());
            self.next += 1;
        }
        let count = self.octets.len().min(room.len());
        for (slot, octet) in room.iter_mut().zip(self.octets.drain(..count)) {
            *slot = octet;
        }
        Ok(count)
    }
}

fn header() -> Vec<u8> {
    [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 101]
        .map(u32::to_le_bytes)
        .concat()
}

/// Longer than any connection may be silent.
const LEAP_S: u32 = 3 * 3600;
