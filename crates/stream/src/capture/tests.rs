use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Cursor, Write as _};

/// Numbers in one byte order.
#[derive(Clone, Copy)]
struct Order(bool);

impl Order {
    fn u16(self, value: u16) -> Vec<u8> {
        if self.0 {
            value.to_be_bytes().to_vec()
        } else {
            value.to_le_bytes().to_vec()
        }
    }

    fn u32(self, value: u32) -> Vec<u8> {
        if self.0 {
            value.to_be_bytes().to_vec()
        } else {
            value.to_le_bytes().to_vec()
        }
    }

    fn u64(self, value: u64) -> Vec<u8> {
        if self.0 {
            value.to_be_bytes().to_vec()
        } else {
            value.to_le_bytes().to_vec()
        }
    }

    fn pcap(self, magic: u32, records: &[(u32, u32, &[u8])]) -> Vec<u8> {
        let mut file = [
            self.u32(magic),
            self.u16(2),
            self.u16(4),
            vec![0; 8],
            self.u32(65_535),
            self.u32(1),
        ]
        .concat();
        for (seconds, fraction, data) in records {
            let length = u32::try_from(data.len()).unwrap();
            for number in [*seconds, *fraction, length, length + 1] {
                file.extend(self.u32(number));
            }
            file.extend_from_slice(data);
        }
        file
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let padded = body.len().next_multiple_of(4);
        let length = u32::try_from(padded + 12).unwrap();
        let mut block = [self.u32(kind), self.u32(length), body.to_vec()].concat();
        block.resize(8 + padded, 0);
        block.extend(self.u32(length));
        block
    }

    fn section(self) -> Vec<u8> {
        let body = [
            self.u32(0x1a2b_3c4d),
            self.u16(1),
            self.u16(0),
            self.u64(u64::MAX),
        ];
        self.block(0x0a0d_0d0a, &body.concat())
    }

    /// `resolution` and `offset` become options.
    fn interface(
        self,
        link: u16,
        snap: u32,
        resolution: Option<u8>,
        offset: Option<i64>,
    ) -> Vec<u8> {
        let mut body = [self.u16(link), vec![0; 2], self.u32(snap)].concat();
        // A comment first, whose length is no multiple of four.
        body.extend([self.u16(1), self.u16(3), b"abc\0".to_vec()].concat());
        if let Some(resolution) = resolution {
            body.extend([self.u16(9), self.u16(1), vec![resolution, 0, 0, 0]].concat());
        }
        if let Some(offset) = offset {
            let offset = self.u64(offset.cast_unsigned());
            body.extend([self.u16(14), self.u16(8), offset].concat());
        }
        body.extend([0; 4]);
        self.block(1, &body)
    }

    fn enhanced(self, interface: u32, units: u64, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap();
        let numbers = [
            interface,
            u32::try_from(units >> 32).unwrap(),
            u32::try_from(units & 0xffff_ffff).unwrap(),
            length,
            length + 1,
        ];
        let mut body: Vec<u8> = numbers
            .iter()
            .flat_map(|number| self.u32(*number))
            .collect();
        body.extend_from_slice(data);
        body.resize(body.len().next_multiple_of(4), 0);
        // epb_flags, then the end of options.
        body.extend([self.u16(2), self.u16(4), self.u32(1), vec![0; 4]].concat());
        self.block(6, &body)
    }

    fn obsolete(self, units: u64, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap();
        let numbers = [
            u32::try_from(units >> 32).unwrap(),
            u32::try_from(units & 0xffff_ffff).unwrap(),
            length,
            length,
        ];
        let mut body = [self.u16(0), self.u16(0xffff)].concat();
        body.extend(numbers.iter().flat_map(|number| self.u32(*number)));
        body.extend_from_slice(data);
        self.block(2, &body)
    }

    fn simple(self, original: u32, data: &[u8]) -> Vec<u8> {
        self.block(3, &[self.u32(original), data.to_vec()].concat())
    }
}

const ORDERS: [Order; 2] = [Order(false), Order(true)];

/// Time in nanoseconds, link type, octets.
type Seen = (i64, u16, Vec<u8>);

fn read(file: &[u8]) -> (Vec<Seen>, Option<CaptureDamage>) {
    let source = Box::new(Cursor::new(file.to_vec()));
    let mut seen = Vec::new();
    let mut reader = match CaptureReader::new("test".into(), source) {
        Ok(reader) => reader,
        Err(fault) => return (seen, Some(fault.damage)),
    };
    loop {
        match reader.advance() {
            Ok(true) => {
                let frame = reader.frame();
                assert_eq!(frame.packet, seen.len() as u64 + 1);
                assert!(frame.data.len() <= frame.original_length as usize);
                let time = frame.time.unix_nanoseconds();
                seen.push((time, frame.link.0, frame.data.to_vec()));
            }
            Ok(false) => return (seen, None),
            Err(fault) => {
                assert_eq!(fault.packets, seen.len() as u64);
                assert_eq!(reader.advance(), Ok(false), "a fault is told once");
                return (seen, Some(fault.damage));
            }
        }
    }
}

fn small_pcapng(order: Order) -> Vec<u8> {
    [
        order.section(),
        order.interface(1, 4, None, None),
        order.interface(101, 0, Some(9), Some(100)),
        order.interface(228, 0, Some(0x80 | 10), Some(-1)),
        order.enhanced(0, 5_000_001, b"first"),
        order.block(0x0bad, b"a block nobody knows"),
        order.enhanced(1, 7, b"second"),
        order.enhanced(2, 2048 + 512, b"third"),
        order.simple(9, b"four"),
        order.obsolete(6_000_000, b"fifth"),
    ]
    .concat()
}

