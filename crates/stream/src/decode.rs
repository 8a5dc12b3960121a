//! From frames to packets of flows: link, internet and transport layer, fragments put together.

use crate::flow::{End, FlowKey};
use crate::fragments::{FragmentCounters, FragmentPool};
use crate::ip::{self, Datagram, Segment};
use crate::link;
use crate::merge::MergedFrame;
use crate::packet::{Head, Packet, Seen};

/// What became of frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecodeCounters {
    /// TCP segments.
    pub tcp: u64,
    /// UDP datagrams.
    pub udp: u64,
    /// Frames without TCP or UDP, or cut before its ports.
    pub other: u64,
    /// Fragments.
    pub fragments: FragmentCounters,
}

/// Reads the headers of frames; remembers fragments and nothing else.
#[derive(Debug, Default)]
pub struct Decoder {
    pool: FragmentPool,
    whole: Vec<u8>,
    counters: DecodeCounters,
}

impl Decoder {
    /// The packet in a frame, if it is TCP or UDP and whole.
    ///
    /// A datagram that came in fragments counts as the packet that brought the last of them.
    pub fn decode<'a>(&'a mut self, merged: &MergedFrame<'a>) -> Option<Packet<'a>> {
        let frame = &merged.frame;
        let Some(datagram) = link::internet(frame.link, frame.data).and_then(ip::datagram) else {
            self.counters.other += 1;
            return None;
        };
        let seen = Seen {
            time: frame.time,
            packet: merged.reference(),
        };
        let mut payload = datagram.payload;
        if let Some(fragment) = datagram.fragment {
            self.whole = self.pool.take(&datagram, fragment, frame.time)?;
            payload = &self.whole;
        }
        let Some(segment) = ip::segment(datagram.protocol, payload, datagram.cut) else {
            self.counters.other += 1;
            return None;
        };
        if segment.tcp.is_some() {
            self.counters.tcp += 1;
        } else {
            self.counters.udp += 1;
        }
        Some(packet(merged.order, seen, &datagram, &segment))
    }

    /// What became of the frames so far.
    #[must_use]
    pub const fn counters(&self) -> DecodeCounters {
        DecodeCounters {
            fragments: self.pool.counters,
            ..self.counters
        }
    }
}

fn packet<'a>(
    order: u64,
    seen: Seen,
    datagram: &Datagram<'_>,
    segment: &Segment<'a>,
) -> Packet<'a> {
    let (key, from) = FlowKey::new(
        segment.transport,
        End {
            address: datagram.source,
            port: segment.source,
        },
        End {
            address: datagram.destination,
            port: segment.destination,
        },
    );
    Packet {
        head: Head {
            seen,
            order,
            key,
            from,
            tcp: segment.tcp,
            cut: u32::try_from(segment.cut).unwrap_or(u32::MAX),
        },
        payload: segment.payload,
    }
}
