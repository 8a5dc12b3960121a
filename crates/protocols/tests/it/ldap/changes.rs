//! Changes, comparisons, extended operations, controls, pings and what is sealed.

use super::build::{client, done, entry, long, long_message, present, search, server, simple_bind};
use super::{run, searches};
use crate::conversation::{abuse, in_pieces_of, play};
use rasn_ldap::ResultCode;
use realmward_event::ldap::{
    ChangeOperation, DirectoryChanged, DirectoryExtended, DirectorySessionSealed, ValueOperation,
};
use realmward_event::{Fact, Outcome, SessionPrincipal};
use realmward_protocols::Facts;
use realmward_protocols::ldap::Conversation;
use realmward_vocab::ResultCode as Code;

fn string(text: &str) -> Vec<u8> {
    long(4, text.as_bytes())
}

fn attribute(kind: &str, values: &[&[u8]]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|it| long(4, it)).collect();
    long(0x30, &[string(kind), long(0x31, &values)].concat())
}

fn modify(id: u8, object: &str, changes: &[(u8, &str, &[&[u8]])]) -> Vec<u8> {
    let changes: Vec<u8> = changes
        .iter()
        .flat_map(|(operation, kind, values)| {
            let content = [vec![0x0a, 1, *operation], attribute(kind, values)].concat();
            long(0x30, &content)
        })
        .collect();
    let content = [string(object), long(0x30, &changes)].concat();
    long_message(id, 0x66, &content)
}

/// An answer of this kind, with its code and what it says.
fn answer(id: u8, operation: u8, code: u8, diagnostic: &str) -> Vec<u8> {
    let content = [vec![0x0a, 1, code], string(""), string(diagnostic)].concat();
    long_message(id, operation, &content)
}

fn changes(facts: &Facts) -> Vec<&DirectoryChanged> {
    let facts = facts.pending.iter();
    facts
        .filter_map(|it| match &it.fact {
            Fact::DirectoryChanged(it) => Some(it),
            _ => None,
        })
        .collect()
}

fn extended(facts: &Facts) -> Vec<&DirectoryExtended> {
    let facts = facts.pending.iter();
    facts
        .filter_map(|it| match &it.fact {
            Fact::DirectoryExtended(it) => Some(it),
            _ => None,
        })
        .collect()
}

const SID: [u8; 28] = [
    1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 2, 0, 0,
];

fn change_of_jane() -> Vec<u8> {
    modify(
        7,
        "CN=jane,DC=lab",
        &[
            (0, "servicePrincipalName", &[b"http/x", b"cifs/x"]),
            (1, "sIDHistory", &[&SID]),
            (2, "unicodePwd", &[b"\"\0s\0e\0c\0r\0e\0t\0\"\0"]),
            (
                2,
                "msDS-AllowedToActOnBehalfOfOtherIdentity",
                &[&[1, 0, 4, 0x80]],
            ),
        ],
    )
}

#[test]
fn a_modification_tells_its_attributes_and_no_password() {
    let request = change_of_jane();
    let refused = answer(7, 0x67, 50, "00002098: SecErr: DSID-03150F94, problem 4003");
    let facts = run(&[client(1, request.clone()), server(2, refused)]);
    let [change] = &changes(&facts)[..] else {
        panic!()
    };
    assert_eq!(change.operation, ChangeOperation::Modify);
    assert_eq!(change.object, "CN=jane,DC=lab");
    assert_eq!(change.result, Some(Code::INSUFFICIENT_ACCESS_RIGHTS));
    assert_eq!(change.diagnostic.as_deref(), Some("2098"));
    assert_eq!(change.outcome, Outcome::Failure);
    let told: Vec<_> = change
        .changes
        .iter()
        .map(|it| {
            (
                it.operation,
                it.attribute.as_str(),
                it.values.join(" "),
                it.count,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                ValueOperation::Add,
                "servicePrincipalName",
                "http/x cifs/x".to_owned(),
                2
            ),
            (
                ValueOperation::Delete,
                "sIDHistory",
                "S-1-5-21-1-2-3-512".to_owned(),
                1
            ),
            (ValueOperation::Replace, "unicodePwd", String::new(), 1),
            (
                ValueOperation::Replace,
                "msDS-AllowedToActOnBehalfOfOtherIdentity",
                "01000480".to_owned(),
                1
            ),
        ]
    );
    let all = format!("{facts:?}");
    assert!(!all.contains("secret") && !all.contains("7300650063"));
    // Without an answer it is an attempt; cut short, what is there is told.
    let facts = run(&[client(1, request)]);
    assert_eq!(changes(&facts)[0].outcome, Outcome::Attempt);
}

