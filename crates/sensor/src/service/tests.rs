use super::*;
use crate::spool::Spool;
use crate::uplink::identity::{Joined, Parts, store};
use crate::{Input, Sensor, SensorOptions, wire};
use realmward_event::batch::Batch;
use realmward_event::{Event, Source};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

pub(super) fn captures(names: &[&str]) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/captures");
    names.iter().map(|it| folder.join(it)).collect()
}

/// A sensor that has joined a server which is never there.
pub(super) fn joined() -> (tempfile::TempDir, Options) {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let joined = Joined {
        server: "https://127.0.0.1:1".to_owned(),
        sensor: 1,
        name: "tap".to_owned(),
        renew_after: u64::MAX,
    };
    let parts = Parts {
        certificate: &certificate,
        key: &key,
        authority: &certificate,
    };
    store(folder.path(), &joined, &parts).unwrap();
    let options = Options {
        target: Target::Server(None),
        state: folder.path().to_owned(),
        spool_octets: 1 << 28,
        evidence_octets: 1 << 24,
        patience: Duration::ZERO,
        stop: Arc::default(),
        confinement: String::new(),
        ceiling: crate::Ceiling::default(),
        guard: crate::Guard::default(),
    };
    (folder, options)
}

pub(super) fn spooled(options: &Options) -> Vec<Batch> {
    let mut spool = Spool::open(&options.state.join("spool"), 1 << 28).unwrap();
    let mut batches = Vec::new();
    while let Some((sequence, octets)) = spool.oldest().unwrap() {
        batches.push(wire::decode(&octets).unwrap());
        spool.acknowledge(sequence).unwrap();
    }
    batches
}

pub(super) fn events(batches: &[Batch]) -> Vec<Event> {
    batches.iter().flat_map(|it| it.events.clone()).collect()
}

pub(super) fn expected(paths: &[PathBuf]) -> Vec<Event> {
    let inputs = paths.iter().cloned().map(Input::Path).collect();
    let mut all = Vec::new();
    Sensor::new(SensorOptions::default()).run(inputs, |batch| all.extend(batch), |_| {});
    all
}

#[test]
fn batches_hold_what_analysis_sees_and_the_packets_that_prove_it() {
    let paths = captures(&["a14_pass_the_hash.pcap.zst", "a01_dcsync_krbtgt.pcap.zst"]);
    let (_folder, options) = joined();
    let summary = read(&paths, &options).unwrap();
    let batches = spooled(&options);
    assert_eq!(events(&batches), expected(&paths));
    assert_eq!(
        summary.facts.values().sum::<u64>(),
        events(&batches).len() as u64
    );
    assert_eq!(summary.waiting_batches, batches.len() as u64);
    for batch in &batches {
        let brought: BTreeSet<_> = batch.packets.iter().map(|it| it.packet).collect();
        assert_eq!(
            brought.len(),
            batch.packets.len(),
            "a packet is there twice"
        );
        let named: BTreeSet<_> = batch.events.iter().flat_map(|it| &it.evidence).collect();
        assert!(named.iter().all(|it| brought.contains(it)));
        assert_eq!(named.len(), brought.len());
    }
    assert!(batches.iter().any(|it| it.health.is_some()));
}

#[test]
fn a_run_that_was_broken_off_tells_each_event_once() {
    // More than one stretch of packets, so that the stop leaves a rest.
    let paths = captures(&[
        "a22_bloodhound.pcap.zst",
        "b03_dc2_join.pcap.zst",
        "a28_smbexec.pcap.zst",
    ]);
    let (_folder, options) = joined();
    options.stop.store(true, Ordering::Relaxed);
    read(&paths, &options).unwrap();
    let before = events(&spooled(&options));
    options.stop.store(false, Ordering::Relaxed);
    read(&paths, &options).unwrap();
    let after = events(&spooled(&options));
    assert!(!before.is_empty() && !after.is_empty());
    assert_eq!([before, after].concat(), expected(&paths));
}

