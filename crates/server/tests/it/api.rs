//! The API over HTTPS: what is refused, what is put on record, what is exported.

use crate::house::{House, PASSWORD, log_in};
use serde_json::json;

#[test]
fn the_description_is_for_everybody_and_nothing_else_is() {
    let house = House::open();
    let mut client = house.client();
    let document = client.get("/api/openapi.json").json();
    let paths = document["paths"].as_object().unwrap();
    assert!(20 < paths.len());
    for path in paths.keys().filter(|it| !it.contains('{')) {
        let status = client.get(path).status;
        let only_posted = path.ends_with("/password");
        assert_eq!(status, if only_posted { 405 } else { 401 }, "{path}");
    }
    assert_eq!(client.get("/healthz").text(), "ok\n");
}

#[test]
fn a_mistake_in_a_filter_is_told_and_finds_nothing() {
    let house = House::open();
    let mut root = house.administrator();
    for (path, why) in [
        ("/api/v1/alerts?stauts=open", "no parameter"),
        ("/api/v1/alerts?status=opened", "cannot be"),
        ("/api/v1/alerts?since=yesterday", "cannot be"),
        ("/api/v1/alerts?ip=10.0.0", "cannot be"),
        ("/api/v1/alerts?ip=10.0.0.1&ip=10.0.0.2", "twice"),
        ("/api/v1/activities?limit=many", "cannot be"),
        ("/api/v1/alerts?after=x", "cannot be"),
        ("/api/v1/activities/export?format=xls", "jsonl or csv"),
    ] {
        let answer = root.get(path);
        assert_eq!(answer.status, 400, "{path}");
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains(why), "{path}: {message}");
    }
    let good = "/api/v1/alerts?status=open,in_progress&severity=high&ip=10.0.0.1&limit=5";
    assert_eq!(root.get(good).json(), json!({"alerts": [], "next": null}));
}

#[test]
fn what_people_do_is_on_record_and_the_record_holds() {
    let house = House::open();
    let mut root = house.administrator();
    log_in(&mut house.client(), "root", "wrong");
    log_in(&mut house.client(), "root", PASSWORD);
    let body = json!({"rule": "account=svc_scan", "owner": "ann", "reason": "scanner"});
    assert_eq!(root.call("POST", "/api/v1/exclusions", &body).status, 202);
    assert_eq!(root.get("/api/v1/activities/export").status, 200);
    let log = root.get("/api/v1/audit").json();
    let actions: Vec<&str> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["action"].as_str().unwrap())
        .collect();
    let expected = [
        "activities exported",
        "exclusion added",
        "logged in",
        "login refused",
        "logged in",
        "account made",
    ];
    assert_eq!(actions, expected);
    assert_eq!(log["entries"][0]["who"], "root");
    assert_eq!(log["entries"][0]["address"], "127.0.0.1");
    let verified = root.get("/api/v1/audit/verification").json();
    assert_eq!(verified["rows"], 6);
    assert_eq!(verified["broken"], json!(null));
}

