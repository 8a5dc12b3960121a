//! Captures as tcpreplay reads them: plain, whole or half.

use anyhow::{Context as _, Result};
use etherparse::{PacketBuilder, SlicedPacket, TransportSlice};
use realmward_sensor::{pcap_header, pcap_packet};
use realmward_stream::{CaptureReader, Frame, LinkType};
use realmward_vocab::EventTime;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Writes a fixture unpacked into `folder`.
pub(super) fn fixture(name: &str, folder: &Path) -> Result<PathBuf> {
    let from = realmward_testkit::run::fixtures().join(format!("captures/{name}.pcap.zst"));
    let to = folder.join(format!("{name}.pcap"));
    filtered(&from, &to, |_| true)?;
    Ok(to)
}

/// The frames that go to servers, and none that come back.
pub(super) fn one_direction(from: &Path, folder: &Path) -> Result<PathBuf> {
    let to = folder.join("one-direction.pcap");
    filtered(from, &to, goes_to_a_server)?;
    Ok(to)
}

/// Clients have the higher port.
fn goes_to_a_server(frame: &Frame<'_>) -> bool {
    let Ok(packet) = SlicedPacket::from_ethernet(frame.data) else {
        return false;
    };
    match packet.transport {
        Some(TransportSlice::Tcp(it)) => it.destination_port() < it.source_port(),
        Some(TransportSlice::Udp(it)) => it.destination_port() < it.source_port(),
        _ => false,
    }
}

fn filtered(from: &Path, to: &Path, wanted: impl Fn(&Frame<'_>) -> bool) -> Result<()> {
    let mut reader = CaptureReader::open(from)?;
    let mut out = BufWriter::new(File::create(to).with_context(|| to.display().to_string())?);
    let mut begun = false;
    while reader.advance()? {
        let frame = reader.frame();
        if !begun {
            begun = true;
            pcap_header(&mut out, frame.link)?;
        }
        if wanted(&frame) {
            pcap_packet(&mut out, &frame)?;
        }
    }
    out.flush().with_context(|| to.display().to_string())
}

/// One answer of a name server: what always goes on in a directory, so that time passes for those who
/// go by the traffic.
pub(super) fn background(folder: &Path) -> Result<PathBuf> {
    let builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4([10, 77, 0, 10], [10, 77, 0, 21], 64)
        .udp(53, 40_053);
    let mut data = Vec::new();
    builder.write(&mut data, &NAME_ANSWER)?;
    let to = folder.join("background.pcap");
    let mut out = File::create(&to)?;
    pcap_header(&mut out, LinkType::ETHERNET)?;
    let frame = Frame {
        time: EventTime::from_unix_seconds(1_800_000_000),
        packet: 1,
        link: LinkType::ETHERNET,
        original_length: u32::try_from(data.len())?,
        data: &data,
    };
    pcap_packet(&mut out, &frame)?;
    Ok(to)
}

/// RFC 1035 section 4.1.
const NAME_ANSWER: [u8; 41] = [
    0, 7, // id
    0x81, 0x80, // an answer, recursion wanted and there
    0, 1, 0, 1, 0, 0, 0, 0, // one question, one answer
    3, b'w', b's', b'1', 3, b'l', b'a', b'b', 0, // ws1.lab
    0, 1, 0, 1, // A, IN
    0xc0, 12, // the same name
    0, 1, 0, 1, // A, IN
    0, 0, 1, 44, // for 300 s
    0, 4, 10, 77, 0, 21, // 10.77.0.21
];
