//! Mirrored traffic tells what the traffic tells: captures of the lab in every tunnel, made here, and
//! in those that Open vSwitch made.

use crate::lab::{captures, run};
use crate::{Input, Sensor, SensorOptions};
use realmward_event::{Endpoint, Event, Fact};
use realmward_stream::{CaptureReader, LinkType, Tunnel};
use realmward_vocab::EventTime;
use std::path::{Path, PathBuf};

/// A frame of a capture.
struct Whole {
    time: EventTime,
    data: Vec<u8>,
}

fn frames(path: &Path) -> Vec<Whole> {
    let mut reader = CaptureReader::open(path).unwrap();
    let mut frames = Vec::new();
    while reader.advance().unwrap() {
        let frame = reader.frame();
        assert_eq!(frame.link, LinkType::ETHERNET);
        frames.push(Whole {
            time: frame.time,
            data: frame.data.to_vec(),
        });
    }
    frames
}

/// A pcap of packets that begin with IP.
fn capture(packets: impl Iterator<Item = (EventTime, Vec<u8>)>) -> Input {
    let mut file = [0xa1b2_3c4d_u32, 0x0004_0002, 0, 0, 262_144, 101]
        .map(u32::to_le_bytes)
        .concat();
    for (time, packet) in packets {
        let nanoseconds = u64::try_from(time.unix_nanoseconds()).unwrap();
        let (second, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        let length = packet.len() as u64;
        for field in [second, rest, length, length] {
            file.extend(u32::try_from(field).unwrap().to_le_bytes());
        }
        file.extend(packet);
    }
    Input::Stream("wrapped".to_owned(), Box::new(std::io::Cursor::new(file)))
}

fn events(input: Input, workers: usize) -> (Vec<Event>, [u64; Tunnel::ALL.len()]) {
    let mut events = Vec::new();
    let sensor = Sensor::new(SensorOptions { workers });
    let stats = sensor.run(vec![input], |batch| events.extend(batch), |_| {});
    (events, stats.decode.tunnels)
}

/// An IPv4 packet from switch to sensor.
fn ipv4(protocol: u8, identification: u16, place: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
    let [id, place] = [identification, place].map(u16::to_be_bytes);
    let start = [
        0x45, 0, length[0], length[1], id[0], id[1], place[0], place[1],
    ];
    let ends = [192, 0, 2, 1, 192, 0, 2, 2];
    [&start[..], &[64, protocol, 0, 0], &ends, payload].concat()
}

fn udp(port: u16, parts: &[&[u8]]) -> Vec<u8> {
    let message = parts.concat();
    let length = u16::try_from(message.len() + 8).unwrap();
    let header = [49_152, port, length, 0].map(u16::to_be_bytes).concat();
    [header, message].concat()
}

/// How to put a frame of Ethernet into a tunnel: protocol and payload of the outer packet.
type Wrap = (Tunnel, fn(&[u8]) -> (u8, Vec<u8>));

const WRAPS: [Wrap; 12] = [
    (Tunnel::Ip, |frame| (4, frame[14..].to_vec())),
    (Tunnel::Gre, |frame| {
        (47, [&[0, 0, 8, 0][..], &frame[14..]].concat())
    }),
    (Tunnel::Gre, |frame| {
        (47, [&[0xb0, 0, 0x65, 0x58][..], &[7; 12], frame].concat())
    }),
    (Tunnel::Erspan, |frame| {
        (47, [&[0, 0, 0x88, 0xbe][..], frame].concat())
    }),
    (Tunnel::Erspan, |frame| {
        let header = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 9, 0x10, 5, 8, 100, 0, 0, 0, 1];
        (47, [&header[..], frame].concat())
    }),
    (Tunnel::Erspan, |frame| {
        let gre = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 9];
        let header = [0x20, 5, 8, 100, 1, 2, 3, 4, 0, 0, 0, 1];
        (47, [&gre[..], &header, &[0xee; 8], frame].concat())
    }),
    (Tunnel::Mpls, |frame| {
        (
            137,
            [&[0, 1, 0, 64, 0, 2, 1, 64][..], &frame[14..]].concat(),
        )
    }),
    (Tunnel::Vxlan, |frame| {
        (17, udp(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0], frame]))
    }),
    (Tunnel::Geneve, |frame| {
        let options = [2, 0, 0x65, 0x58, 0, 0, 42, 0, 1, 2, 3, 1, 9, 9, 9, 9];
        (17, udp(6081, &[&options, frame]))
    }),
    (Tunnel::Tzsp, |frame| {
        (17, udp(37_008, &[&[1, 0, 0, 1, 10, 1, 0xc8, 1], frame]))
    }),
    // A mirror of a cloud's overlay: VXLAN in ERSPAN.
    (Tunnel::Vxlan, |frame| {
        let vxlan = udp(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0], frame]);
        let outer = [&[0; 12][..], &[8, 0], &ipv4(17, 1, 0, &vxlan)].concat();
        (47, [&[0, 0, 0x88, 0xbe][..], &outer].concat())
    }),
    // IP in IP in IP.
    (Tunnel::Ip, |frame| (4, ipv4(4, 1, 0, &frame[14..]))),
];

