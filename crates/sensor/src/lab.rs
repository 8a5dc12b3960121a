//! The sensor over the lab's captures: the same events for any number of workers, and evidence.

use crate::{CaptureFault, Input, Sensor, SensorOptions, SensorStats, extract};
use realmward_event::Event;
use realmward_stream::CaptureReader;
use realmward_vocab::{FileId, Order, PacketRef};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(crate) fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/captures");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "zst"))
        .collect();
    paths.sort();
    assert!(10 < paths.len());
    paths
}

pub(crate) fn run(paths: &[PathBuf], workers: usize) -> (Vec<Event>, SensorStats) {
    let inputs = paths.iter().cloned().map(Input::Path).collect();
    let mut events = Vec::new();
    let stats =
        Sensor::new(SensorOptions { workers }).run(inputs, |batch| events.extend(batch), |_| {});
    (events, stats)
}

#[test]
fn events_and_counts_are_the_same_for_any_number_of_workers() {
    let paths = captures();
    let (expected, stats) = run(&paths, 1);
    assert!(!expected.is_empty(), "the lab's captures tell nothing");
    assert_eq!(stats.events_total(), expected.len() as u64);
    for workers in [2, 3, 8, 16] {
        let (events, others) = run(&paths, workers);
        for (event, other) in expected.iter().zip(&events) {
            assert_eq!(event, other, "{workers} workers");
        }
        assert_eq!(events.len(), expected.len(), "{workers} workers");
        assert_eq!(others.counters, stats.counters, "{workers} workers");
        assert_eq!(others.tcp, stats.tcp, "{workers} workers");
        assert_eq!(others.files, stats.files, "{workers} workers");
    }
}

#[test]
fn events_come_in_one_total_order_and_name_packets_that_exist() {
    let paths = captures();
    let (events, stats) = run(&paths, 2);
    let orders: Vec<Order> = events.iter().map(|event| event.order).collect();
    assert!(orders.windows(2).all(|pair| pair[0] < pair[1]));
    for event in &events {
        assert!(!event.evidence.is_empty(), "{event:?}");
        for packet in &event.evidence {
            let file = &stats.files[packet.file.0 as usize];
            assert!((1..=file.packets).contains(&packet.packet), "{event:?}");
        }
    }
    assert!(
        stats
            .counters
            .limits
            .iter()
            .all(|(name, _)| *name != "dissector_panic")
    );
}

#[test]
fn evidence_is_copied_packet_for_packet() {
    let paths = captures()[..2].to_vec();
    let wanted: Vec<PacketRef> = [(0, 3), (1, 2), (0, 1), (0, 3), (1, 1_000_000)]
        .map(|(file, packet)| PacketRef {
            file: FileId(file),
            packet,
        })
        .to_vec();
    let mut out = Vec::new();
    let report = extract(&paths, &wanted, &mut out).unwrap();
    assert_eq!(
        (report.written, report.missing, report.pcapng),
        (3, 1, false)
    );
    let mut copied = read(CaptureReader::new(
        "it".into(),
        Box::new(std::io::Cursor::new(out)),
    ));
    let mut originals = Vec::new();
    for reference in wanted.iter().collect::<BTreeSet<_>>() {
        let all = read(CaptureReader::open(&paths[reference.file.0 as usize]));
        originals.extend(
            all.into_iter()
                .nth(usize::try_from(reference.packet).unwrap() - 1),
        );
    }
    assert!(copied.is_sorted_by_key(|(time, ..)| *time));
    copied.sort();
    originals.sort();
    assert_eq!(copied, originals);
}

type Copied = (i64, u16, u32, Vec<u8>);

fn read(reader: Result<CaptureReader, CaptureFault>) -> Vec<Copied> {
    let mut reader = reader.unwrap();
    let mut seen = Vec::new();
    while reader.advance().unwrap() {
        let frame = reader.frame();
        let time = frame.time.unix_nanoseconds();
        seen.push((
            time,
            frame.link.0,
            frame.original_length,
            frame.data.to_vec(),
        ));
    }
    seen
}

#[test]
fn packets_of_different_link_types_become_pcapng() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = [1_u32, 101]
        .map(|link| {
            let path = folder.path().join(link.to_string());
            let mut file = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, link]
                .map(u32::to_le_bytes)
                .concat();
            file.extend([7, 9, 3, 5].map(u32::to_le_bytes).concat());
            file.extend(b"abc");
            std::fs::write(&path, file).unwrap();
            path
        })
        .to_vec();
    let wanted = [0, 1].map(|file| PacketRef {
        file: FileId(file),
        packet: 1,
    });
    let mut out = Vec::new();
    let report = extract(&paths, &wanted, &mut out).unwrap();
    assert!(report.pcapng);
    let time = 7_000_009_000;
    let expected = [1, 101].map(|link| (time, link, 5, b"abc".to_vec()));
    let copied = read(CaptureReader::new(
        "it".into(),
        Box::new(std::io::Cursor::new(out)),
    ));
    assert_eq!(copied, expected);
}