fn small_pcapng_seen() -> Vec<Seen> {
    vec![
        (5_000_001_000, 1, b"first".to_vec()),
        (100_000_000_007, 101, b"second".to_vec()),
        (1_500_000_000, 228, b"third".to_vec()),
        (1_500_000_000, 1, b"four".to_vec()),
        (6_000_000_000, 1, b"fifth".to_vec()),
    ]
}

#[test]
fn pcap_of_every_magic_is_read() {
    for order in ORDERS {
        for (magic, unit) in [(0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1)] {
            let file = order.pcap(magic, &[(1, 2, b"one"), (3, 4, b"")]);
            let expected = vec![
                (1_000_000_000 + 2 * unit, 1, b"one".to_vec()),
                (3_000_000_000 + 4 * unit, 1, Vec::new()),
            ];
            assert_eq!(read(&file), (expected, None), "{magic:x}");
        }
    }
}

#[test]
fn pcapng_interfaces_keep_their_own_clock_and_link_type() {
    for order in ORDERS {
        assert_eq!(read(&small_pcapng(order)), (small_pcapng_seen(), None));
    }
}

#[test]
fn a_new_section_has_its_own_byte_order_and_interfaces() {
    let [little, big] = ORDERS.map(small_pcapng);
    let twice = [small_pcapng_seen(), small_pcapng_seen()].concat();
    assert_eq!(read(&[little, big].concat()), (twice, None));
    let orphan = [
        ORDERS[0].section(),
        ORDERS[0].interface(1, 0, None, None),
        ORDERS[0].section(),
        ORDERS[0].enhanced(0, 1, b"x"),
    ];
    let damage = CaptureDamage::Malformed {
        field: "the interface of a packet",
    };
    assert_eq!(read(&orphan.concat()), (vec![], Some(damage)));
}

/// Cut at every octet, a file gives the packets before the cut, and a fault unless cut at an edge.
fn check_cuts(file: &[u8], edges: &[usize], first_packet_edge: usize) {
    let (whole, _) = read(file);
    for cut in 1..file.len() {
        let (seen, damage) = read(&file[..cut]);
        let packets = edges
            .iter()
            .filter(|edge| first_packet_edge <= **edge && **edge <= cut)
            .count();
        assert_eq!(seen.len(), packets, "cut at {cut}");
        assert_eq!(seen, whole[..packets], "cut at {cut}");
        assert_eq!(damage.is_none(), edges.contains(&cut), "cut at {cut}");
    }
}

#[test]
fn a_pcap_cut_anywhere_gives_what_stands_before_the_cut() {
    for order in ORDERS {
        let file = order.pcap(0xa1b2_c3d4, &[(1, 0, b"one"), (2, 0, b"two!")]);
        check_cuts(&file, &[24, 43, 63], 43);
    }
}

#[test]
fn a_pcapng_cut_anywhere_gives_what_stands_before_the_cut() {
    for order in ORDERS {
        let parts = [
            order.section(),
            order.interface(1, 0, None, None),
            order.enhanced(0, 1, b"one"),
            order.enhanced(0, 2, b"two!"),
        ];
        let mut edges = Vec::new();
        for part in &parts {
            edges.push(edges.last().unwrap_or(&0) + part.len());
        }
        check_cuts(&parts.concat(), &edges, edges[2]);
    }
}

#[test]
fn compressed_captures_are_told_by_their_magic_and_may_be_concatenated() {
    let file = small_pcapng(ORDERS[0]);
    let (head, tail) = file.split_at(77);
    let gzip = |part: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(part).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = |part: &[u8]| zstd::encode_all(part, 1).unwrap();
    let expected = (small_pcapng_seen(), None);
    assert_eq!(read(&[gzip(head), gzip(tail)].concat()), expected);
    assert_eq!(read(&[zstd(head), zstd(tail)].concat()), expected);
    let cut = &gzip(&file)[..gzip(&file).len() - 30];
    assert!(matches!(
        read(cut).1,
        Some(CaptureDamage::Unreadable(_) | CaptureDamage::Truncated { .. })
    ));
}

#[test]
fn lengths_that_cannot_be_are_faults_and_reserve_nothing() {
    let mut pcap = ORDERS[0].pcap(0xa1b2_c3d4, &[(1, 0, b"one")]);
    pcap.extend([[0; 8].to_vec(), vec![0xff; 8]].concat());
    let (seen, damage) = read(&pcap);
    assert_eq!(seen.len(), 1);
    let length = u64::from(u32::MAX);
    assert_eq!(
        damage,
        Some(CaptureDamage::Length {
            field: "a packet",
            length
        })
    );
    for length in [0_u32, 11, 12, 13, u32::MAX] {
        let block = [6_u32.to_le_bytes(), length.to_le_bytes(), [0; 4]].concat();
        let file = [ORDERS[0].section(), block].concat();
        assert!(read(&file).1.is_some(), "{length}");
    }
}

#[test]
fn what_is_no_capture_is_said_to_be_none() {
    assert_eq!(read(b""), (vec![], Some(CaptureDamage::Empty)));
    for file in [&b"abc"[..], b"not a capture at all", b"\x0a\x0d\x0d"] {
        assert_eq!(read(file), (vec![], Some(CaptureDamage::UnknownFormat)));
    }
}

#[test]
fn a_fault_names_file_place_and_damage() {
    let file = ORDERS[0].pcap(0xa1b2_c3d4, &[(1, 0, b"one")]);
    let source = Box::new(Cursor::new(file[..file.len() - 1].to_vec()));
    let mut reader = CaptureReader::new("some.pcap".into(), source).unwrap();
    assert_eq!(
        reader.advance().unwrap_err().to_string(),
        "some.pcap: the file ends within a packet, with 1 or more bytes missing, at byte 24, after 0 packets"
    );
}
