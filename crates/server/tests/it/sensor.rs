//! A sensor joins with its token, is heard with its certificate and is not heard any more.

use crate::house::House;
use crate::https::{Answer, Client};
use rcgen::{CertificateParams, KeyPair};
use realmward_event::batch::Batch;
use realmward_sensor::spool::Spool;
use realmward_sensor::{uplink, wire};
use realmward_vocab::Order;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A token for a sensor of this name.
fn token(root: &mut Client, name: &str) -> String {
    let answer = root.call("POST", "/api/v1/sensors", &json!({ "name": name }));
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["token"].as_str().unwrap().to_owned()
}

fn request(key: &KeyPair) -> String {
    let request = CertificateParams::default().serialize_request(key);
    request.unwrap().pem().unwrap()
}

fn join(house: &House, token: &str, csr: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/x-pem-file"),
    ];
    let mut client = house.client();
    client.ask("POST", "/sensor/v1/join", &headers, csr.as_bytes())
}

/// A sensor that has joined.
fn sensor(house: &House, root: &mut Client, name: &str) -> Client {
    let key = KeyPair::generate().unwrap();
    let answer = join(house, &token(root, name), &request(&key));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let joined = answer.json();
    assert_eq!(joined["name"], name);
    assert_eq!(joined["ca"], house.authority());
    let certificate = joined["certificate"].as_str().unwrap().to_owned();
    let own = Some((certificate.as_str(), key.serialize_pem()));
    let own = own.as_ref().map(|(one, other)| (*one, other.as_str()));
    Client::new(house.address, &house.authority(), own)
}

fn send(client: &mut Client, sequence: u64) -> Answer {
    let batch = Batch {
        sequence,
        ..Batch::default()
    };
    let body = wire::encode(&batch).unwrap();
    client.ask("POST", "/sensor/v1/batch", &[], &body)
}

#[test]
fn a_sensor_that_joined_is_heard_and_each_batch_acknowledged() {
    let house = House::open();
    let mut root = house.administrator();
    let mut tap = sensor(&house, &mut root, "dc1-tap");
    for sequence in [1, 2, 2, 1, 7] {
        let answer = send(&mut tap, sequence);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json(), json!({ "acknowledged": sequence }));
    }
}

#[test]
fn the_token_names_the_certificate_of_the_authority() {
    use base64::Engine as _;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use sha2::Digest as _;
    let house = House::open();
    let token = token(&mut house.administrator(), "tap");
    let (_, pin) = token.split_once('.').unwrap();
    let authority = CertificateDer::from_pem_slice(house.authority().as_bytes()).unwrap();
    let expected =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(&authority));
    assert_eq!(pin, expected);
}

#[test]
fn a_token_works_once_and_only_for_a_sensor() {
    let house = House::open();
    let mut root = house.administrator();
    let body = json!({"name": "ann", "role": "viewer"});
    let answer = root.call("POST", "/api/v1/accounts", &body).json();
    let (_, of_a_person) = answer["path"]
        .as_str()
        .unwrap()
        .split_once("token=")
        .unwrap();
    let token = token(&mut root, "tap");
    let csr = request(&KeyPair::generate().unwrap());
    assert_eq!(join(&house, of_a_person, &csr).status, 403);
    assert_eq!(join(&house, "", &csr).status, 403);
    assert_eq!(join(&house, &token, "no request").status, 400);
    assert_eq!(join(&house, &token, &csr).status, 200);
    assert_eq!(join(&house, &token, &csr).status, 403);
    let secret = token.split_once('.').unwrap().0;
    let page = house.client().get(&format!("/setup?token={secret}"));
    assert_eq!(page.status, 403);
}

#[test]
fn what_is_no_batch_or_too_long_or_from_nobody_is_refused() {
    let house = House::open();
    let mut root = house.administrator();
    let mut tap = sensor(&house, &mut root, "tap");
    let mut put = |body: &[u8]| tap.ask("POST", "/sensor/v1/batch", &[], body).status;
    assert_eq!(put(b""), 400);
    assert_eq!(put(b"RWBT\x01nonsense"), 400);
    assert_eq!(put(&vec![0; wire::OCTETS_MAX + 1]), 413);
    assert_eq!(send(&mut house.client(), 1).status, 401);
}

#[test]
fn a_sensor_reads_nothing() {
    let house = House::open();
    let mut root = house.administrator();
    let mut tap = sensor(&house, &mut root, "tap");
    for path in ["/api/v1/session", "/api/v1/accounts", "/api/v1/sensors"] {
        assert_eq!(tap.get(path).status, 401, "{path}");
    }
}