#[test]
fn each_kind_of_change_is_told() {
    let add = [
        string("CN=new"),
        long(0x30, &attribute("objectClass", &[b"computer"])),
    ]
    .concat();
    let moved = [
        string("CN=a,OU=x"),
        string("CN=b"),
        vec![1, 1, 0xff],
        long(0x80, b"OU=y"),
    ]
    .concat();
    let facts = run(&[
        client(1, long_message(1, 0x68, &add)),
        server(2, answer(1, 0x69, 0, "")),
        client(3, long_message(2, 0x6c, &moved)),
        server(4, answer(2, 0x6d, 0, "")),
        client(5, long_message(3, 0x4a, b"CN=old")),
        server(6, answer(3, 0x6b, 0, "")),
    ]);
    assert_eq!(facts.counters.faults, []);
    let told: Vec<_> = changes(&facts)
        .iter()
        .map(|it| {
            (
                it.operation,
                it.object.as_str(),
                it.new_name.as_deref(),
                it.outcome,
            )
        })
        .collect();
    let success = Outcome::Success;
    assert_eq!(
        told,
        [
            (ChangeOperation::Add, "CN=new", None, success),
            (
                ChangeOperation::Move,
                "CN=a,OU=x",
                Some("CN=b,OU=y"),
                success
            ),
            (ChangeOperation::Delete, "CN=old", None, success),
        ]
    );
    assert_eq!(changes(&facts)[0].changes[0].values, ["computer"]);
}

#[test]
fn a_comparison_is_a_search_for_one_value() {
    let assertion = [string("memberOf"), string("CN=Admins")].concat();
    let content = [string("CN=jane"), long(0x30, &assertion)].concat();
    let facts = run(&[
        client(1, long_message(1, 0x6e, &content)),
        server(2, answer(1, 0x6f, 6, "")),
    ]);
    let told = &searches(&facts)[0];
    assert!(told.is_comparison);
    assert_eq!(
        (told.base.as_str(), told.filter.as_str()),
        ("CN=jane", "(memberOf=CN=Admins)")
    );
    assert_eq!(told.normal(), "(memberof=cn=admins)");
    assert_eq!((told.entries, told.outcome), (1, Outcome::Success));
}

#[test]
fn a_new_password_tells_whose_and_never_what() {
    let value = [
        long(0x80, b"jane"),
        long(0x81, b"old-one"),
        long(0x82, b"new-one"),
    ]
    .concat();
    let content = [
        long(0x80, b"1.3.6.1.4.1.4203.1.11.1"),
        long(0x81, &long(0x30, &value)),
    ]
    .concat();
    let who = long(0x80, b"1.3.6.1.4.1.4203.1.11.3");
    let facts = run(&[
        client(1, long_message(1, 0x77, &content)),
        server(2, answer(1, 0x78, 0, "")),
        client(3, long_message(2, 0x77, &who)),
    ]);
    let told = extended(&facts);
    assert_eq!(told[0].subject.as_deref(), Some("jane"));
    assert_eq!(told[0].outcome, Outcome::Success);
    assert_eq!(
        (told[1].subject.clone(), told[1].outcome),
        (None, Outcome::Attempt)
    );
    let all = format!("{facts:?}");
    assert!(!all.contains("old-one") && !all.contains("new-one"));
}

