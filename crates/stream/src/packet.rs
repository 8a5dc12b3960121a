//! A packet of a flow: what is left of a frame once link and internet layers are read.

use crate::flow::{FlowKey, Side};
use crate::tcp::Checksum;
use realmward_vocab::{EventTime, PacketRef};

/// When and in which packet octets were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Time of the packet.
    pub time: EventTime,
    /// The packet.
    pub packet: PacketRef,
}

/// Everything about a packet but its payload; plain data that can be handed to a worker.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// When and which.
    pub seen: Seen,
    /// Place in the merged order, from 1.
    pub order: u64,
    /// The flow.
    pub key: FlowKey,
    /// Which end of the flow sent it.
    pub from: Side,
    /// The TCP header; `None` for UDP.
    pub tcp: Option<TcpHead>,
    /// Octets of the payload that the snap length cut off.
    pub cut: u32,
}

/// The parts of a TCP header that order octets (RFC 9293 section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpHead {
    /// Sequence number of the first payload octet, or of the SYN.
    pub sequence: u32,
    /// The next octet the sender expects; holds if [`TcpFlags::ACK`] is set.
    pub acknowledged: u32,
    /// The control bits.
    pub flags: TcpFlags,
    /// What is known of the checksum.
    pub checksum: Checksum,
}

/// TCP control bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more octets come.
    pub const FIN: u8 = 0x01;
    /// A connection begins.
    pub const SYN: u8 = 0x02;
    /// The connection is broken off.
    pub const RST: u8 = 0x04;
    /// The acknowledgement holds.
    pub const ACK: u8 = 0x10;
    /// Some octets are urgent.
    pub const URG: u8 = 0x20;

    /// Whether all bits of `mask` are set.
    #[must_use]
    pub const fn has(self, mask: u8) -> bool {
        self.0 & mask == mask
    }
}

/// A packet of a flow.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Everything but the payload.
    pub head: Head,
    /// The octets above TCP or UDP, as far as they were captured.
    pub payload: &'a [u8],
}