#[test]
fn a_revoked_sensor_is_not_heard_any_more() {
    let house = House::open();
    let mut root = house.administrator();
    let (mut one, mut other) = (
        sensor(&house, &mut root, "one"),
        sensor(&house, &mut root, "other"),
    );
    assert_eq!(send(&mut one, 1).status, 200);
    let list = root.get("/api/v1/sensors").json();
    let id = list["sensors"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "one")
        .unwrap()["id"]
        .clone();
    let gone = root.call("DELETE", &format!("/api/v1/sensors/{id}"), &json!(null));
    assert_eq!(gone.status, 204, "{}", gone.text());
    assert_eq!(send(&mut one, 2).status, 403);
    assert_eq!(send(&mut other, 1).status, 200);
}

#[test]
fn a_certificate_of_another_authority_does_not_connect() {
    let (house, other) = (House::open(), House::open());
    let key = KeyPair::generate().unwrap();
    let answer = join(
        &other,
        &token(&mut other.administrator(), "tap"),
        &request(&key),
    )
    .json();
    let certificate = answer["certificate"].as_str().unwrap();
    let key = key.serialize_pem();
    let stranger = Client::new(house.address, &house.authority(), Some((certificate, &key)));
    let body = wire::encode(&Batch::default()).unwrap();
    let answer = stranger.try_ask("POST", "/sensor/v1/batch", &[], &body);
    assert!(answer.is_err(), "{answer:?}");
}

#[test]
fn a_supplied_certificate_is_for_browsers_and_sensors_still_know_the_authority() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    let bought = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&certificate, bought.cert.pem()).unwrap();
    std::fs::write(&key, bought.signing_key.serialize_pem()).unwrap();
    let options = ["--certificate", "--key"].into_iter();
    let files = [certificate.to_str().unwrap(), key.to_str().unwrap()];
    let options: Vec<&str> = options.zip(files).flat_map(<[&str; 2]>::from).collect();
    let house = House::open_in(tempfile::tempdir().unwrap(), &options);
    let ask = |client: Client| {
        client
            .try_ask("GET", "/login", &[], b"")
            .map(|it| it.status)
    };
    for speaks in [&[][..], &["http/1.1"]] {
        let browser =
            |authority: &str| Client::new(house.address, authority, None).speaking(speaks);
        assert_eq!(ask(browser(&bought.cert.pem())).unwrap(), 200);
        assert!(ask(browser(&house.authority())).is_err());
    }
    assert_eq!(ask(house.client()).unwrap(), 200);
}

#[test]
fn a_sensor_joins_and_uploads_whatever_certificate_browsers_are_shown() {
    let (certificate, key) = (tempfile::tempdir().unwrap(), "key.pem");
    let bought = rcgen::generate_simple_self_signed(["portal.example".to_owned()]).unwrap();
    let (chain, key) = (
        certificate.path().join("chain.pem"),
        certificate.path().join(key),
    );
    std::fs::write(&chain, bought.cert.pem()).unwrap();
    std::fs::write(&key, bought.signing_key.serialize_pem()).unwrap();
    let options = [
        "--certificate",
        chain.to_str().unwrap(),
        "--key",
        key.to_str().unwrap(),
    ];
    let house = House::open_in(tempfile::tempdir().unwrap(), &options);
    let tap = Tap::join(&house, "tap");
    assert_eq!(tap.send(3), 0, "nothing is left in the spool");
}

#[test]
fn a_sensor_renews_its_certificate_by_itself_and_the_old_one_ends_when_the_new_is_used() {
    let house = House::open();
    let tap = Tap::join(&house, "tap");
    let before = tap.own();
    assert_eq!(tap.send(1), 0);
    assert_eq!(tap.own(), before, "it is not time yet");
    tap.make_due();
    assert_eq!(tap.send(2), 0);
    let after = tap.own();
    assert_ne!(after, before);
    let with = |own: &str| Client::new(house.address, &house.authority(), Some((own, own)));
    assert_eq!(send(&mut with(&before), 90).status, 403);
    assert_eq!(send(&mut with(&after), 91).status, 200);
    let log = house
        .administrator()
        .get("/api/v1/audit")
        .json()
        .to_string();
    assert!(
        log.contains("sensor joined") && log.contains("sensor renewed"),
        "{log}"
    );
}