#[test]
fn two_runs_share_no_flow_and_no_packet() {
    let paths = captures(&["a14_pass_the_hash.pcap.zst"]);
    let (_folder, options) = joined();
    let runs = [(); 2].map(|()| {
        read(&paths, &options).unwrap();
        events(&spooled(&options))
    });
    let [first, second] = runs.each_ref().map(|run| {
        let flows = run.iter().map(|it| match it.source {
            Source::Wire(flow) => flow.0,
            _ => 0,
        });
        let packets = run.iter().flat_map(|it| it.evidence.clone());
        (
            flows.collect::<BTreeSet<_>>(),
            packets.collect::<BTreeSet<_>>(),
        )
    });
    assert!(first.0.is_disjoint(&second.0));
    assert!(first.1.is_disjoint(&second.1));
    let facts = runs.map(|run| run.into_iter().map(|it| it.fact).collect::<Vec<_>>());
    assert_eq!(facts[0], facts[1]);
}

#[test]
fn a_full_spool_makes_files_wait_and_a_pipe_drop_and_say_so() {
    let path = captures(&["b03_dc2_join.pcap.zst"]);
    let (_folder, mut options) = joined();
    options.spool_octets = 2000;
    let stop = Arc::clone(&options.stop);
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        stop.store(true, Ordering::Relaxed);
    });
    let fault = read(&path, &options).unwrap_err();
    assert!(fault.to_string().contains("full"), "{fault}");
    stopper.join().unwrap();
    options.stop.store(false, Ordering::Relaxed);
    options.spool_octets = 1 << 28;
    read(&path, &options).unwrap();
    let batches = spooled(&options);
    assert_eq!(events(&batches), expected(&path));
    assert!(batches.iter().all(|it| it.dropped == 0));

    let (_folder, mut options) = joined();
    options.spool_octets = 2000;
    let packed = std::fs::read(&path[0]).unwrap();
    let summary = pipe(io::Cursor::new(packed.clone()), &options).unwrap();
    assert!(0 < summary.dropped_batches);
    options.spool_octets = 1 << 28;
    pipe(io::Cursor::new(packed), &options).unwrap();
    let told: u64 = spooled(&options).iter().map(|it| it.dropped).sum();
    assert_eq!(told, summary.dropped_batches);
}

/// A pipe whose writer says when more comes.
struct Slow(mpsc::Receiver<Vec<u8>>, Vec<u8>);

impl Read for Slow {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.1.is_empty() {
            self.1 = self.0.recv().unwrap_or_default();
        }
        let count = room.len().min(self.1.len());
        room[..count].copy_from_slice(&self.1[..count]);
        self.1.drain(..count);
        Ok(count)
    }
}

#[test]
fn what_a_pipe_brought_is_told_within_seconds_though_nothing_follows() {
    let path = captures(&["a14_pass_the_hash.pcap.zst"]);
    let packed = std::fs::read(&path[0]).unwrap();
    let plain = zstd::decode_all(packed.as_slice()).unwrap();
    let (_folder, options) = joined();
    let (more, source) = mpsc::channel();
    let working = std::thread::spawn({
        let options = options.clone();
        move || pipe(Slow(source, Vec::new()), &options)
    });
    more.send(plain).unwrap();
    // The writer stays and is silent; batches are on disk all the same.
    let folder = options.state.join("spool");
    let mut octets = 0;
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(50));
        let entries = std::fs::read_dir(&folder).into_iter().flatten();
        let segments = entries.filter_map(|it| it.ok()?.metadata().ok());
        octets = segments.map(|it| it.len()).sum();
        if 1000 < octets {
            break;
        }
    }
    assert!(1000 < octets, "nothing was spooled");
    options.stop.store(true, Ordering::Relaxed);
    working.join().unwrap().unwrap();
    let facts = |events: Vec<Event>| events.into_iter().map(|it| it.fact).collect::<Vec<_>>();
    assert_eq!(facts(events(&spooled(&options))), facts(expected(&path)));
    drop(more);
}

