//! Captures made for one series: in disorder, with losses, with long messages.

use anyhow::{Context as _, Result};
use etherparse::PacketBuilder;
use realmward_sensor::{pcap_header, pcap_packet};
use realmward_stream::{CaptureReader, Frame, LinkType};
use realmward_vocab::EventTime;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// The capture several times, `percent` of its packets some places later than they were.
pub(super) fn disordered(from: &Path, percent: u32, to: &Path) -> Result<()> {
    let mut late: Vec<(u64, i64, Vec<u8>)> = Vec::new();
    let mut place = 0;
    each(from, to, |time, octets, out| {
        place += 1;
        late.retain(|(due, time, octets)| {
            let is_due = *due <= place;
            if is_due {
                out(*time, octets);
            }
            !is_due
        });
        if chance(place, percent) {
            late.push((place + LATE, time, octets.to_vec()));
        } else {
            out(time, octets);
        }
    })
}

/// The capture several times, `percent` of its packets left out.
pub(super) fn lossy(from: &Path, percent: u32, to: &Path) -> Result<()> {
    let mut place = 0;
    each(from, to, |time, octets, out| {
        place += 1;
        if !chance(place, percent) {
            out(time, octets);
        }
    })
}

type Out<'a> = dyn FnMut(i64, &[u8]) + 'a;

/// Writes [`PASSES`] passes over a capture, whatever `pass` makes of each frame.
fn each(from: &Path, to: &Path, mut pass: impl FnMut(i64, &[u8], &mut Out<'_>)) -> Result<()> {
    let mut out = create(to)?;
    pcap_header(&mut out, LinkType::ETHERNET)?;
    let mut shift = 0;
    let mut written = Ok(());
    for _ in 0..PASSES {
        let mut reader = CaptureReader::open(from)?;
        let (mut first, mut last) = (None, 0);
        while reader.advance()? {
            let frame = reader.frame();
            let time = frame.time.unix_nanoseconds();
            first.get_or_insert(time);
            last = time.max(last);
            pass(time + shift, frame.data, &mut |time, octets| {
                if written.is_ok() {
                    written = put(&mut out, time, octets);
                }
            });
        }
        shift += last - first.unwrap_or_default() + SECOND;
    }
    written?;
    out.flush().with_context(|| to.display().to_string())
}

/// [`MESSAGES`] AS-REQs over TCP, each in a connection of its own and `kib` long: one element of
/// padata that nobody knows.
pub(super) fn sized(kib: u32, to: &Path) -> Result<()> {
    let mut out = create(to)?;
    pcap_header(&mut out, LinkType::ETHERNET)?;
    let record = as_req(usize::try_from(kib)? * 1024);
    let mut time = 1_767_225_600 * SECOND;
    for number in 0..MESSAGES {
        let [_, _, high, low] = number.to_be_bytes();
        let client = [10, 1, high, low];
        let mut sequence = 1_000_u32;
        let mut send = |octets: &[u8], is_syn: bool| -> Result<()> {
            let packet = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]).ipv4(
                client,
                [10, 0, 0, 1],
                64,
            );
            let packet = packet.tcp(40_000, 88, sequence, 64_000);
            let packet = if is_syn { packet.syn() } else { packet.ack(1) };
            let mut frame = Vec::new();
            packet.write(&mut frame, octets)?;
            sequence = sequence.wrapping_add(u32::try_from(octets.len())? + u32::from(is_syn));
            time += 1_000;
            put(&mut out, time, &frame)
        };
        send(&[], true)?;
        for segment in record.chunks(SEGMENT) {
            send(segment, false)?;
        }
    }
    out.flush().with_context(|| to.display().to_string())
}

/// A record of Kerberos over TCP: AS-REQ of realm R with so many octets of padata.
fn as_req(octets: usize) -> Vec<u8> {
    let padata_type = wrap(0xa1, &wrap(2, &[0x7f]));
    let value = wrap(0xa2, &wrap(4, &vec![0x5a; octets]));
    let padata = wrap(0x30, &wrap(0x30, &[padata_type, value].concat()));
    let body = wrap(0x30, &wrap(0xa2, &wrap(0x1b, b"R")));
    let fields = [
        wrap(0xa1, &wrap(2, &[5])),
        wrap(0xa2, &wrap(2, &[10])),
        wrap(0xa3, &padata),
        wrap(0xa4, &body),
    ];
    let message = wrap(0x6a, &wrap(0x30, &fields.concat()));
    let length = u32::try_from(message.len()).unwrap_or_default();
    [&length.to_be_bytes()[..], &message].concat()
}

/// An element of DER with a length of four octets.
fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap_or_default();
    [&[tag, 0x84][..], &length.to_be_bytes(), content].concat()
}

fn create(to: &Path) -> Result<BufWriter<File>> {
    let file = File::create(to).with_context(|| to.display().to_string())?;
    Ok(BufWriter::new(file))
}

fn put(out: &mut impl Write, time: i64, octets: &[u8]) -> Result<()> {
    let frame = Frame {
        time: EventTime::from_unix_nanoseconds(time),
        packet: 0,
        link: LinkType::ETHERNET,
        data: octets,
        original_length: u32::try_from(octets.len())?,
    };
    pcap_packet(out, &frame)
}

/// Whether the packet at this place is one of so many in a hundred; the same in every run.
const fn chance(place: u64, percent: u32) -> bool {
    let mixed = place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    mixed % 100 < percent as u64
}

/// So that a run takes long beside the tick of the CPU clock.
const PASSES: u32 = 4;

/// Places that a late packet is late.
const LATE: u64 = 20;

const MESSAGES: u32 = 500;
const SEGMENT: usize = 1_448;
const SECOND: i64 = 1_000_000_000;
