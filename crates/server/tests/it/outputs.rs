//! Outputs by the API: what is kept, tested, refused and never given out.

use crate::house::House;
use crate::https::Client;
use serde_json::{Value, json};
use std::net::UdpSocket;
use std::time::Duration;

fn added(root: &mut Client, target: &str) -> String {
    let body = json!({"name": "siem", "kind": "syslog", "target": target,
        "options": {"secret": "hush hush"}});
    let answer = root.call("POST", "/api/v1/outputs", &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    format!("/api/v1/outputs/{}", answer.json()["id"])
}

#[test]
fn a_test_message_says_that_it_is_one_and_a_refusal_is_told() {
    let house = House::open();
    let mut root = house.administrator();
    let collector = UdpSocket::bind("127.0.0.1:0").unwrap();
    let limit = Some(Duration::from_secs(10));
    collector.set_read_timeout(limit).unwrap();
    let target = format!("udp://{}", collector.local_addr().unwrap());
    let test = format!("{}/test", added(&mut root, &target));
    let answer = root.call("POST", &test, &json!({}));
    assert_eq!(answer.json(), json!({"taken": true, "why": ""}));
    let mut octets = [0; 4096];
    let length = collector.recv(&mut octets).unwrap();
    let heard = String::from_utf8_lossy(&octets[..length]).into_owned();
    assert!(heard.contains("|test|test|3|"), "{heard}");
    assert!(
        heard.contains("This is a test of the output siem."),
        "{heard}"
    );
    drop(collector);
    let answer = root.call("POST", &test, &json!({})).json();
    assert_eq!(answer["taken"], false, "{answer}");
}

#[test]
fn a_secret_is_kept_and_never_given_out() {
    let house = House::open();
    let mut root = house.administrator();
    let path = added(&mut root, "udp://127.0.0.1:9");
    let body = json!({"name": "siem", "kind": "syslog", "target": "udp://127.0.0.1:9",
        "options": {"envelope": "rfc3164"}});
    assert_eq!(root.call("PUT", &path, &body).status, 204);
    let list = root.get("/api/v1/outputs");
    assert!(!list.text().contains("hush"), "{}", list.text());
    assert_eq!(list.json()["outputs"][0]["has_secret"], true);
    assert_eq!(list.json()["outputs"][0]["envelope"], "rfc3164");
    assert!(!root.get("/api/v1/audit").text().contains("hush"));
}

#[test]
fn an_output_is_disabled_and_removed_and_all_is_on_record() {
    let house = House::open();
    let mut root = house.administrator();
    let path = added(&mut root, "udp://127.0.0.1:9");
    let patch = json!({"enabled": false});
    assert_eq!(root.call("PATCH", &path, &patch).status, 204);
    let list = root.get("/api/v1/outputs").json();
    assert_eq!(list["outputs"][0]["enabled"], false);
    assert_eq!(root.call("DELETE", &path, &json!(null)).status, 204);
    assert_eq!(root.call("DELETE", &path, &json!(null)).status, 404);
    assert_eq!(root.get("/api/v1/outputs").json(), json!({"outputs": []}));
    let log = root.get("/api/v1/audit").text();
    for action in ["added", "disabled", "removed"] {
        assert!(log.contains(&format!("output {action}")), "{action}");
    }
}

#[test]
fn what_cannot_be_served_is_refused_and_only_an_administrator_may() {
    let house = House::open();
    let mut root = house.administrator();
    let put = |kind: &str, target: &str| json!({"name": "x", "kind": kind, "target": target});
    let refused: [Value; 4] = [
        put("jsonl", "../alerts.jsonl"),
        put("syslog", "siem.example"),
        put("mail", "ann@corp.example"),
        json!({"name": " ", "kind": "jsonl", "target": "a.jsonl"}),
    ];
    for body in refused {
        let answer = root.call("POST", "/api/v1/outputs", &body);
        assert_eq!(answer.status, 400, "{body}");
    }
    let mut ann = house.person(&mut root, "ann", "analyst");
    let body = put("jsonl", "alerts.jsonl");
    assert_eq!(ann.call("POST", "/api/v1/outputs", &body).status, 403);
    assert_eq!(ann.get("/api/v1/outputs").status, 403);
}

#[test]
fn an_output_is_changed_on_its_page_and_keeps_its_secret_until_told_otherwise() {
    let house = House::open();
    let mut root = house.administrator();
    let id = added(&mut root, "udp://127.0.0.1:9").replace("/api/v1", "/settings");
    let page = root.get(&id).text();
    assert!(page.contains("udp://127.0.0.1:9"), "{page}");
    assert!(
        page.contains("One is set") && !page.contains("hush"),
        "{page}"
    );
    let csrf = root.csrf.clone().unwrap();
    let mut change = |more: &[(&str, &str)]| {
        let fields = [
            ("csrf", csrf.as_str()),
            ("name", "other"),
            ("kind", "syslog"),
            ("target", "tcp://127.0.0.1:9"),
            ("format", "cef"),
            ("envelope", "rfc3164"),
            ("secret", ""),
            ("authority", ""),
        ];
        let answer = root.form(&id, &[&fields, more].concat());
        assert_eq!(answer.status, 303, "{}", answer.text());
        root.get("/api/v1/outputs").json()["outputs"][0].clone()
    };
    let kept = change(&[]);
    assert_eq!(kept["name"], "other");
    assert_eq!(kept["target"], "tcp://127.0.0.1:9");
    assert_eq!(kept["envelope"], "rfc3164");
    assert_eq!(kept["has_secret"], true);
    assert_eq!(change(&[("unsigned", "true")])["has_secret"], false);
    let audit = root.get("/settings/audit").text();
    assert!(audit.contains("output changed"), "{audit}");
    assert!(audit.contains("rows hold"), "{audit}");
}
