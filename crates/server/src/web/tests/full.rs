//! A full disk while the server runs: sensors are told to try again, health says it, nothing that was
//! acknowledged is lost, and all goes on without a restart.

use super::*;
use axum::body::Bytes;
use realmward_event::batch::Batch;
use realmward_sensor::wire;
use realmward_store::{Entry, Position, StoreError};
use serde_json::Value;
use std::time::{Duration, Instant};

struct Server {
    router: Router,
    store: Store,
    session: Secret,
    engine: Arc<Engine>,
    _folder: tempfile::TempDir,
    _stop: tokio::sync::watch::Sender<bool>,
}

fn server() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    enrol(&store, "enrolled");
    let session = log_in(&store, "vic", Role::Viewer, now(), false);
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let state = state(&store, folder.path(), stopping);
    Server {
        router: router(table(), &state.0),
        engine: state.1,
        store,
        session,
        _folder: folder,
        _stop: stop,
    }
}

impl Server {
    async fn ask(&self, request: Request<Body>) -> (StatusCode, Bytes) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (
            status,
            to_bytes(response.into_body(), 1 << 20).await.unwrap(),
        )
    }

    async fn send(&self, sequence: u64) -> (StatusCode, Bytes) {
        let events = (0..50)
            .map(|_| realmward_event::Event {
                time: now(),
                ..realmward_event::Event::default()
            })
            .collect();
        let batch = Batch {
            sequence,
            events,
            ..Batch::default()
        };
        let body = Body::from(wire::encode(&batch).unwrap());
        let mut request = Request::post("/sensor/v1/batch").body(body).unwrap();
        request.extensions_mut().insert(Peer {
            address: "192.0.2.1:5000".parse().unwrap(),
            certificate: Some("enrolled".into()),
        });
        self.ask(request).await
    }

    async fn get(&self, path: &str) -> (StatusCode, Bytes) {
        let cookie = format!("__Host-session={}", self.session.text());
        let request = Request::get(path).header("cookie", cookie);
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(Peer {
            address: "192.0.2.1:5000".parse().unwrap(),
            certificate: None,
        });
        self.ask(request).await
    }

    async fn trouble(&self) -> Value {
        let (status, body) = self.get("/api/v1/health").await;
        assert_eq!(status, StatusCode::OK);
        serde_json::from_slice::<Value>(&body).unwrap()["trouble"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_waited_out_and_loses_nothing() {
    let server = server();
    assert_eq!(server.send(1).await.0, StatusCode::OK);
    assert_eq!(server.trouble().await, Value::Null);
    server.store.limit_pages(1).unwrap();
    let mut taken = 1;
    let refusal = loop {
        let (status, body) = server.send(taken + 1).await;
        if status != StatusCode::OK {
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            break String::from_utf8(body.to_vec()).unwrap();
        }
        taken += 1;
        assert!(taken < 10_000, "it never got full");
    };
    assert!(refusal.contains("disk is full"), "{refusal}");
    let trouble = server.trouble().await.to_string();
    assert!(
        trouble.contains("no room left") && trouble.contains("free some space"),
        "{trouble}"
    );
    // Who looks can look; who asks for numbers gets them.
    assert_eq!(server.get("/healthz").await.0, StatusCode::OK);
    let (status, page) = server.get("/health").await;
    assert_eq!(status, StatusCode::OK);
    assert!(String::from_utf8_lossy(&page).contains("Nothing can be kept now"));
    let (_, metrics) = server.get("/metrics").await;
    let metrics = String::from_utf8(metrics.to_vec()).unwrap();
    assert!(
        metrics.contains("realmward_storage_trouble 1\n"),
        "{metrics}"
    );
    assert_eq!(
        server.send(taken + 1).await.0,
        StatusCode::SERVICE_UNAVAILABLE
    );

    server.store.limit_pages(1 << 30).unwrap();
    for sequence in 1..=taken + 3 {
        assert_eq!(server.send(sequence).await.0, StatusCode::OK, "{sequence}");
    }
    let (engine, last) = (server.engine.clone(), server.store.appended().unwrap());
    let long = Duration::from_secs(30);
    let shown = tokio::task::spawn_blocking(move || engine.wait_for(last, long));
    assert!(shown.await.unwrap());
    assert_eq!(server.trouble().await, Value::Null);
    let entries = server.store.entries_after(Position(0), 20_000).unwrap();
    let sequences: Vec<u64> = entries
        .iter()
        .filter_map(|(_, it)| match it {
            Entry::Batch { batch, .. } => Some(batch.sequence),
            _ => None,
        })
        .collect();
    assert_eq!(sequences, (1..=taken + 3).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_stops_on_a_full_disk_and_the_next_start_goes_on() {
    let server = server();
    for sequence in 1..=20 {
        assert_eq!(server.send(sequence).await.0, StatusCode::OK);
    }
    let engine = server.engine.clone();
    let last = server.store.appended().unwrap();
    let long = Duration::from_secs(30);
    let shown = tokio::task::spawn_blocking(move || engine.wait_for(last, long));
    assert!(shown.await.unwrap());
    server.store.limit_pages(1).unwrap();
    let mut sequence = 21;
    while server.send(sequence).await.0 == StatusCode::OK {
        sequence += 1;
    }
    let engine = server.engine.clone();
    let begun = Instant::now();
    tokio::task::spawn_blocking(move || engine.stop())
        .await
        .unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20));
    server.store.limit_pages(1 << 30).unwrap();
    let settings = realmward_pipeline::PipelineSettings::default();
    let again = Engine::start(&server.store, &settings).unwrap();
    let last = server.store.appended().unwrap();
    assert!(again.wait_for(last, long));
    again.stop();
    assert_eq!(server.store.committed().unwrap(), last);
    assert!(matches!(server.store.check(), Ok::<(), StoreError>(())));
}