fn chosen() -> Vec<PathBuf> {
    let names = ["a14_pass", "a07_kerb", "b06_serv", "a26_dns", "a28_smb"];
    let chosen = |path: &PathBuf| names.iter().any(|it| path.to_string_lossy().contains(it));
    captures().into_iter().filter(chosen).collect()
}

#[test]
fn a_capture_in_any_tunnel_tells_the_same_of_the_same_packets() {
    for path in chosen() {
        let (expected, _) = run(std::slice::from_ref(&path), 1);
        assert!(!expected.is_empty());
        let frames = frames(&path);
        for (place, (tunnel, wrap)) in WRAPS.iter().enumerate() {
            let wrapped = || {
                let packets = frames.iter().zip(0_u16..).map(|(frame, number)| {
                    let (protocol, payload) = wrap(&frame.data);
                    (frame.time, ipv4(protocol, number, 0, &payload))
                });
                capture(packets)
            };
            let (told, tunnels) = events(wrapped(), 1);
            assert_eq!(told, expected, "{} in wrap {place}", path.display());
            assert!(frames.len() as u64 <= tunnels[*tunnel as usize]);
            assert_eq!(events(wrapped(), 3).0, expected);
        }
    }
}

fn said(events: Vec<Event>) -> Vec<(Endpoint, Endpoint, Fact)> {
    let said = events.into_iter();
    said.map(|it| (it.client, it.server, it.fact)).collect()
}

#[test]
fn a_tunnel_in_fragments_tells_the_same() {
    for path in chosen() {
        let (expected, _) = run(std::slice::from_ref(&path), 1);
        let frames = frames(&path);
        for (_, wrap) in &WRAPS[1..10] {
            let packets = frames.iter().zip(1_u16..).flat_map(|(frame, number)| {
                let (protocol, payload) = wrap(&frame.data);
                let (first, last) = payload.split_at(16);
                let parts = [
                    ipv4(protocol, number, 0x2000, first),
                    ipv4(protocol, number, 2, last),
                ];
                let [first, last] = parts.map(|part| (frame.time, part));
                // Every other one the wrong way round.
                if number.is_multiple_of(2) {
                    [last, first]
                } else {
                    [first, last]
                }
            });
            assert_eq!(said(events(capture(packets), 1).0), said(expected.clone()));
        }
    }
}

#[test]
fn a_packet_seen_plain_and_in_a_tunnel_tells_once() {
    for path in chosen() {
        let (expected, _) = run(std::slice::from_ref(&path), 1);
        let frames = frames(&path);
        for (_, wrap) in &WRAPS {
            let packets = frames.iter().zip(0_u16..).flat_map(|(frame, number)| {
                let (protocol, payload) = wrap(&frame.data);
                let outer = ipv4(protocol, number, 0, &payload);
                let later = frame
                    .time
                    .saturating_add(std::time::Duration::from_micros(300));
                [(frame.time, frame.data[14..].to_vec()), (later, outer)]
            });
            assert_eq!(
                said(events(capture(packets), 1).0),
                said(expected.clone()),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn what_open_vswitch_mirrors_tells_what_the_plain_capture_tells() {
    let plain: Vec<PathBuf> = captures()
        .into_iter()
        .filter(|it| it.ends_with("a14_pass_the_hash.pcap.zst"))
        .collect();
    let expected = said(run(&plain, 1).0);
    let folder = plain[0].with_file_name("../tunnels");
    for (name, tunnel) in [
        ("gre_key_checksum", Tunnel::Gre),
        ("erspan_2", Tunnel::Erspan),
        ("erspan_3", Tunnel::Erspan),
        ("geneve_options", Tunnel::Geneve),
        ("vxlan", Tunnel::Vxlan),
    ] {
        let path = folder.join(format!("{name}.pcap.zst"));
        let (told, stats) = run(&[path], 1);
        assert_eq!(said(told), expected, "{name}");
        assert_eq!(stats.packets, stats.decode.tunnels[tunnel as usize]);
    }
}
