//! Where a fact stands: files, packets, flows and the order of everything.

use serde::{Deserialize, Serialize};

/// An input of one run, by its place on the command line; 0 is the first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct FileId(pub u32);

/// A packet of an input, numbered from 1 as packet tools number them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct PacketRef {
    /// The input.
    pub file: FileId,
    /// The number within the input, from 1.
    pub packet: u64,
}

/// Place in the one order in which everything happened, whatever thread saw it:
/// first the packet's place in the merged input, then the place within what the packet completed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Order {
    /// The packet's place in the merged input, from 1.
    pub packet: u64,
    /// The place among the events that this packet completed, from 0.
    pub index: u32,
}

/// A conversation: the place of its first packet in the merged input.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct FlowId(pub u64);
