//! A capture that is at hand as a whole, as the one batch that a sensor would have sent of it.

use crate::memory::Ceiling;
use crate::service::watch::{Told, Watch};
use realmward_event::batch::{Batch, SensorHealth};
use realmward_stream::{CaptureFault, CaptureReader};
use realmward_vocab::FileId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a capture tells, with the packets that prove it, their secrets blanked; the batch has no
/// number yet, and its health says what was read.
///
/// # Errors
///
/// Where the capture is damaged.
pub fn batch_of(mut capture: CaptureReader, file: FileId) -> Result<Batch, CaptureFault> {
    let mut watch = Watch::new(Arc::default(), EVIDENCE_OCTETS, Ceiling::default());
    let (mut events, mut packets) = (Vec::new(), BTreeMap::new());
    // What is told in steps may name a packet in each.
    let mut take = |told: Told| {
        events.extend(told.events);
        packets.extend(told.packets.into_iter().map(|it| (it.packet, it)));
    };
    while capture.advance()? {
        watch.frame(file, capture.frame(), &mut take);
    }
    watch.finish(&mut take);
    take(watch.take(false));
    let mut health = SensorHealth {
        time: watch.seen.last.unwrap_or_default(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        input: capture.file().to_owned(),
        packets: watch.seen.packets,
        octets: watch.seen.octets,
        ..SensorHealth::default()
    };
    for event in &events {
        *health
            .events
            .entry(event.fact.kind().to_owned())
            .or_default() += 1;
    }
    Ok(Batch {
        events,
        packets: packets.into_values().collect(),
        health: Some(health),
        ..Batch::default()
    })
}

/// Who has a whole capture in memory has room for its packets once more.
const EVIDENCE_OCTETS: usize = 64 << 20;