#[test]
fn exclusions_and_tags_are_kept_and_taken_away() {
    let house = House::open();
    let mut root = house.administrator();
    let mut viewer = house.person(&mut root, "vera", "viewer");
    let rule = json!({"rule": "ip=10.0.9.0/24", "owner": "ann", "reason": "scanner"});
    assert_eq!(viewer.call("POST", "/api/v1/exclusions", &rule).status, 403);
    assert_eq!(root.call("POST", "/api/v1/exclusions", &rule).status, 202);
    for bad in [
        json!({"rule": "colour=red", "owner": "ann", "reason": "x"}),
        json!({"rule": "account=a", "owner": " ", "reason": "x"}),
        json!({"rule": "account=a", "owner": "ann", "reason": "x", "expires": "soon"}),
        json!({"rule": "account=a", "owner": "ann", "reason": "x",
            "expires": "2020-01-01T00:00:00Z"}),
        json!({"rule": "detector=no_such", "owner": "ann", "reason": "x"}),
    ] {
        assert_eq!(
            root.call("POST", "/api/v1/exclusions", &bad).status,
            400,
            "{bad}"
        );
    }
    let list = viewer.get("/api/v1/exclusions").json();
    assert_eq!(list["exclusions"].as_array().unwrap().len(), 1);
    assert_eq!(list["exclusions"][0]["added_by"], "root");
    let path = format!("/api/v1/exclusions/{}", list["exclusions"][0]["id"]);
    assert_eq!(root.call("DELETE", &path, &json!(null)).status, 204);
    assert_eq!(root.call("DELETE", &path, &json!(null)).status, 404);
    let mut tag = |is: bool| {
        let body = json!({"account": "ceo", "tag": "sensitive", "is": is});
        assert_eq!(root.call("POST", "/api/v1/tags", &body).status, 204);
        root.get("/api/v1/tags").json()["tags"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((tag(true), tag(true), tag(false)), (1, 1, 0));
}

#[test]
fn what_is_not_there_is_missing_and_an_empty_export_has_its_columns() {
    let house = House::open();
    let mut root = house.administrator();
    for path in [
        "/api/v1/alerts/1",
        "/api/v1/alerts/1/evidence",
        "/api/v1/users/ann@corp",
        "/api/v1/computers/10.0.0.1",
        "/api/v1/nothing",
    ] {
        assert_eq!(root.get(path).status, 404, "{path}");
    }
    let verdict = json!({"status": "true_positive", "comment": "seen"});
    let answer = root.call("POST", "/api/v1/alerts/1/judgement", &verdict);
    assert_eq!(answer.status, 404);
    let csv = root.get("/api/v1/activities/export?format=csv");
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(csv.text().starts_with("id,time,kind,account"));
    let health = root.get("/api/v1/health").json();
    assert_eq!(
        health,
        json!({
            "sensors": [], "appended": 0, "committed": 0, "trouble": null,
            "left_out": {"users": 0, "hygiene": 0, "findings": 0},
        })
    );
}

#[test]
fn metrics_are_for_who_is_logged_in_and_for_the_one_program_with_the_token() {
    let house = House::open();
    let mut root = house.administrator();
    let as_program = |house: &House, token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        house.client().ask("GET", "/metrics", &headers, b"")
    };
    let make = |what: &str| {
        let out = house.run(&["metrics", what]);
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(as_program(&house, "guess").status, 401);
    let first = make("token");
    let page = as_program(&house, &first);
    assert_eq!(page.status, 200);
    let media = page.header("content-type").unwrap();
    assert!(media.starts_with("application/openmetrics-text"), "{media}");
    let text = page.text();
    for line in [
        "# TYPE realmward_journal_entries counter",
        "realmward_journal_entries_total 0",
        "realmward_engine_lag_entries 0",
        "realmward_storage_trouble 0",
        "realmward_left_out_total{what=\"users\"} 0",
        "# TYPE realmward_request_seconds histogram",
        "route=\"/setup\",status=\"3xx\"",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert_eq!(root.get("/metrics").status, 200);
    let mut viewer = house.person(&mut root, "vic", "viewer");
    assert_eq!(viewer.get("/metrics").status, 200);
    // It is a token for metrics and nothing else, and the next one ends it.
    let bearer = format!("Bearer {first}");
    let headers = [("authorization", bearer.as_str())];
    let other = house.client().ask("GET", "/api/v1/alerts", &headers, b"");
    assert_eq!(other.status, 401);
    let second = make("token");
    assert_eq!(as_program(&house, &first).status, 401);
    assert_eq!(as_program(&house, &second).status, 200);
    make("revoke");
    assert_eq!(as_program(&house, &second).status, 401);
    let log = root.get("/api/v1/audit").json().to_string();
    assert!(
        log.contains("metrics token made") && log.contains("metrics token ended"),
        "{log}"
    );
}
