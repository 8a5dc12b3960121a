//! The pages of a server that has seen real attacks.

use crate::engine::Engine;
use crate::web::secret::Secret;
use crate::web::state::now;
use realmward_event::Event;
use realmward_event::batch::{Batch, EvidencePacket, SensorHealth};
use realmward_pipeline::PipelineSettings;
use realmward_store::{SensorId, Store, Token};
use realmward_testkit::run::{events, fixtures};
use realmward_vocab::EventTime;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// What happened in a week, shifted so that it ended a moment ago.
fn story() -> Vec<Event> {
    let mut told = Vec::new();
    for name in STORY {
        let path = fixtures().join(format!("captures/{name}.pcap.zst"));
        told.extend(events(&[path]).unwrap());
    }
    told.sort_by_key(|it| it.time);
    let last = told.last().unwrap().time.unix_nanoseconds();
    let shift = now().unix_nanoseconds() - last - 90_000_000_000;
    for event in &mut told {
        let time = event.time.unix_nanoseconds() + shift;
        event.time = EventTime::from_unix_nanoseconds(time);
    }
    told
}

/// Fills a store as two sensors and the engine would.
fn fill(store: &Store, events: &[Event]) {
    let sensors = ["dc1-mirror", "branch-mirror"].map(|name| enrol(store, name));
    let engine = Engine::start(store, &PipelineSettings::default()).unwrap();
    for (sequence, events) in (1..).zip(events.chunks(500)) {
        let batch = Batch {
            sequence,
            events: events.to_vec(),
            packets: packets(events),
            health: Some(health(sequence)),
            ..Batch::default()
        };
        engine.take(sensors[0], &batch, now()).unwrap();
    }
    assert!(engine.wait_for(store.appended().unwrap(), Duration::from_secs(120)));
    engine.stop();
}

fn packets(events: &[Event]) -> Vec<EvidencePacket> {
    let named = events.iter().flat_map(|event| {
        let packets = event.evidence.iter().copied();
        packets.map(|packet| (packet, event.time))
    });
    let unique: BTreeMap<_, _> = named.collect();
    unique
        .into_iter()
        .map(|(packet, time)| EvidencePacket {
            packet,
            time,
            link_type: 1,
            octets_on_wire: 120,
            octets: vec![0x42; 120],
        })
        .collect()
}

fn health(sequence: u64) -> SensorHealth {
    SensorHealth {
        time: now(),
        version: "0.1.0".into(),
        input: "interface eth1".into(),
        span_s: 60.0,
        packets: 48_213 * sequence,
        octets: 31_200_000 * sequence,
        dropped_packets: if sequence == 3 { 17 } else { 0 },
        connections: 900,
        one_sided_connections: 4,
        lag_s: 0.4,
        memory_peak_octets: 48 << 20,
        ..SensorHealth::default()
    }
}

fn enrol(store: &Store, name: &str) -> SensorId {
    let token = Token {
        purpose: "sensor".into(),
        subject: name.into(),
        expires: EventTime::from_unix_seconds(9_000_000_000),
    };
    let hash = Secret::fresh().unwrap().hash();
    store.put_token(hash, &token).unwrap();
    let sensor = store.enrol(hash, name, name, now()).unwrap();
    sensor.unwrap().id
}

/// For eyes: `REALMWARD_LOOK=DIR cargo test -p realmward-server fill_a_folder -- --ignored`, then
/// `realmward-server serve --data DIR`.
#[test]
#[ignore = "fills a folder to look at"]
fn fill_a_folder_to_look_at() {
    let folder = std::env::var("REALMWARD_LOOK").unwrap();
    let store = Store::open(Path::new(&folder)).unwrap();
    fill(&store, &story());
}

const STORY: &[&str] = &[
    "b03_dc2_join",
    "b05_kinit_aes",
    "b06_service_tickets",
    "b07_smb_kerberos",
    "b09_ldap_simple",
    "a04_kerberoast_rc4",
    "a08_kerb_spray",
    "a14_pass_the_hash",
    "a22_bloodhound",
    "a27_psexec",
    "a01_dcsync_krbtgt",
    "a20_pass_the_ticket",
    "a34_add_computer",
    "a40_coercion",
];
