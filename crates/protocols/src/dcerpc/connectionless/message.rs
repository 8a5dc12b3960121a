//! Datagrams of the connectionless protocol (C706 section 12.5) in its own words, borrowed.

use super::super::message::ByteOrder;
use realmward_vocab::{Direction, Guid};

/// `ptype` (C706 section 12.5.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketType {
    /// A fragment of a call.
    Request,
    /// The client asks whether the server is still at it.
    Ping,
    /// A fragment of an answer.
    Response,
    /// The call failed.
    Fault,
    /// The server is still at it.
    Working,
    /// The server knows nothing of the call.
    NoCall,
    /// The server refuses the call.
    Reject,
    /// The client has the answer.
    Ack,
    /// The client gives up.
    Cancel,
    /// A fragment arrived.
    FragmentAck,
    /// The server knows that the client gave up.
    CancelAck,
}

impl PacketType {
    /// The type with this number, if there is one.
    #[must_use]
    pub const fn from_wire(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Request,
            1 => Self::Ping,
            2 => Self::Response,
            3 => Self::Fault,
            4 => Self::Working,
            5 => Self::NoCall,
            6 => Self::Reject,
            7 => Self::Ack,
            8 => Self::Cancel,
            9 => Self::FragmentAck,
            10 => Self::CancelAck,
            _ => return None,
        })
    }

    /// Which side sends it, if only one does.
    #[must_use]
    pub const fn sent(self) -> Option<Direction> {
        match self {
            Self::Request | Self::Ping | Self::Ack | Self::Cancel => Some(Direction::ToServer),
            Self::FragmentAck => None,
            _ => Some(Direction::ToClient),
        }
    }
}

/// A datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// `ptype`.
    pub ptype: PacketType,
    /// `flags1`.
    pub flags: u8,
    /// From `drep`.
    pub order: ByteOrder,
    /// `object`; zero is none.
    pub object: Option<Guid>,
    /// `if_id`.
    pub interface: Guid,
    /// `act_id`: the sequence of calls that this is one of.
    pub activity: Guid,
    /// `if_vers`.
    pub version: u32,
    /// `seqnum` within the activity.
    pub sequence: u32,
    /// `opnum`.
    pub opnum: u16,
    /// `fragnum`, 0 for what is not fragmented.
    pub fragment: u16,
    /// `protection_level` of the trailer (MS-RPCE section 2.2.3.4), 0 without authentication.
    pub auth_level: u8,
    /// The octets behind the header that belong to it, as far as they are there.
    pub body: &'a [u8],
    /// Octets of the body that were not captured.
    pub missing: usize,
}

impl Datagram<'_> {
    /// Whether it ends a request or an answer.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.flags & PF_FRAG == 0 || self.flags & PF_LAST_FRAG != 0
    }

    /// Whether nobody waits for an answer.
    #[must_use]
    pub const fn is_maybe(&self) -> bool {
        self.flags & PF_MAYBE != 0
    }
}

const PF_LAST_FRAG: u8 = 0x02;
const PF_FRAG: u8 = 0x04;
const PF_MAYBE: u8 = 0x10;
