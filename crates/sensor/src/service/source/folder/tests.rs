use super::super::super::tests::{captures, events, expected, joined, spooled};
use super::*;
use crate::service::Target;
use realmward_event::{Endpoint, Event, Fact};
use std::io::Write as _;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A pcap's header, and its packets.
fn parts(path: &Path) -> (Vec<u8>, Vec<Vec<u8>>) {
    let plain = zstd::decode_all(fs::File::open(path).unwrap()).unwrap();
    let (header, mut rest) = plain.split_at(24);
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest[8..12].try_into().unwrap());
        let (packet, left) = rest.split_at(16 + usize::try_from(length).unwrap());
        packets.push(packet.to_vec());
        rest = left;
    }
    (header.to_vec(), packets)
}

fn start(follow: &FolderOptions, options: &Options) -> JoinHandle<Summary> {
    let (follow, options) = (follow.clone(), options.clone());
    std::thread::spawn(move || folder(&follow).unwrap().follow(&options).unwrap())
}

fn stop(working: JoinHandle<Summary>, options: &Options) -> Summary {
    options.stop.store(true, Ordering::Relaxed);
    let summary = working.join().unwrap();
    options.stop.store(false, Ordering::Relaxed);
    summary
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "never {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn said(events: Vec<Event>) -> Vec<(Endpoint, Endpoint, Fact)> {
    let said = events.into_iter();
    said.map(|it| (it.client, it.server, it.fact)).collect()
}