#[cfg(target_os = "linux")]
#[test]
fn an_interface_is_watched_until_stopped() {
    let live_options = LiveOptions {
        interface: "lo".to_owned(),
        workers: 2,
        ring_octets: 4 << 20,
    };
    let (_folder, options) = joined();
    let working = std::thread::spawn({
        let options = options.clone();
        move || interface(&live_options)?.follow(&options)
    });
    // A question and its answer of DNS, sent by hand.
    let server = std::net::UdpSocket::bind("127.0.0.1:53");
    let client = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    std::thread::sleep(Duration::from_millis(1000));
    if let Ok(server) = &server {
        let name = b"\x03dc1\x04corp\x07example\x00\x00\x01\x00\x01";
        let question = [
            &b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"[..],
            name,
        ]
        .concat();
        let answer = [
            &b"\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"[..],
            name,
            b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x0a\x00\x00\x05",
        ]
        .concat();
        client.send_to(&question, "127.0.0.1:53").unwrap();
        server
            .send_to(&answer, client.local_addr().unwrap())
            .unwrap();
        std::thread::sleep(Duration::from_millis(500));
    }
    options.stop.store(true, Ordering::Relaxed);
    match working.join().unwrap() {
        Ok(summary) => {
            assert!(2 <= summary.packets || server.is_err());
            assert_eq!(summary.dropped_packets, 0);
            let told = events(&spooled(&options));
            assert!(!told.is_empty() || server.is_err());
        }
        // Where tests may not open an interface.
        Err(error) => assert!(format!("{error:#}").contains("CAP_NET_RAW"), "{error:#}"),
    }
}

#[test]
fn a_sensor_that_has_not_joined_says_how() {
    let (folder, options) = joined();
    std::fs::remove_file(folder.path().join("joined.json")).unwrap();
    let fault = read(&captures(&["a14_pass_the_hash.pcap.zst"]), &options).unwrap_err();
    assert!(fault.to_string().contains("join https://"), "{fault}");
    let _: &AtomicBool = &options.stop;
}

/// The child of the test below: reads and is killed.
#[test]
fn child_that_is_killed() {
    let Some(state) = std::env::var_os("STATE_OF_CHILD") else {
        return;
    };
    let options = Options {
        target: Target::Server(None),
        state: state.into(),
        spool_octets: 1 << 28,
        evidence_octets: 1 << 24,
        patience: Duration::ZERO,
        stop: Arc::default(),
        confinement: String::new(),
        ceiling: crate::Ceiling::default(),
        guard: crate::Guard::default(),
    };
    read(&killed_captures(), &options).unwrap();
}

fn killed_captures() -> Vec<PathBuf> {
    let names = [
        "a22_bloodhound",
        "b03_dc2_join",
        "a28_smbexec",
        "a27_psexec",
        "b19_winbind_member",
    ];
    captures(
        &names
            .map(|it| format!("{it}.pcap.zst"))
            .each_ref()
            .map(String::as_str),
    )
}

#[test]
fn a_sensor_that_is_killed_at_any_point_and_started_again_tells_each_event_once() {
    let expected = expected(&killed_captures());
    for round in 0_u64..4 {
        let (_folder, options) = joined();
        let mut killed = 0;
        for attempt in 0..4 {
            let mut child = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "service::tests::child_that_is_killed"])
                .env("STATE_OF_CHILD", &options.state)
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(
                30 + (round * 37 + attempt * 61) % 190,
            ));
            killed += u32::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let told_whole = std::fs::read_to_string(options.state.join("run.json"))
            .is_ok_and(|it| it.contains("\"finished\":true"));
        if !told_whole {
            read(&killed_captures(), &options).unwrap();
        }
        let batches = spooled(&options);
        assert!(
            batches
                .windows(2)
                .all(|it| it[0].sequence + 1 == it[1].sequence)
        );
        // A run that was whole before a later attempt was begun anew by it; this looks at the first.
        let told = events(&batches);
        assert_eq!(
            told[..expected.len()],
            expected,
            "round {round}, {killed} killed"
        );
    }
}
