//! SMB2 beyond what the lab speaks: compounds, late answers, unknown handles, several sessions.

use super::build::*;
use super::{run, told};
use crate::conversation::{Record, count, in_pieces_of};
use realmward_event::Fact;
use realmward_protocols::Facts;

/// Requests of one connection, with numbers of their own.
fn ask(packet: u64, command: u16, body: &[u8]) -> Record {
    let header = Smb2 {
        command,
        id: packet,
        ..REQUEST
    };
    client(packet, framed(&header.with(body)))
}

/// The answer in `packet` to the request in packet `to`.
fn answer(packet: u64, to: u64, command: u16, status: u32, body: &[u8]) -> Record {
    let header = Smb2 {
        command,
        status,
        id: to,
        ..RESPONSE
    };
    server(packet, framed(&header.with(body)))
}

/// `IPC$` connected and a pipe opened: packets 1 to 4.
fn pipe_opened() -> Vec<Record> {
    vec![
        ask(1, 3, &tree_connect("\\\\dc1\\IPC$")),
        answer(2, 1, 3, 0, &tree_connected(2)),
        ask(3, 5, &create("svcctl", 1)),
        answer(4, 3, 5, 0, &created(FILE)),
    ]
}

/// A share connected and a file opened: packets 1 to 4.
fn file_opened() -> Vec<Record> {
    vec![
        ask(1, 3, &tree_connect("\\\\dc1\\data")),
        answer(2, 1, 3, 0, &tree_connected(1)),
        ask(3, 5, &create("a\\report.txt", 1)),
        answer(4, 3, 5, 0, &created(FILE)),
    ]
}

fn told_of(records: &[Record]) -> Vec<String> {
    told(&run(records))
}

const SHARE: &str = "\\\\dc1\\IPC$ by unknown: STATUS_SUCCESS";
const PIPE: &str = "pipe \\\\dc1\\IPC$\\svcctl by unknown: STATUS_SUCCESS";
const CALLED: &str = "called ROpenSCManagerW on pipe 'svcctl' by unknown: Unknown";

/// The calls that were told, whatever their outcome.
fn calls(facts: &Facts) -> Vec<String> {
    let mut lines = told(facts);
    lines.retain(|line| line.starts_with("called"));
    lines
}

#[test]
fn octets_of_a_pipe_are_rpc_however_they_travel() {
    let by_write_and_read = [
        ask(5, 9, &write(FILE, &bind())),
        ask(6, 8, &read(FILE)),
        ask(7, 9, &write(FILE, &request(2, 15))),
        ask(8, 8, &read(FILE)),
        answer(9, 8, 8, 0, &read_answer(&response(2))),
    ];
    let by_transceive = [
        ask(5, 9, &write(FILE, &bind())),
        ask(7, 0xb, &transceive(FILE, &request(2, 15))),
        answer(9, 7, 0xb, 0, &transceived(FILE, &response(2))),
    ];
    // The first octets of an answer that is too long, and a read of the rest.
    let (start, rest) = (response(2)[..20].to_vec(), response(2)[20..].to_vec());
    let by_overflow = [
        ask(5, 9, &write(FILE, &bind())),
        ask(7, 0xb, &transceive(FILE, &request(2, 15))),
        answer(8, 7, 0xb, 0x8000_0005, &transceived(FILE, &start)),
        ask(9, 8, &read(FILE)),
        answer(10, 9, 8, 0, &read_answer(&rest)),
    ];
    for way in [&by_write_and_read[..], &by_transceive, &by_overflow] {
        let facts = run(&[&pipe_opened()[..], way].concat());
        let calls = calls(&facts);
        assert_eq!(calls.len(), 1, "{:#?}", told(&facts));
        assert!(calls[0].starts_with("called ROpenSCManagerW on pipe 'svcctl' by unknown: "));
        assert!(!calls[0].ends_with("Attempt"), "{calls:?}");
        assert_eq!(facts.counters, Default::default());
    }
}

