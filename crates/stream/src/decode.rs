//! From frames to packets of flows: link, internet and transport layer, fragments put together.

use crate::flow::{End, FlowKey};
use crate::fragments::{FragmentCounters, FragmentPool};
use crate::ip::{self, Datagram, Segment};
use crate::link;
use crate::merge::MergedFrame;
use crate::packet::{Head, Packet, Seen};
use crate::tunnel::{self, Tunnel};

/// What became of frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecodeCounters {
    /// TCP segments.
    pub tcp: u64,
    /// UDP datagrams.
    pub udp: u64,
    /// Frames without TCP or UDP, or cut before its ports.
    pub other: u64,
    /// Frames with more tunnels in each other than are looked into.
    pub too_deep: u64,
    /// Packets that came by each of [`Tunnel::ALL`].
    pub tunnels: [u64; Tunnel::ALL.len()],
    /// Fragments.
    pub fragments: FragmentCounters,
    /// Datagrams given up because memory was short.
    pub fragments_shed: u64,
}

/// Reads the headers of frames; remembers fragments and nothing else.
#[derive(Debug, Default)]
pub struct Decoder {
    pool: FragmentPool,
    /// Where a datagram is put together, for each tunnel within another.
    whole: [Vec<u8>; LAYERS_MAX],
    counters: DecodeCounters,
}

impl Decoder {
    /// The packet in a frame, if it is TCP or UDP and whole. In a tunnel it is the inner one.
    ///
    /// A datagram that came in fragments counts as the packet that brought the last of them.
    pub fn decode<'a>(&'a mut self, merged: &MergedFrame<'a>) -> Option<Packet<'a>> {
        let Self {
            pool,
            whole,
            counters,
        } = self;
        let frame = &merged.frame;
        let mut octets = link::internet(frame.link, frame.data);
        for whole in whole {
            let Some(datagram) = octets.and_then(ip::datagram) else {
                counters.other += 1;
                return None;
            };
            let mut payload = datagram.payload;
            if let Some(fragment) = datagram.fragment {
                *whole = pool.take(&datagram, fragment, frame.time)?;
                payload = whole;
            }
            let Some((tunnel, inner)) = tunnel::inside(datagram.protocol, payload) else {
                return transport(merged, &datagram, payload, counters);
            };
            if let Some(count) = counters.tunnels.get_mut(tunnel as usize) {
                *count += 1;
            }
            octets = inner;
        }
        counters.too_deep += 1;
        None
    }

    /// Memory is short: gives up the datagrams of which fragments are missing.
    pub fn give_up_fragments(&mut self) {
        self.whole = Default::default();
        self.counters.fragments_shed += self.pool.give_up();
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

fn transport<'a>(
    merged: &MergedFrame<'_>,
    datagram: &Datagram<'_>,
    payload: &'a [u8],
    counters: &mut DecodeCounters,
) -> Option<Packet<'a>> {
    let Some(segment) = ip::segment(datagram, payload) else {
        counters.other += 1;
        return None;
    };
    if segment.tcp.is_some() {
        counters.tcp += 1;
    } else {
        counters.udp += 1;
    }
    let seen = Seen {
        time: merged.frame.time,
        packet: merged.reference(),
    };
    Some(packet(merged.order, seen, datagram, &segment))
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

/// IP within IP: a mirror of a tunnel's traffic has two tunnels, a mirror of an overlay of one more
/// three. Past it the frame is an attack on our time.
const LAYERS_MAX: usize = 5;
