//! The least any sensor must do, to measure ours against: read, decode headers, count flows.

use crate::decode::Decoder;
use crate::flow::FlowKey;
use crate::merge::{Input, Merge};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// What [`floor`] counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FloorCount {
    /// Frames read.
    pub packets: u64,
    /// Octets of these frames.
    pub octets: u64,
    /// Different flows.
    pub flows: u64,
}

/// Reads all frames, decodes their headers and counts the packets of each flow in a hash map.
#[must_use]
pub fn floor(inputs: Vec<Input>) -> FloorCount {
    let mut merge = Merge::open(inputs);
    let mut decoder = Decoder::default();
    let mut flows: HashMap<FlowKey, u64, RandomState> = HashMap::default();
    let mut count = FloorCount::default();
    while let Some(frame) = merge.next_frame() {
        count.packets += 1;
        count.octets += frame.frame.data.len() as u64;
        if let Some(packet) = decoder.decode(&frame) {
            *flows.entry(packet.head.key).or_default() += 1;
        }
    }
    count.flows = flows.len() as u64;
    count
}