#[test]
fn an_answer_that_comes_late_belongs_to_its_request() {
    let mut records = pipe_opened();
    let interim = Smb2 {
        command: 0xb,
        status: PENDING,
        flags: 3,
        id: 6,
        tree: 0xa5, // half of AsyncId
        ..RESPONSE
    };
    let last = Smb2 {
        status: 0,
        ..interim
    };
    records.extend([
        ask(5, 9, &write(FILE, &bind())),
        ask(6, 0xb, &transceive(FILE, &request(2, 15))),
        server(7, framed(&interim.with(&error()))),
        ask(8, 0xb, &transceive(FILE, &request(3, 0))),
        answer(9, 8, 0xb, 0, &transceived(FILE, &response(3))),
        server(10, framed(&last.with(&transceived(FILE, &response(2))))),
    ]);
    let facts = run(&records);
    let calls = calls(&facts);
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls[0].contains("RCloseServiceHandle") && calls[1].contains("ROpenSCManagerW"));
    assert!(
        calls.iter().all(|call| !call.ends_with("Attempt")),
        "{calls:?}"
    );
}

#[test]
fn messages_of_a_compound_share_handle_tree_and_session() {
    let related = |command, id| Smb2 {
        command,
        id,
        flags: 4,
        tree: u32::MAX,
        session: u64::MAX,
        ..REQUEST
    };
    let (first, second, third) = (
        Smb2 {
            command: 5,
            id: 3,
            ..REQUEST
        },
        related(8, 4),
        related(6, 5),
    );
    let reply = |it: Smb2| Smb2 {
        flags: it.flags | 1,
        ..it
    };
    let mut records = pipe_opened()[..2].to_vec();
    records.extend([
        client(
            3,
            framed(&compound(&[
                (first, create("svcctl", 1)),
                (second, read(u128::MAX)),
                (third, close(u128::MAX)),
            ])),
        ),
        server(
            4,
            framed(&compound(&[
                (reply(first), created(FILE)),
                (reply(second), read_answer(&response(2))),
                (reply(third), closed()),
            ])),
        ),
        // The handle is closed: this is a handle of its own, opened before we listened.
        ask(6, 9, &write(FILE, &bind())),
    ]);
    let facts = run(&records);
    assert_eq!(
        told(&facts),
        [SHARE, PIPE, "bound svcctl on pipe '' by unknown: None"]
    );
    for size in 1..200 {
        assert_eq!(run(&in_pieces_of(size, &records)).pending, facts.pending);
    }
}

#[test]
fn a_compound_that_does_not_go_forward_ends() {
    let connect = tree_connect("\\\\dc1\\C$");
    for next in [1, 8, 63, 0x4000, u32::MAX] {
        let header = Smb2 {
            command: 3,
            id: 1,
            ..REQUEST
        };
        let facts = run(&[client(1, framed(&header.then(next, &connect)))]);
        assert_eq!(told(&facts), [""; 0], "{next}");
        assert_eq!(count(&facts.counters.faults, "smb"), 1, "{next}");
    }
}

#[test]
fn a_compound_is_read_up_to_its_bound() {
    let header = |id| Smb2 {
        command: 3,
        id,
        ..REQUEST
    };
    let messages: Vec<_> = (0..200)
        .map(|id| (header(id), tree_connect("\\\\dc1\\C$")))
        .collect();
    let facts = run(&[client(1, framed(&compound(&messages)))]);
    assert_eq!(told(&facts).len(), 64);
    assert_eq!(count(&facts.counters.limits, "smb_compound"), 1);
}

