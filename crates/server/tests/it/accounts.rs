//! Accounts are made, changed and closed, and what that does to who is logged in.

use crate::house::{House, PASSWORD, accept, log_in, path_in};
use serde_json::json;

#[test]
fn an_invited_person_has_the_role_that_was_given() {
    let house = House::open();
    let mut root = house.administrator();
    for role in ["viewer", "analyst", "administrator"] {
        let mut person = house.person(&mut root, role, role);
        let session = person.get("/api/v1/session").json();
        assert_eq!(session["role"], role);
        assert_eq!(session["name"], role);
        let list = person.get("/api/v1/accounts").status;
        assert_eq!(list, if role == "administrator" { 200 } else { 403 });
    }
    let list = root.get("/api/v1/accounts").json();
    assert_eq!(list["accounts"].as_array().unwrap().len(), 4);
}

#[test]
fn a_name_is_taken_whatever_its_case() {
    let house = House::open();
    let mut root = house.administrator();
    let body = json!({"name": "ROOT", "role": "viewer"});
    let answer = root.call("POST", "/api/v1/accounts", &body);
    assert_eq!(answer.status, 409);
    let body = json!({"name": "two words", "role": "viewer"});
    assert_eq!(root.call("POST", "/api/v1/accounts", &body).status, 400);
    let body = json!({"name": "ann", "role": "god"});
    assert_eq!(root.call("POST", "/api/v1/accounts", &body).status, 400);
}

#[test]
fn who_is_closed_is_out_at_once_and_cannot_come_back() {
    let house = House::open();
    let mut root = house.administrator();
    let mut ann = house.person(&mut root, "ann", "analyst");
    let close = |it: bool| json!({ "disabled": it });
    let answer = root.call("PATCH", "/api/v1/accounts/ann", &close(true));
    assert_eq!(answer.status, 204);
    assert_eq!(ann.get("/api/v1/session").status, 401);
    assert_eq!(log_in(&mut ann, "ann", PASSWORD).status, 401);
    root.call("PATCH", "/api/v1/accounts/ann", &close(false));
    assert_eq!(log_in(&mut ann, "ann", PASSWORD).status, 200);
}

#[test]
fn the_last_administrator_stays() {
    let house = House::open();
    let mut root = house.administrator();
    for change in [json!({"disabled": true}), json!({"role": "analyst"})] {
        let answer = root.call("PATCH", "/api/v1/accounts/root", &change);
        assert_eq!(answer.status, 409, "{change}");
    }
    house.person(&mut root, "second", "administrator");
    let less = json!({"role": "viewer"});
    assert_eq!(
        root.call("PATCH", "/api/v1/accounts/root", &less).status,
        204
    );
    let nobody = root.call("PATCH", "/api/v1/accounts/nobody", &less);
    assert_eq!(nobody.status, 401, "a changed role ends the session");
}

#[test]
fn another_password_ends_the_other_sessions() {
    let house = House::open();
    let mut here = house.administrator();
    let mut there = house.client();
    assert_eq!(log_in(&mut there, "root", PASSWORD).status, 200);
    let sessions = here.get("/api/v1/sessions").json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 2);
    let mut change = |old: &str, new: &str| {
        let body = json!({"old": old, "new": new});
        here.call("POST", "/api/v1/password", &body).status
    };
    assert_eq!(change("wrong", "another horse"), 400);
    assert_eq!(change(PASSWORD, "short"), 400);
    assert_eq!(change(PASSWORD, "another horse"), 204);
    assert_eq!(there.get("/api/v1/session").status, 401);
    assert_eq!(here.get("/api/v1/session").status, 200);
    assert_eq!(log_in(&mut there, "root", PASSWORD).status, 401);
    assert_eq!(log_in(&mut there, "root", "another horse").status, 200);
}

#[test]
fn a_session_elsewhere_can_be_ended_but_only_ones_own() {
    let house = House::open();
    let mut root = house.administrator();
    let mut ann = house.person(&mut root, "ann", "viewer");
    let mut there = house.client();
    log_in(&mut there, "root", PASSWORD);
    let sessions = root.get("/api/v1/sessions").json();
    let other = sessions["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["is_this"] == false)
        .unwrap();
    let path = format!("/api/v1/sessions/{}", other["id"].as_str().unwrap());
    assert_eq!(ann.call("DELETE", &path, &json!(null)).status, 404);
    assert_eq!(root.call("DELETE", &path, &json!(null)).status, 204);
    assert_eq!(there.get("/api/v1/session").status, 401);
    assert_eq!(root.get("/api/v1/session").status, 200);
}

#[test]
fn a_lost_password_is_replaced_by_its_owner() {
    let house = House::open();
    let mut root = house.administrator();
    let mut ann = house.person(&mut root, "ann", "viewer");
    let answer = root.call("POST", "/api/v1/accounts/ann/renew", &json!(null));
    let path = answer.json()["path"].as_str().unwrap().to_owned();
    let mut elsewhere = house.client();
    assert_eq!(accept(&mut elsewhere, &path, "ann").status, 303);
    assert_eq!(ann.get("/api/v1/session").status, 401);
    assert_eq!(elsewhere.get("/api/v1/session").json()["role"], "viewer");
    assert_eq!(elsewhere.get(&path).status, 403);
}

#[test]
fn the_command_line_invites_people_before_and_beside_the_server() {
    let house = House::open();
    let link = |arguments: &[&str]| {
        let out = house.run(arguments);
        assert!(out.status.success(), "{out:?}");
        let text = String::from_utf8(out.stdout).unwrap();
        path_in(&text)
    };
    let path = link(&["user", "add", "ann", "--role", "analyst"]);
    let mut ann = house.client();
    assert_eq!(accept(&mut ann, &path, "ann").status, 303);
    assert_eq!(ann.get("/api/v1/session").json()["role"], "analyst");
    let path = link(&["user", "add", "ann", "--role", "administrator"]);
    let mut again = house.client();
    assert_eq!(accept(&mut again, &path, "ann").status, 303);
    assert_eq!(again.get("/api/v1/session").json()["role"], "analyst");
    assert_eq!(ann.get("/api/v1/session").status, 401);
}
