//! Makes the numbers of many sensors unique: flows, files, packets and the one order.
//!
//! A sensor counts from where it likes. The store gives each of its files a number that no other
//! has; flows go with the file in which they were seen, and the order is the place in the journal.

use realmward_event::batch::Batch;
use realmward_event::{Event, Source};
use realmward_vocab::{FileId, FlowId, Order};
use std::collections::BTreeMap;

/// Rewrites a batch that stands at `place` of the journal; `files` gives each file of the sensor its
/// number among all.
pub(crate) fn number(batch: &mut Batch, place: u64, files: &BTreeMap<FileId, FileId>) {
    let of = |file: FileId| files.get(&file).copied().unwrap_or(file);
    for (index, event) in (0_u64..).zip(&mut batch.events) {
        number_event(event, place, index, &of);
    }
    for packet in &mut batch.packets {
        packet.packet.file = of(packet.packet.file);
    }
}

/// The files that a batch names.
pub(crate) fn files(batch: &Batch) -> Vec<FileId> {
    let named = batch.events.iter().flat_map(|it| &it.evidence);
    let kept = batch.packets.iter().map(|it| &it.packet);
    let mut files: Vec<FileId> = named.chain(kept).map(|it| it.file).collect();
    files.sort_unstable();
    files.dedup();
    files
}

fn number_event(event: &mut Event, place: u64, index: u64, of: &impl Fn(FileId) -> FileId) {
    let file = event.evidence.first().map(|it| of(it.file));
    for packet in &mut event.evidence {
        packet.file = of(packet.file);
    }
    if let Source::Wire(flow) = &mut event.source {
        let file = u64::from(file.unwrap_or_default().0);
        *flow = FlowId(file << FLOW_BITS | flow.0 & ((1 << FLOW_BITS) - 1));
    }
    event.order = Order {
        packet: place << INDEX_BITS | index.min((1 << INDEX_BITS) - 1),
        index: event.order.index,
    };
}

/// A million events in a batch: more than a sensor sends at once.
pub(crate) const INDEX_BITS: u32 = 20;

/// A million million flows in one file or run of a sensor.
const FLOW_BITS: u32 = 40;

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_event::batch::EvidencePacket;
    use realmward_vocab::PacketRef;

    fn batch(file: u32, flow: u64) -> Batch {
        let packet = PacketRef {
            file: FileId(file),
            packet: 9,
        };
        Batch {
            events: vec![Event {
                source: Source::Wire(FlowId(flow)),
                evidence: vec![packet],
                ..Event::default()
            }],
            packets: vec![EvidencePacket {
                packet,
                ..EvidencePacket::default()
            }],
            ..Batch::default()
        }
    }

    #[test]
    fn equal_numbers_of_two_sensors_become_different() {
        let mut numbered = Vec::new();
        for (place, global) in [(1, 70), (2, 71)] {
            let mut it = batch(0, 5);
            assert_eq!(files(&it), [FileId(0)]);
            number(
                &mut it,
                place,
                &BTreeMap::from([(FileId(0), FileId(global))]),
            );
            let event = it.events.remove(0);
            assert_eq!(event.evidence, [it.packets.remove(0).packet]);
            numbered.push((event.source, event.order, event.evidence));
        }
        let mut numbered = numbered.into_iter();
        let (first, second) = (numbered.next().unwrap(), numbered.next().unwrap());
        assert_ne!(first.0, second.0);
        assert!(first.1 < second.1);
        assert_ne!(first.2, second.2);
    }
}