#[test]
fn an_unknown_handle_is_a_pipe_only_if_it_carries_rpc() {
    let late = |data: &[u8]| {
        run(&[
            ask(1, 9, &write(FILE, data)),
            ask(2, 9, &write(FILE, &request(2, 15))),
        ])
    };
    assert_eq!(
        told(&late(&bind())),
        [
            "bound svcctl on pipe '' by unknown: None",
            "called ROpenSCManagerW on pipe '' by unknown: Attempt",
        ]
    );
    // The second write is RPC, whatever the first one was.
    assert_eq!(
        told(&late(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0")).len(),
        1
    );
    // A response, sent by the client.
    let facts = run(&[ask(1, 9, &write(FILE, &response(1)))]);
    assert_eq!(
        (told(&facts).len(), facts.counters),
        (0, Default::default())
    );
}

#[test]
fn what_is_in_a_file_is_not_rpc_even_if_it_looks_so() {
    let mut records = file_opened();
    records.extend([
        ask(5, 9, &write(FILE, &bind())),
        ask(6, 8, &read(FILE)),
        answer(7, 6, 8, 0, &read_answer(&response(2))),
    ]);
    let facts = run(&records);
    assert_eq!(told(&facts), ["\\\\dc1\\data by unknown: STATUS_SUCCESS"]);
    assert_eq!(facts.counters, Default::default());
}

#[test]
fn a_pipe_that_speaks_something_else_costs_no_faults() {
    let mut records = pipe_opened();
    records.extend([
        ask(5, 9, &write(FILE, &[0x41; 4_000])),
        ask(6, 9, &write(FILE, &bind())),
    ]);
    let facts = run(&records);
    assert_eq!(told(&facts), [SHARE, PIPE]);
    assert_eq!(facts.counters, Default::default());
}

#[test]
fn requests_without_answers_are_told_at_the_end() {
    let records = [
        ask(1, 3, &tree_connect("\\\\dc1\\C$")),
        ask(2, 5, &create("x", 5)),
        ask(3, 5, &create("\\samr", 1)),
    ];
    assert_eq!(
        told_of(&records),
        [
            "\\\\dc1\\C$ by unknown: no answer",
            "file \\x, to create by unknown: no answer",
            "pipe \\samr by unknown: no answer",
        ]
    );
}

#[test]
fn openings_worth_telling_are_told() {
    let check = |share: &str, name: &str, disposition: u32| {
        let records = [
            ask(1, 3, &tree_connect(share)),
            answer(2, 1, 3, 0, &tree_connected(1)),
            ask(3, 5, &create(name, disposition)),
            answer(4, 3, 5, DENIED, &error()),
        ];
        told_of(&records).len() == 2
    };
    for (share, name, disposition) in [
        ("\\\\dc1\\C$", "Windows\\Temp\\a.txt", 1),
        ("\\\\dc1\\admin$", "a.txt", 1),
        ("\\\\dc1\\sysvol", "corp\\Policies\\x\\GPT.INI", 1),
        ("\\\\dc1\\NETLOGON", "logon.txt", 1),
        ("\\\\dc1\\data", "tools\\m.EXE", 1),
        ("\\\\dc1\\data", "tools\\job.ps1", 3),
        ("\\\\dc1\\data", "out.txt", 2),
    ] {
        assert!(check(share, name, disposition), "{share}\\{name}");
    }
    for (share, name, disposition) in [
        ("\\\\dc1\\data", "out.txt", 1),
        ("\\\\dc1\\data", "a\\out.txt", 2),
        ("\\\\dc1\\data", "exe", 1),
        ("\\\\dc1\\home$", "a\\b.docx", 5),
    ] {
        assert!(!check(share, name, disposition), "{share}\\{name}");
    }
}

#[test]
fn a_long_name_keeps_its_ending() {
    let name = format!("{}\\evil.exe", "d\\".repeat(2_000));
    let mut records = file_opened()[..2].to_vec();
    records.push(ask(3, 5, &create(&name, 1)));
    let told = told_of(&records);
    assert!(told[1].contains("\\evil.exe by"), "{}", told[1]);
    assert!(told[1].len() < 330);
}

#[test]
fn a_disconnected_tree_takes_its_pipes_along() {
    for command in [4, 2] {
        let mut records = pipe_opened();
        records.extend([
            ask(5, 9, &write(FILE, &bind())),
            ask(6, command, &[4, 0, 0, 0]),
            answer(7, 6, command, 0, &[4, 0, 0, 0]),
            ask(8, 0xb, &transceive(FILE, &request(2, 15))),
        ]);
        assert_eq!(
            told_of(&records)[2..],
            [
                "bound svcctl on pipe 'svcctl' by unknown: None",
                "called 15 on pipe '' by unknown: Attempt",
            ],
            "{command}"
        );
    }
}

#[test]
fn handles_of_two_sessions_do_not_mix() {
    let mut records = pipe_opened();
    records.push(ask(5, 9, &write(FILE, &bind())));
    let other = Smb2 {
        command: 9,
        id: 6,
        session: 0x52,
        ..REQUEST
    };
    records.push(client(
        6,
        framed(&other.with(&write(FILE, &request(2, 15)))),
    ));
    records.push(ask(7, 9, &write(FILE, &request(2, 15))));
    let told = told_of(&records);
    assert!(
        told.contains(&"called 15 on pipe '' by unknown: Attempt".to_owned()),
        "{told:#?}"
    );
    assert!(
        told.contains(&CALLED.replace("Unknown", "Attempt")),
        "{told:#?}"
    );
}

#[test]
fn file_data_is_not_looked_at() {
    // Were it, the bound of what is looked at would be reached, and counted.
    let mut records = file_opened();
    records.push(ask(5, 8, &read(FILE)));
    let data = vec![0x05; 8 << 20];
    records.push(answer(6, 5, 8, 0, &read_answer(&data)));
    records.push(ask(7, 9, &write(FILE, &data)));
    records.push(ask(8, 6, &close(FILE)));
    let facts = run(&in_pieces_of(1_460, &records));
    assert_eq!(facts.counters, Default::default());
    let [_, closed] = facts.pending.as_slice() else {
        panic!("{:?}", facts.pending);
    };
    let Fact::FileClosed(closed) = &closed.fact else {
        panic!("{closed:?}");
    };
    let moved = (closed.octets_read, closed.octets_written);
    assert_eq!(moved, (8 << 20, 8 << 20), "sizes are those of the headers");
}

#[test]
fn a_hole_in_file_data_loses_nothing() {
    use crate::conversation::stamp;
    use realmward_protocols::{Dissector, smb::Conversation};
    let mut conversation = Conversation::new();
    let mut facts = Facts::default();
    let data = ask(9, 9, &write(FILE, &vec![7; 100_000])).2;
    for (direction, packet, octets) in file_opened() {
        conversation.feed(direction, &octets, stamp(packet), &mut facts);
    }
    let to_server = realmward_vocab::Direction::ToServer;
    conversation.feed(to_server, &data[..20_000], stamp(9), &mut facts);
    conversation.gap(to_server, 40_000, &mut facts);
    conversation.feed(to_server, &data[60_000..], stamp(10), &mut facts);
    let (_, _, next) = ask(11, 3, &tree_connect("\\\\dc1\\C$"));
    conversation.feed(to_server, &next, stamp(11), &mut facts);
    conversation.finish(&mut facts);
    assert_eq!(told(&facts)[1..], ["\\\\dc1\\C$ by unknown: no answer"]);
    assert_eq!(facts.counters, Default::default());
}

#[test]
fn what_is_evicted_is_told_and_counted() {
    let connects: Vec<_> = (1..=1_500)
        .map(|id| ask(id, 3, &tree_connect("\\\\dc1\\C$")))
        .collect();
    let facts = run(&connects);
    assert_eq!(told(&facts).len(), 1_500);
    assert_eq!(
        count(&facts.counters.limits, "smb_pending_requests"),
        1_500 - 1_024
    );

    let mut records = pipe_opened()[..2].to_vec();
    for id in 10..110 {
        records.push(ask(id, 5, &create("svcctl", 1)));
        records.push(answer(id, id, 5, 0, &created(id.into())));
    }
    assert_eq!(count(&run(&records).counters.limits, "smb_pipes"), 100 - 64);
}

#[test]
fn compressed_messages_are_counted() {
    let message = [&b"\xfcSMB"[..], &[0; 300]].concat();
    let facts = run(&[
        client(1, framed(&message)),
        ask(2, 3, &tree_connect("\\\\dc1\\C$")),
    ]);
    assert_eq!(told(&facts).len(), 1);
    assert_eq!(count(&facts.counters.limits, "smb_compressed_message"), 1);
}

#[test]
fn the_session_service_of_port_139_is_passed_over() {
    let mut request = vec![0x81, 0, 0, 68];
    request.extend([0x20; 68]);
    let (_, _, connect) = ask(2, 3, &tree_connect("\\\\dc1\\C$"));
    let records = [
        client(1, request),
        server(2, vec![0x82, 0, 0, 0]),
        client(3, [&[0x85, 0, 0, 0][..], &connect].concat()),
    ];
    for size in [1, 3, 1_000] {
        let facts = run(&in_pieces_of(size, &records));
        assert_eq!(told(&facts).len(), 1);
        assert_eq!(facts.counters, Default::default());
    }
}
