//! The pages of a server that has seen real attacks.

mod stories;

use crate::engine::Engine;
use crate::serve::authority::Authority;
use crate::serve::folder::Folder;
use crate::web::peer::Peer;
use crate::web::role::Role;
use crate::web::route::{router, table};
use crate::web::secret::Secret;
use crate::web::state::{AppState, Parts, now};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use realmward_event::Event;
use realmward_event::batch::{Batch, EvidencePacket, SensorHealth};
use realmward_pipeline::PipelineSettings;
use realmward_store::{Account, SensorId, Session, Store, Token};
use realmward_testkit::run::{events, fixtures};
use realmward_vocab::EventTime;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt as _;

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

/// A server, and the session of its administrator.
struct House {
    router: Router,
    session: Secret,
    _folder: tempfile::TempDir,
    _stop: tokio::sync::watch::Sender<bool>,
}

impl House {
    fn with(events: &[Event]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        if !events.is_empty() {
            fill(&store, events);
        }
        let session = log_in(&store);
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let engine = Engine::start(&store, &PipelineSettings::default()).unwrap();
        let state = AppState::new(Parts {
            engine: Arc::new(engine),
            store,
            authority: Authority::open(&Folder::open(folder.path()).unwrap()).unwrap(),
            place: Arc::new(crate::outputs::Place {
                address: String::new(),
                host: String::new(),
                folder: folder.path().into(),
            }),
            retention: realmward_store::Retention::default(),
            stopping,
        })
        .unwrap();
        Self {
            router: router(table(), &state),
            session,
            _folder: folder,
            _stop: stop,
        }
    }

    fn cookie(&self) -> String {
        format!("__Host-session={}", self.session.text())
    }

    fn peer(&self) -> Peer {
        Peer {
            address: "127.0.0.1:5000".parse().unwrap(),
            certificate: None,
        }
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        let request = Request::get(path)
            .header("cookie", self.cookie())
            .extension(self.peer())
            .body(Body::empty())
            .unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}

fn log_in(store: &Store) -> Secret {
    let account = Account {
        name: "root".into(),
        password: String::new(),
        role: Role::Administrator,
        disabled: false,
    };
    store.put_account(&account).unwrap();
    let secret = Secret::fresh().unwrap();
    let session = Session {
        account: "root".into(),
        begun: now(),
        seen: now(),
        address: "127.0.0.1".into(),
    };
    store.put_session(secret.hash(), &session).unwrap();
    secret
}

/// Places of ours that a page leads to.
fn links(page: &str) -> Vec<String> {
    page.split("href=\"")
        .skip(1)
        .filter_map(|it| it.split('"').next())
        .filter(|it| it.starts_with('/') && !it.starts_with("/assets/"))
        .map(|it| it.replace("&#38;", "&").replace("&amp;", "&"))
        .collect()
}

/// Follows every link from the timeline, up to `most` pages.
async fn walk(house: &House, most: usize) -> Vec<String> {
    let mut seen = vec!["/".to_owned()];
    let mut at = 0;
    while let Some(place) = seen.get(at).cloned() {
        at += 1;
        let (status, page) = house.get(&place).await;
        assert!(
            status.is_success() || status.is_redirection(),
            "{place}: {status}"
        );
        if status.is_success() && !place.starts_with("/api/") {
            for link in links(&page) {
                if seen.len() < most && !seen.contains(&link) {
                    seen.push(link);
                }
            }
        }
    }
    seen
}

#[tokio::test]
async fn no_link_of_a_server_that_saw_attacks_leads_nowhere() {
    let house = House::with(&story());
    let seen = walk(&house, 400).await;
    for begin in [
        "/alerts/",
        "/users/",
        "/computers/",
        "/activities/",
        "/settings/",
    ] {
        assert!(
            seen.iter().any(|it| it.starts_with(begin)),
            "{begin} was not reached"
        );
    }
}

#[tokio::test]
async fn an_empty_server_says_what_is_missing_and_how_to_mend_it() {
    let house = House::with(&[]);
    assert!(10 < walk(&house, 400).await.len());
    let (_, timeline) = house.get("/").await;
    assert!(timeline.contains("No sensor has joined yet"));
    assert!(timeline.contains("/settings/sensors"));
}

#[tokio::test]
async fn a_name_is_text_and_never_part_of_a_page() {
    let mut events = story();
    for event in &mut events {
        if let realmward_event::Fact::NtlmAuthenticated(it) = &mut event.fact {
            it.user = "<b>x\u{202e}\"'</b>".into();
        }
    }
    let house = House::with(&events);
    for place in [
        "/users",
        "/activities?kind=NtlmAuthenticated",
        "/?status=all",
        "/search?text=%3Cb%3Ex",
    ] {
        let (status, page) = house.get(place).await;
        assert_eq!(status, StatusCode::OK, "{place}");
        assert!(
            !page.contains("<b>x") && !page.contains('\u{202e}'),
            "{place}"
        );
    }
    let (_, page) = house.get("/users").await;
    assert!(page.contains("x\\u{202e}"), "the name was not there");
}

#[tokio::test]
async fn health_says_which_sensor_sees_which_domain_controller() {
    let house = House::with(&story());
    let (status, page) = house.get("/health").await;
    assert_eq!(status, StatusCode::OK);
    for text in [
        "Which domain controllers are seen",
        "Kerberos",
        "dc1-mirror",
        "Storage",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let (status, page) = house.get("/groups").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Members are not known"));
}

#[tokio::test]
async fn a_filter_that_cannot_be_is_refused_in_words() {
    let house = House::with(&[]);
    for place in [
        "/?severity=worse",
        "/?colour=red",
        "/activities?ip=here",
        "/alerts/x",
        "/users?after=now",
    ] {
        let (status, page) = house.get(place).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{place}");
        assert!(page.contains("This did not work"), "{place}");
    }
    for place in [
        "/alerts/7",
        "/users/nobody",
        "/computers/10.9.9.9",
        "/activities/7",
    ] {
        assert_eq!(house.get(place).await.0, StatusCode::NOT_FOUND, "{place}");
    }
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
