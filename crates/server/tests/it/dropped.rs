//! Captures that are dropped on the page.

use crate::house::House;
use crate::https::{Answer, Client};
use std::path::Path;
use std::time::Duration;

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/captures");
    std::fs::read(folder.join(name)).unwrap()
}

/// Sends the form as a browser does.
fn drop_on(client: &mut Client, files: &[(&str, &[u8])]) -> Answer {
    let csrf = client.csrf.clone().unwrap();
    let mut body =
        format!("--xx\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n")
            .into_bytes();
    for (name, octets) in files {
        let head = format!(
            "--xx\r\nContent-Disposition: form-data; name=\"capture\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(*octets);
        body.extend(b"\r\n");
    }
    body.extend(b"--xx--\r\n");
    let media = ("content-type", "multipart/form-data; boundary=xx");
    client.ask("POST", "/captures", &[media], &body)
}

/// The page of captures once they were read.
fn read(client: &mut Client, place: &str) -> String {
    for _ in 0..600 {
        let page = client.get(place);
        assert_eq!(page.status, 200, "{}", page.text());
        if !page.text().contains("data-poll") {
            return page.text();
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{place} is never read");
}

fn sent(client: &mut Client, files: &[(&str, &[u8])]) -> String {
    let answer = drop_on(client, files);
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").unwrap().to_owned()
}

#[test]
fn a_capture_becomes_a_report_with_its_evidence_and_the_server_learns_nothing_of_it() {
    let house = House::open();
    let mut root = house.administrator();
    let place = sent(
        &mut root,
        &[("psexec.pcap.zst", &fixture("a27_psexec.pcap.zst"))],
    );
    let page = read(&mut root, &place);
    assert!(page.contains("psexec.pcap.zst"), "{page}");

    let report = root.get(&format!("{place}/report"));
    assert_eq!(report.status, 200);
    assert!(report.text().contains("psexec.pcap.zst"));
    let policy = report.header("content-security-policy").unwrap();
    assert!(policy.contains("sandbox allow-scripts"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");

    let packets = root.get(&format!("{place}/packets/1"));
    assert_eq!(packets.status, 200, "{}", packets.text());
    assert_eq!(packets.body[..4], 0xa1b2_3c4d_u32.to_le_bytes());
    assert_eq!(root.get(&format!("{place}/packets/999")).status, 404);

    for unchanged in ["/api/v1/alerts", "/api/v1/users", "/api/v1/activities"] {
        let answer = root.get(unchanged).json();
        let list = answer
            .as_object()
            .unwrap()
            .values()
            .find(|it| it.is_array());
        assert!(list.unwrap().as_array().unwrap().is_empty(), "{unchanged}");
    }
    let folder = house.data().join(place.trim_start_matches('/'));
    assert!(!folder.join("sent").exists(), "the capture is still there");
    let audit = root.get("/settings/audit").text();
    assert!(audit.contains("capture analysed"), "{audit}");
}

#[test]
fn a_report_is_for_all_analysts_until_one_removes_it() {
    let house = House::open();
    let mut root = house.administrator();
    let place = sent(
        &mut root,
        &[("psexec.pcap.zst", &fixture("a27_psexec.pcap.zst"))],
    );
    read(&mut root, &place);
    let folder = house.data().join(place.trim_start_matches('/'));
    let mut ann = house.person(&mut root, "ann", "analyst");
    assert!(ann.get("/captures").text().contains(&place));
    let mut eve = house.person(&mut root, "eve", "viewer");
    for hidden in [
        &place,
        &format!("{place}/report"),
        &format!("{place}/packets/1"),
    ] {
        assert_eq!(eve.get(hidden).status, 403, "{hidden}");
    }
    let csrf = ann.csrf.clone().unwrap();
    let gone = ann.form(&format!("{place}/remove"), &[("csrf", &csrf)]);
    assert_eq!(gone.status, 303);
    assert!(!folder.exists());
    assert_eq!(ann.get(&place).status, 404);
}

#[test]
fn several_captures_are_read_as_one_and_what_was_good_before_a_fault_is_kept() {
    let house = House::open();
    let mut root = house.administrator();
    let whole = fixture("a01_dcsync_krbtgt.pcap.zst");
    let cut = &fixture("a27_psexec.pcap.zst");
    let cut = &cut[..cut.len() / 2];
    let files = [
        ("same.pcap.zst", &whole[..]),
        ("same.pcap.zst", cut),
        ("note.txt", b"no capture"),
    ];
    let page = {
        let place = sent(&mut root, &files);
        read(&mut root, &place)
    };
    assert!(
        page.contains("Not every file could be read to its end"),
        "{page}"
    );
    assert!(page.contains("2-same.pcap.zst"), "{page}");
    assert!(
        page.contains("this is no capture: neither pcap nor pcapng"),
        "{page}"
    );
    assert!(page.contains("/report#alert-1"), "{page}");
}

#[test]
fn what_is_no_capture_is_said_to_be_none_by_name() {
    let house = House::open();
    let mut root = house.administrator();
    let place = sent(
        &mut root,
        &[("../../x.pcap", b"this is no capture"), ("y.pcap", b"")],
    );
    let page = read(&mut root, &place);
    assert!(page.contains("It could not be read"), "{page}");
    assert!(page.contains("x.pcap: this is no capture"), "{page}");
    assert!(page.contains("y.pcap: the file is empty"), "{page}");
    assert!(!page.contains(house.data().to_str().unwrap()), "{page}");
    assert_eq!(root.get(&format!("{place}/report")).status, 404);
}

#[test]
fn a_form_without_a_file_is_refused_and_leaves_nothing() {
    let house = House::open();
    let mut root = house.administrator();
    let answer = drop_on(&mut root, &[("", b"")]);
    assert_eq!(answer.status, 400);
    assert!(
        answer.text().contains("No file was chosen"),
        "{}",
        answer.text()
    );
    let left = std::fs::read_dir(house.data().join("captures"));
    assert_eq!(left.map_or(0, Iterator::count), 0);
}

#[test]
fn more_than_is_taken_is_refused_before_it_comes() {
    let house = House::open();
    let mut root = house.administrator();
    let csrf = root.csrf.clone().unwrap();
    let body =
        format!("--xx\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--xx\r\n");
    let headers = [
        ("content-type", "multipart/form-data; boundary=xx"),
        ("content-length", "2000000000"),
    ];
    let answer = root.ask("POST", "/captures", &headers, body.as_bytes());
    assert_eq!(answer.status, 413);
    assert!(answer.text().contains("1.0 GB"), "{}", answer.text());
}
