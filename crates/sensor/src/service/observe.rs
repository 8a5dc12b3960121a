//! Listens to an interface for a while, to see what it shows.

use super::sight::{PORTS, Sight};
use realmward_capture::{Interface, LinkKind, Options, Ring};
use realmward_stream::{Decoder, Frame, LinkType, MergedFrame};
use realmward_vocab::FileId;
use std::io;
use std::time::{Duration, Instant};

/// What an interface showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Packets seen.
    pub packets: u64,
    /// Packets that the kernel dropped.
    pub dropped: u64,
    /// TCP connections with enough packets to tell.
    pub connections: u64,
    /// Those of which only one direction was seen.
    pub one_sided: u64,
    /// Ports of a domain controller, what speaks there, and packets.
    pub ports: Vec<(u16, &'static str, u64)>,
}

/// Listens for a while.
///
/// # Errors
///
/// When the interface cannot be opened or fails.
pub fn observe(interface: &Interface, listen: Duration) -> io::Result<Observed> {
    let options = Options {
        octets: RING_OCTETS,
        fanout: None,
        promiscuous: true,
    };
    let mut ring = Ring::open(interface, options)?;
    let link = if interface.kind == LinkKind::Ip {
        LinkType::RAW
    } else {
        LinkType::ETHERNET
    };
    let (mut decoder, mut sight) = (Decoder::default(), Sight::default());
    let (begun, mut order) = (Instant::now(), 0);
    while begun.elapsed() < listen {
        let Some(mut block) = ring.next_block(Duration::from_millis(200))? else {
            continue;
        };
        while let Some(frame) = block.next_frame() {
            order += 1;
            let merged = MergedFrame {
                file: FileId(0),
                order,
                frame: Frame {
                    time: frame.time,
                    packet: order,
                    link,
                    data: frame.octets,
                    original_length: frame.wire_octets,
                },
            };
            if let Some(packet) = decoder.decode(&merged) {
                sight.packet(&packet.head);
            }
        }
    }
    sight.settle();
    let count = |port: u16| sight.ports.get(&port).copied().unwrap_or_default();
    Ok(Observed {
        packets: order,
        dropped: ring.statistics()?.dropped,
        connections: sight.connections,
        one_sided: sight.one_sided,
        ports: PORTS
            .into_iter()
            .map(|(port, speaks)| (port, speaks, count(port)))
            .filter(|(.., packets)| *packets != 0)
            .collect(),
    })
}

const RING_OCTETS: usize = 16 << 20;
