//! Outputs against collectors on this machine: each alert told once, also over a restart; one that
//! is away hears later; one that hangs delays no other.

mod tls;

use super::settings::{Destination, Settings};
use super::{Place, message, run};
use realmward_alert::AlertId;
use realmward_store::{Notice, Output, OutputId, Position, Produced, Store};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

struct House {
    folder: tempfile::TempDir,
    store: Store,
    position: u64,
    running: Option<(watch::Sender<bool>, JoinHandle<()>)>,
}

impl House {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut house = Self {
            store: Store::open(folder.path()).unwrap(),
            folder,
            position: 0,
            running: None,
        };
        house.start();
        house
    }

    fn start(&mut self) {
        let (stop, stopping) = watch::channel(false);
        let place = Arc::new(Place {
            address: "https://rw.example:8443".into(),
            host: "rw".into(),
            folder: self.folder.path().join("outputs"),
        });
        let task = tokio::spawn(run(self.store.clone(), place, stopping));
        self.running = Some((stop, task));
    }

    async fn stop(&mut self) {
        let (stop, task) = self.running.take().unwrap();
        stop.send_replace(true);
        task.await.unwrap();
    }

    fn output(&self, kind: &str, target: &str, options: Value) -> OutputId {
        let output = Output {
            id: OutputId(0),
            name: kind.into(),
            kind: kind.into(),
            target: target.into(),
            options,
            disabled: false,
        };
        self.store.put_output(&output).unwrap()
    }

    /// Opens an alert, or changes it.
    fn alert(&mut self, id: u64, revision: u64) {
        self.position += 1;
        let mut record = message::sample("none");
        record.alert.id = AlertId(id);
        record.alert.revision = revision;
        record.revision = revision;
        let notice = Notice {
            alert: id,
            revision,
            is_new: revision == 1,
        };
        let produced = Produced {
            position: Position(self.position),
            alerts: vec![record],
            notices: vec![notice],
            ..Produced::default()
        };
        self.store.commit(&produced).unwrap();
    }

    async fn wait_until_told(&self, id: OutputId) {
        timeout(LONG, async {
            loop {
                let outputs = self.store.outputs().unwrap();
                let state = outputs.iter().find(|it| it.output.id == id).unwrap();
                if state.waiting == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .unwrap();
    }

    async fn wait_until_failed(&self) {
        timeout(LONG, async {
            while self.store.outputs().unwrap()[0].last_error.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .unwrap();
    }
}

/// The message behind its octet count.
async fn frame<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> String {
    timeout(LONG, async {
        let mut count = Vec::new();
        stream.read_until(b' ', &mut count).await.unwrap();
        let count: usize = String::from_utf8(count).unwrap().trim().parse().unwrap();
        let mut message = vec![0; count];
        stream.read_exact(&mut message).await.unwrap();
        String::from_utf8(message).unwrap()
    })
    .await
    .unwrap()
}

async fn accept(listener: &TcpListener) -> BufReader<TcpStream> {
    let (stream, _) = timeout(LONG, listener.accept()).await.unwrap().unwrap();
    BufReader::new(stream)
}

/// Takes a POST and answers; gives back its headers and body.
async fn post(listener: &TcpListener, status: &str) -> (BTreeMap<String, String>, Vec<u8>) {
    answer(&mut accept(listener).await, status).await
}

/// Likewise, on a connection.
async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    status: &str,
) -> (BTreeMap<String, String>, Vec<u8>) {
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_lowercase(), value.to_owned()),
            None if line == "\r\n" => break,
            None => headers.insert(String::new(), line.trim_end().to_owned()),
        };
    }
    let length = headers["content-length"].parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    (headers, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_hears_each_alert_once_also_after_a_restart() {
    let collector = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut house = House::open();
    let target = format!("udp://{}", collector.local_addr().unwrap());
    let id = house.output("syslog", &target, json!({"format": "cef_microsoft"}));
    let hear = async || {
        let mut octets = vec![0; 65536];
        let heard = timeout(LONG, collector.recv(&mut octets)).await.unwrap();
        octets.truncate(heard.unwrap());
        String::from_utf8(octets).unwrap()
    };
    house.alert(1, 1);
    let message = hear().await;
    assert!(message.starts_with("<37>1 "), "{message}");
    assert!(message.contains(" rw CEF "), "{message}");
    assert!(message.contains("CEF:0|Microsoft|Azure ATP|"), "{message}");
    assert!(
        message.contains("https://rw.example:8443/alerts/1 "),
        "{message}"
    );
    assert!(message.contains("cs2=new"), "{message}");
    house.wait_until_told(id).await;
    house.stop().await;
    house.alert(1, 2);
    house.alert(2, 1);
    house.start();
    for (number, trigger) in [(1, "update"), (2, "new")] {
        let message = hear().await;
        assert!(message.contains(&format!("/alerts/{number} ")), "{message}");
        assert!(message.contains(&format!("cs2={trigger}")), "{message}");
    }
    house.wait_until_told(id).await;
    let more = timeout(SHORT, collector.recv(&mut [0])).await;
    assert!(more.is_err(), "told again");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_was_away_hears_later_in_order() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut house = House::open();
    let id = house.output("syslog", &format!("tcp://{address}"), json!({}));
    house.alert(1, 1);
    let mut stream = accept(&listener).await;
    assert!(frame(&mut stream).await.contains("cs4=1 "));
    house.wait_until_told(id).await;
    drop((stream, listener));
    for alert in 2..=4 {
        house.alert(alert, 1);
    }
    house.wait_until_failed().await;
    let listener = TcpListener::bind(address).await.unwrap();
    let mut stream = accept(&listener).await;
    for alert in 2..=4 {
        let message = frame(&mut stream).await;
        assert!(message.contains(&format!("cs4={alert} ")), "{message}");
    }
    house.wait_until_told(id).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_gets_signed_json_and_may_refuse_one_without_delaying_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut house = House::open();
    let target = format!("http://{}/hook?a=b", listener.local_addr().unwrap());
    house.output("webhook", &target, json!({"secret": "s3cret"}));
    house.alert(1, 1);
    house.alert(2, 1);
    let (headers, body) = post(&listener, "422 Unprocessable Content").await;
    assert_eq!(headers[""], "POST /hook?a=b HTTP/1.1");
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-realmward-signature"], signed("s3cret", &body));
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(told["kind"], "alert");
    assert_eq!(told["id"], 1);
    assert_eq!(told["trigger"], "new");
    assert_eq!(told["url"], "https://rw.example:8443/alerts/1");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let (_, body) = post(&listener, "204 No Content").await;
        let told: Value = serde_json::from_slice(&body).unwrap();
        ids.push(told["id"].as_u64().unwrap());
    }
    assert_eq!(ids, [2, 1]);
    house.stop().await;
}

fn signed(secret: &str, body: &[u8]) -> String {
    super::webhook::signature(secret, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_delays_no_other_and_one_that_is_disabled_waits() {
    let hangs = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut house = House::open();
    let target = format!("http://{}/", hangs.local_addr().unwrap());
    house.output("webhook", &target, json!({}));
    let id = house.output("jsonl", "alerts.jsonl", json!({}));
    house.alert(1, 1);
    house.alert(2, 1);
    house.wait_until_told(id).await;
    let path = house.folder.path().join("outputs/alerts.jsonl");
    let lines = || std::fs::read_to_string(&path).unwrap().lines().count();
    assert_eq!(lines(), 2);
    let mut output = house.store.outputs().unwrap()[1].output.clone();
    house.alert(3, 1);
    output.disabled = true;
    house.store.put_output(&output).unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let told = lines();
    house.alert(4, 1);
    tokio::time::sleep(SHORT).await;
    assert_eq!(lines(), told, "told while disabled");
    output.disabled = false;
    house.store.put_output(&output).unwrap();
    house.wait_until_told(id).await;
    assert_eq!(lines(), 3, "what came while it was disabled is not for it");
    house.stop().await;
}

#[test]
fn a_target_of_ipv6_loses_its_brackets() {
    let output = Output {
        id: OutputId(0),
        name: String::new(),
        kind: "syslog".into(),
        target: "tls://[::1]:6514".into(),
        options: json!({}),
        disabled: false,
    };
    let Destination::Syslog(address) = Settings::of(&output).unwrap().destination else {
        panic!();
    };
    assert_eq!((address.host.as_str(), address.port), ("::1", 6514));
}

const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(1200);