#[test]
fn a_renewed_certificate_that_was_never_used_leaves_the_old_one_good_and_dies_with_it() {
    let house = House::open();
    let mut root = house.administrator();
    let mut tap = sensor(&house, &mut root, "tap");
    let key = KeyPair::generate().unwrap();
    let renew =
        |tap: &mut Client| tap.ask("POST", "/sensor/v1/renew", &[], request(&key).as_bytes());
    let first = renew(&mut tap);
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(send(&mut tap, 1).status, 200);
    let second = renew(&mut tap).json();
    assert_eq!(send(&mut tap, 2).status, 200);
    let with = |joined: &serde_json::Value| {
        let certificate = joined["certificate"].as_str().unwrap();
        let key = key.serialize_pem();
        Client::new(house.address, &house.authority(), Some((certificate, &key)))
    };
    // What was given first and never used is worth nothing any more.
    assert_eq!(send(&mut with(&first.json()), 3).status, 403);
    assert_eq!(
        root.call("DELETE", "/api/v1/sensors/1", &json!(null))
            .status,
        204
    );
    assert_eq!(send(&mut tap, 4).status, 403);
    assert_eq!(send(&mut with(&second), 5).status, 403);
    assert_eq!(renew(&mut tap).status, 403);
    assert_eq!(renew(&mut with(&second)).status, 403);
    assert_eq!(renew(&mut house.client()).status, 401);
}

#[test]
fn a_batch_of_a_form_that_is_not_known_is_answered_so_that_the_sensor_waits() {
    let house = House::open();
    let mut tap = sensor(&house, &mut house.administrator(), "tap");
    let answer = tap.ask("POST", "/sensor/v1/batch", &[], b"RWBT\xfanew");
    assert_eq!(answer.status, 415, "{}", answer.text());
    assert_eq!(answer.json()["error"]["code"], "unsupported");
    assert!(
        answer.text().contains("update the server first"),
        "{}",
        answer.text()
    );
}

/// A real sensor, as far as the server sees it.
struct Tap {
    state: tempfile::TempDir,
}

impl Tap {
    fn join(house: &House, name: &str) -> Self {
        let out = house.run(&["sensor", "add", name]);
        let text = String::from_utf8(out.stdout).unwrap();
        let token = text.split_whitespace().last().unwrap().to_owned();
        let state = tempfile::tempdir().unwrap();
        let server = format!("https://{}", house.address).parse().unwrap();
        uplink::join(&server, &token, None, state.path()).unwrap();
        Self { state }
    }

    /// Sends so many batches and says how many are left.
    fn send(&self, batches: u64) -> u64 {
        let spool = Spool::open(&self.state.path().join("spool"), 1 << 24).unwrap();
        let spool = Arc::new(Mutex::new(spool));
        for _ in 0..batches {
            let mut spool = spool.lock().unwrap();
            spool
                .append(&mut Batch::default(), Order::default())
                .unwrap();
        }
        let identity = uplink::Identity::load(self.state.path()).unwrap();
        let uplink = uplink::Uplink::start(spool, &identity).unwrap();
        uplink.finish(Duration::from_secs(30))
    }

    fn own(&self) -> String {
        std::fs::read_to_string(self.state.path().join("sensor.pem")).unwrap()
    }

    fn make_due(&self) {
        let file = self.state.path().join("joined.json");
        let mut joined: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert!(0 < joined["renew_after"].as_u64().unwrap());
        joined["renew_after"] = json!(0);
        std::fs::write(&file, joined.to_string()).unwrap();
    }
}

#[test]
fn the_command_line_prints_what_a_new_sensor_has_to_run() {
    let house = House::open();
    let out = house.run(&["sensor", "add", "tap"]);
    assert!(out.status.success(), "{out:?}");
    let text = String::from_utf8(out.stdout).unwrap();
    let line = text.lines().find(|it| it.contains("realmward-sensor join"));
    let words: Vec<&str> = line.unwrap().split_whitespace().collect();
    assert_eq!(words[2], format!("https://{}", house.address));
    let csr = request(&KeyPair::generate().unwrap());
    assert_eq!(join(&house, words[3], &csr).status, 200);
    let again = house.run(&["sensor", "add", "tap"]);
    assert_eq!(again.status.code(), Some(2), "{again:?}");
}
#[cfg(unix)]
#[test]
fn a_restart_forgets_nobody() {
    let house = House::open();
    let mut root = house.administrator();
    let mut tap = sensor(&house, &mut root, "tap");
    assert_eq!(send(&mut tap, 1).status, 200);
    let cookies = root.cookies.clone();
    let (status, folder) = house.stop();
    assert!(status.success(), "{status}");
    let house = House::open_in(folder, &[]);
    root = house.client();
    root.cookies = cookies;
    assert_eq!(root.get("/api/v1/session").json()["name"], "root");
    tap.move_to(house.address);
    assert_eq!(send(&mut tap, 2).status, 200);
}
