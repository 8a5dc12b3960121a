//! People come and go: the first administrator, right and wrong passwords, the end of a session.

use crate::house::{House, PASSWORD, accept, field, log_in, path_in};
use crate::https::Client;

#[test]
fn the_first_link_makes_one_administrator_and_no_second() {
    let house = House::open();
    let line = house.line_with("/setup?token=");
    let path = &path_in(&line);
    let mut first = house.client();
    assert_eq!(accept(&mut first, path, "root").status, 303);
    let session = first.get("/api/v1/session").json();
    assert_eq!(session["role"], "administrator");
    let mut second = house.client();
    let again = second.get(path);
    assert_eq!(again.status, 403);
    assert!(again.text().contains("used already"));
    for path in ["/setup", "/setup?token=", "/setup?token=AAAA"] {
        assert_eq!(second.get(path).status, 403, "{path}");
    }
}

#[test]
fn a_bad_choice_leaves_the_link_usable() {
    let house = House::open();
    let line = house.line_with("/setup?token=");
    let path = &path_in(&line);
    let mut client = house.client();
    let page = client.get(path).text();
    let (csrf, token) = (field(&page, "csrf"), field(&page, "token"));
    let mut choose = |name: &str, password: &str, again: &str| {
        let fields = [
            ("csrf", csrf.as_str()),
            ("token", token.as_str()),
            ("name", name),
            ("password", password),
            ("again", again),
        ];
        client.form("/setup", &fields)
    };
    for (name, password, again, why) in [
        ("root", "elevenchars", "elevenchars", "at least 12"),
        ("root", PASSWORD, "something else", "not the same"),
        ("", PASSWORD, PASSWORD, "a name has"),
        ("a/b", PASSWORD, PASSWORD, "a name has"),
    ] {
        let answer = choose(name, password, again);
        assert_eq!(answer.status, 400, "{name}");
        let text = answer.text().to_lowercase();
        assert!(text.contains(why), "{text}");
        assert!(text.contains("the same password again"), "{text}");
    }
    assert_eq!(choose("root", PASSWORD, PASSWORD).status, 303);
}

#[test]
fn a_session_ends_at_logout_and_not_before() {
    let house = House::open();
    let mut root = house.administrator();
    let stolen = root.cookies.clone();
    assert_eq!(root.get("/api/v1/session").status, 200);
    let csrf = root.csrf.clone().unwrap();
    assert_eq!(root.form("/logout", &[("csrf", "wrong")]).status, 403);
    assert_eq!(root.get("/api/v1/session").status, 200);
    assert_eq!(root.form("/logout", &[("csrf", &csrf)]).status, 303);
    root.cookies = stolen;
    assert_eq!(root.get("/api/v1/session").status, 401);
}

#[test]
fn a_wrong_name_and_a_wrong_password_look_alike() {
    let house = House::open();
    house.administrator();
    let mut client = house.client();
    let page = client.get("/login?next=/alerts%3Fstatus=open").text();
    let csrf = field(&page, "csrf");
    let mut enter = |name: &str, password: &str| {
        let fields = [
            ("csrf", csrf.as_str()),
            ("next", "/alerts?status=open"),
            ("name", name),
            ("password", password),
        ];
        client.form("/login", &fields)
    };
    let (wrong_password, wrong_name) = (enter("root", "wrong"), enter("toor", PASSWORD));
    assert_eq!(wrong_password.status, 401);
    assert_eq!(wrong_name.status, 401);
    assert_eq!(
        wrong_password.text(),
        wrong_name.text().replace("toor", "root")
    );
    let right = enter("root", PASSWORD);
    assert_eq!(right.status, 303);
    assert_eq!(right.header("location"), Some("/alerts?status=open"));
}

#[test]
fn guessing_is_slowed() {
    let house = House::open();
    house.administrator();
    let mut client = house.client();
    let statuses: Vec<u16> = (0..12)
        .map(|_| log_in(&mut client, "root", "guess").status)
        .collect();
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 2]);
    let refused = log_in(&mut client, "root", PASSWORD);
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
}

#[test]
fn nobody_is_served_without_tls_or_under_another_name() {
    use std::io::{Read as _, Write as _};
    let house = House::open();
    let mut plain = std::net::TcpStream::connect(house.address).unwrap();
    plain
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    let other = House::open();
    let stranger = Client::new(house.address, &other.authority(), None);
    assert!(stranger.try_ask("GET", "/login", &[], b"").is_err());
}
