//! Packets of evidence as a capture that every tool reads (pcapng, draft-ietf-opsawg-pcapng).
//!
//! One section, one interface for each link type, one enhanced packet block for each packet. Times
//! are in nanoseconds, as they were captured; lengths tell what the wire had and what was kept.

use realmward_event::batch::EvidencePacket;

/// The capture, with a comment that says what it is.
pub(crate) fn write(packets: &[EvidencePacket], comment: &str) -> Vec<u8> {
    let mut links: Vec<u16> = packets.iter().map(|it| it.link_type).collect();
    links.sort_unstable();
    links.dedup();
    let mut out = Vec::new();
    section(&mut out, comment);
    for link in &links {
        interface(&mut out, *link);
    }
    let mut order: Vec<&EvidencePacket> = packets.iter().collect();
    order.sort_by_key(|it| (it.time, it.packet));
    for packet in order {
        let interface = links.binary_search(&packet.link_type).unwrap_or_default();
        enhanced_packet(
            &mut out,
            u32::try_from(interface).unwrap_or_default(),
            packet,
        );
    }
    out
}

/// Section header block, section 4.1.
fn section(out: &mut Vec<u8>, comment: &str) {
    let mut body = Vec::new();
    body.extend(BYTE_ORDER_MAGIC.to_le_bytes());
    body.extend(1_u16.to_le_bytes());
    body.extend(0_u16.to_le_bytes());
    body.extend((-1_i64).to_le_bytes());
    option(&mut body, OPT_COMMENT, comment.as_bytes());
    option(&mut body, OPT_ENDOFOPT, &[]);
    block(out, SECTION_HEADER, &body);
}

/// Interface description block, section 4.2, with nanoseconds as resolution.
fn interface(out: &mut Vec<u8>, link_type: u16) {
    let mut body = Vec::new();
    body.extend(link_type.to_le_bytes());
    body.extend(0_u16.to_le_bytes());
    body.extend(0_u32.to_le_bytes());
    option(&mut body, IF_TSRESOL, &[9]);
    option(&mut body, OPT_ENDOFOPT, &[]);
    block(out, INTERFACE_DESCRIPTION, &body);
}

/// Enhanced packet block, section 4.3.
fn enhanced_packet(out: &mut Vec<u8>, interface: u32, packet: &EvidencePacket) {
    let time = u64::try_from(packet.time.unix_nanoseconds()).unwrap_or_default();
    let kept = u32::try_from(packet.octets.len()).unwrap_or(u32::MAX);
    let mut body = Vec::new();
    body.extend(interface.to_le_bytes());
    body.extend(u32::try_from(time >> 32).unwrap_or_default().to_le_bytes());
    body.extend(
        u32::try_from(time & 0xffff_ffff)
            .unwrap_or_default()
            .to_le_bytes(),
    );
    body.extend(kept.to_le_bytes());
    body.extend(packet.octets_on_wire.max(kept).to_le_bytes());
    body.extend(&packet.octets);
    pad(&mut body);
    let comment = format!(
        "file {}, packet {}",
        packet.packet.file.0, packet.packet.packet
    );
    option(&mut body, OPT_COMMENT, comment.as_bytes());
    option(&mut body, OPT_ENDOFOPT, &[]);
    block(out, ENHANCED_PACKET, &body);
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value
        .get(..value.len().min(OPTION_OCTETS_MAX))
        .unwrap_or_default();
    body.extend(code.to_le_bytes());
    body.extend(u16::try_from(value.len()).unwrap_or_default().to_le_bytes());
    body.extend(value);
    pad(body);
}

fn block(out: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let length = u32::try_from(body.len() + 12).unwrap_or(u32::MAX);
    out.extend(kind.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(body);
    out.extend(length.to_le_bytes());
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
const OPT_ENDOFOPT: u16 = 0;
const OPT_COMMENT: u16 = 1;
const IF_TSRESOL: u16 = 9;

/// What fits into an option.
const OPTION_OCTETS_MAX: usize = 0xffff;

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_stream::{CaptureReader, LinkType};
    use realmward_vocab::{EventTime, FileId, PacketRef};

    fn packet(number: u64, time: i64, link_type: u16, octets: &[u8]) -> EvidencePacket {
        EvidencePacket {
            packet: PacketRef {
                file: FileId(3),
                packet: number,
            },
            time: EventTime::from_unix_nanoseconds(time),
            link_type,
            octets_on_wire: 1500,
            octets: octets.to_vec(),
        }
    }

    #[test]
    fn what_is_written_is_read_back_in_the_order_of_time() {
        let time = 1_700_000_000_123_456_789;
        let packets = [
            packet(1, time, 1, b"later"),
            packet(2, time - 5, 101, b"earlier!"),
            packet(3, time + 1, 1, b""),
        ];
        let octets = write(&packets, "alert 7");
        let mut reader =
            CaptureReader::new("test".into(), Box::new(std::io::Cursor::new(octets))).unwrap();
        for index in [1, 0, 2] {
            assert!(reader.advance().unwrap());
            let (frame, packet) = (reader.frame(), &packets[index]);
            assert_eq!(frame.time, packet.time);
            assert_eq!(frame.link, LinkType(packet.link_type));
            assert_eq!(frame.data, packet.octets);
            assert_eq!(frame.original_length, 1500);
        }
        assert!(!reader.advance().unwrap());
    }

    #[test]
    fn no_packets_are_an_empty_capture_and_a_long_comment_is_cut() {
        assert!(write(&[], "").len() < 100);
        assert!(write(&[], &"x".repeat(100_000)).len() < 70_000);
    }
}