fn begun_name(options: &Options) -> String {
    let text = fs::read_to_string(options.state.join("folder.json")).unwrap_or_default();
    let written: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    written["begun"]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn files_that_appear_and_grow_are_read_once_in_order_over_a_restart_and_deleted() {
    let whole = captures(&["a14_pass_the_hash.pcap.zst"]);
    let expected = said(expected(&whole));
    let (header, packets) = parts(&whole[0]);
    let (_state, options) = joined();
    let place = tempfile::tempdir().unwrap();
    let follow = FolderOptions {
        folder: place.path().to_owned(),
        delete: true,
    };
    let at = |name: &str| place.path().join(name);
    let (first, rest) = packets.split_at(packets.len() / 3);
    let (second, third) = rest.split_at(rest.len() / 2);
    fs::write(at("notes.txt"), "no capture at all").unwrap();
    fs::write(at("dc1.pcap9"), [header.clone(), first.concat()].concat()).unwrap();
    let working = start(&follow, &options);
    until("begun", || begun_name(&options) == "dc1.pcap9");
    // The next one grows packet by packet, cut within one.
    let mut growing = fs::File::create(at("dc1.pcap10")).unwrap();
    growing.write_all(&header).unwrap();
    let octets = second.concat();
    let (now, later) = octets.split_at(octets.len() / 2 + 7);
    growing.write_all(now).unwrap();
    until("gone on", || begun_name(&options) == "dc1.pcap10");
    until("deleted", || !at("dc1.pcap9").exists());
    std::thread::sleep(Duration::from_millis(1500));
    let first_run = stop(working, &options);
    assert!(first_run.input_faults.is_empty(), "{first_run:?}");
    let before = events(&spooled(&options));
    growing.write_all(later).unwrap();
    drop(growing);
    fs::write(at("dc1.pcap11"), [header, third.concat()].concat()).unwrap();
    let working = start(&follow, &options);
    until("at the last", || begun_name(&options) == "dc1.pcap11");
    std::thread::sleep(Duration::from_millis(1500));
    stop(working, &options);
    let after = events(&spooled(&options));
    assert!(!before.is_empty() && !after.is_empty());
    let orders: Vec<_> = before.iter().chain(&after).map(|it| it.order).collect();
    assert!(orders.is_sorted_by(|a, b| a < b), "an event was told twice");
    // The restart forgot the connections of the first file: some facts may be missing, none is told
    // twice. What this capture tells is within the files.
    let told = said([before, after].concat());
    assert!(told.iter().all(|it| expected.contains(it)), "{told:#?}");
    assert!(at("notes.txt").exists());
    assert!(!at("dc1.pcap10").exists() && at("dc1.pcap11").exists());
}

#[test]
fn a_rotation_without_a_restart_tells_what_the_whole_capture_tells() {
    let whole = captures(&["b06_service_tickets.pcap.zst"]);
    let expected = said(expected(&whole));
    let (header, packets) = parts(&whole[0]);
    let (_state, mut options) = joined();
    options.target = Target::Server(None);
    let place = tempfile::tempdir().unwrap();
    let follow = FolderOptions {
        folder: place.path().to_owned(),
        delete: false,
    };
    for (number, some) in packets.chunks(packets.len().div_ceil(5)).enumerate() {
        let file = [header.clone(), some.concat()].concat();
        let path = place.path().join(format!("b{number}.pcap"));
        fs::write(&path, file).unwrap();
        // As if written a while ago, the last ones with the same time.
        let old = std::time::SystemTime::now() - Duration::from_secs(60);
        let file = fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(old).unwrap();
    }
    let working = start(&follow, &options);
    until("at the last", || begun_name(&options) == "b4.pcap");
    std::thread::sleep(Duration::from_millis(700));
    let summary = stop(working, &options);
    assert_eq!(summary.packets, packets.len() as u64);
    // Those that end with their connection at the end of the capture wait for what follows.
    let told = said(events(&spooled(&options)));
    assert!(expected.starts_with(&told) || told.iter().all(|it| expected.contains(it)));
    assert!(
        expected.len() <= told.len() + 4,
        "{} of {}",
        told.len(),
        expected.len()
    );
    // Started again, all but the last are known, and of the last nothing is told again.
    let working = start(&follow, &options);
    std::thread::sleep(Duration::from_millis(1500));
    let summary = stop(working, &options);
    assert!(summary.packets < packets.len() as u64 / 4, "{summary:?}");
    assert_eq!(said(events(&spooled(&options))), []);
}

#[test]
fn a_restart_amid_a_file_loses_nothing_of_its_conversations_and_repeats_nothing() {
    let whole = captures(&["a07_kerb_userenum.pcap.zst"]);
    let words = |events: Vec<Event>| -> Vec<String> {
        let mut words: Vec<_> = said(events).iter().map(|it| format!("{it:?}")).collect();
        words.sort_unstable();
        words
    };
    let whole_events = expected(&whole);
    let last = whole_events.iter().map(|it| it.time).max().unwrap();
    let expected = words(whole_events);
    let (header, packets) = parts(&whole[0]);
    // Hours later the same again: all that was under way before is over then.
    let later: Vec<Vec<u8>> = (packets.iter().cloned())
        .map(|mut packet| {
            let second = u32::from_le_bytes(packet[..4].try_into().unwrap()) + 4 * 3600;
            packet[..4].copy_from_slice(&second.to_le_bytes());
            packet
        })
        .collect();
    for cut in [3, 2] {
        let (_state, options) = joined();
        let place = tempfile::tempdir().unwrap();
        let follow = FolderOptions {
            folder: place.path().to_owned(),
            delete: false,
        };
        let octets = packets.concat();
        let (now, rest) = octets.split_at(octets.len() / cut + 5);
        let mut growing = fs::File::create(place.path().join("dc1.pcap1")).unwrap();
        growing.write_all(&[&header[..], now].concat()).unwrap();
        let working = start(&follow, &options);
        until("begun", || begun_name(&options) == "dc1.pcap1");
        std::thread::sleep(Duration::from_millis(1500));
        stop(working, &options);
        let before = events(&spooled(&options));
        assert!(!before.is_empty(), "nothing was told before the restart");
        growing.write_all(rest).unwrap();
        drop(growing);
        let second = [header.clone(), later.concat()].concat();
        fs::write(place.path().join("dc1.pcap2"), second).unwrap();
        let working = start(&follow, &options);
        until("at the last", || begun_name(&options) == "dc1.pcap2");
        std::thread::sleep(Duration::from_millis(1500));
        stop(working, &options);
        let mut told = [before, events(&spooled(&options))].concat();
        assert!(told.is_sorted_by(|a, b| a.order < b.order), "told twice");
        told.retain(|it| it.time <= last);
        assert_eq!(words(told), expected, "cut at one of {cut}");
    }
}