#[test]
fn controls_come_with_their_numbers() {
    let control = |kind: &str, critical: bool, value: &[u8]| {
        let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
        long(
            0x30,
            &[string(kind), critical.to_vec(), long(4, value)].concat(),
        )
    };
    let controls = [
        control("1.2.840.113556.1.4.801", true, &[0x30, 3, 2, 1, 5]),
        control(
            "1.2.840.113556.1.4.319",
            false,
            &[0x30, 8, 2, 2, 3, 0xe8, 4, 2, 9, 9],
        ),
        control("1.2.840.113556.1.4.417", true, &[]),
    ]
    .concat();
    let plain = search(1, "DC=lab", present("cn"), &["cn"]);
    let body = match plain[1] {
        0x81 => &plain[3..],
        _ => &plain[2..],
    };
    let request = long(0x30, &[body, &long(0xa0, &controls)].concat());
    let entries = entry(1, "CN=a", &[("cn", &[b"a"])]);
    let octets = u64::try_from(entries.len()).unwrap();
    let facts = run(&[
        client(1, request),
        server(2, entries.clone()),
        server(3, entries),
        server(4, done(1, ResultCode::Success)),
    ]);
    let told = &searches(&facts)[0];
    let controls: Vec<_> = told
        .controls
        .iter()
        .map(|it| (it.kind.as_str(), it.is_critical, it.number, it.goes_on))
        .collect();
    assert_eq!(
        controls,
        [
            ("1.2.840.113556.1.4.801", true, Some(5), false),
            ("1.2.840.113556.1.4.319", false, Some(1000), true),
            ("1.2.840.113556.1.4.417", true, None, false),
        ]
    );
    assert_eq!((told.entries, told.answer_octets), (2, octets * 2));
}

#[test]
fn a_ping_tells_who_asks_for_whom_and_whether_there_is_one() {
    let is = |kind: &str, value: &[u8]| long(0xa3, &[string(kind), long(4, value)].concat());
    let filter = long(
        0xa0,
        &[
            is("DnsDomain", b"lab.example"),
            is("Host", b"WS1"),
            is("User", b"jane"),
            is("NtVer", &[0x16, 0, 0, 0]),
        ]
        .concat(),
    );
    let head = [4, 0, 0x0a, 1, 0, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0];
    let content = [&head[..], &filter, &long(0x30, &string("Netlogon"))].concat();
    for (opcode, known) in [
        (23, Some(true)),
        (25, Some(false)),
        (24, None),
        (19, Some(true)),
    ] {
        let answer = entry(1, "", &[("Netlogon", &[&[opcode, 0, 0, 0]])]);
        let facts = run(&[
            client(1, long_message(1, 0x63, &content)),
            server(2, answer),
            server(3, done(1, ResultCode::Success)),
        ]);
        let ping = searches(&facts)[0].ping.clone().unwrap();
        assert_eq!(ping.host.unwrap().as_str(), "WS1");
        assert_eq!(ping.user.unwrap().as_str(), "jane");
        assert_eq!(ping.domain.unwrap().as_str(), "lab.example");
        assert_eq!(
            (ping.version, ping.is_user_known),
            (Some(0x16), known),
            "{opcode}"
        );
    }
}

#[test]
fn what_is_sealed_is_measured() {
    let buffer = |flags: u8, length: u32| {
        let mut buffer = length.to_be_bytes().to_vec();
        buffer.extend([5, 4, flags, 0xff, 0, 0, 0, 0]);
        buffer.resize(4 + usize::try_from(length).unwrap(), 0x77);
        buffer
    };
    let facts = run(&[
        client(1_000_000, buffer(2, 100)),
        server(2_000_000, buffer(3, 5_000)),
        server(4_000_000, buffer(3, 50)),
    ]);
    let told: Vec<_> = facts.pending.iter().map(|it| &it.fact).collect();
    let expected = DirectorySessionSealed {
        principal: SessionPrincipal::Unknown,
        requests: 1,
        request_octets: 104,
        answers: 2,
        answer_octets: 5_058,
        duration_ms: 3,
    };
    assert_eq!(told, [&Fact::DirectorySessionSealed(expected)]);
}

#[test]
fn changes_are_told_alike_however_they_are_cut_and_abused() {
    let records = [
        client(1, simple_bind(1, "jane", "secret")),
        client(
            2,
            modify(7, "CN=jane,DC=lab", &[(0, "member", &[b"CN=x", &SID])]),
        ),
        server(3, answer(7, 0x67, 0, "")),
        client(4, modify(8, "CN=y", &[(9, "count", &[])])),
    ];
    let whole = run(&records);
    for size in [1, 2, 3, 7, 50] {
        let cut = run(&in_pieces_of(size, &records));
        let facts =
            |facts: &Facts| -> Vec<_> { facts.pending.iter().map(|it| it.fact.clone()).collect() };
        assert_eq!(facts(&cut), facts(&whole), "{size}");
    }
    abuse(|| Conversation::new(false), &records);
    let _ = play(Conversation::new(true), &records);
}
