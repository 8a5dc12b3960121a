//! What is done with files, what a negotiation says, and messages that are compressed.

use super::build::*;
use super::run;
use crate::conversation::{Record, count, in_pieces_of};
use realmward_event::Fact;
use realmward_event::smb::{FileClosed, SmbNegotiated};
use realmward_protocols::Facts;

fn ask(packet: u64, command: u16, body: &[u8]) -> Record {
    let header = Smb2 {
        command,
        id: packet,
        ..REQUEST
    };
    client(packet, framed(&header.with(body)))
}

fn answer(packet: u64, command: u16, status: u32, body: &[u8]) -> Record {
    let header = Smb2 {
        command,
        status,
        id: packet - 1,
        ..RESPONSE
    };
    server(packet, framed(&header.with(body)))
}

/// A share connected and a file opened: packets 1 to 4.
fn opened(share: &str, name: &str) -> Vec<Record> {
    vec![
        ask(1, 3, &tree_connect(share)),
        answer(2, 3, 0, &tree_connected(1)),
        ask(3, 5, &create(name, 1)),
        answer(4, 5, 0, &created(FILE)),
    ]
}

/// SET_INFO of a file.
fn set_info(class: u8, data: &[u8]) -> Vec<u8> {
    [
        &[33, 0, 1, class][..],
        &u32::try_from(data.len()).unwrap().to_le_bytes(),
        &[96, 0, 0, 0, 0, 0, 0, 0], // BufferOffset Reserved AdditionalInformation
        &FILE.to_le_bytes(),
        data,
    ]
    .concat()
}

fn renamed(name: &str) -> Vec<u8> {
    let name = utf16(name);
    let length = u32::try_from(name.len()).unwrap();
    [&[0; 16][..], &length.to_le_bytes(), &name].concat()
}

fn query_directory(file: u128, pattern: &str) -> Vec<u8> {
    let pattern = utf16(pattern);
    [
        &[33, 0, 37, 0, 0, 0, 0, 0][..],
        &file.to_le_bytes(),
        &[96, 0],
        &u16::try_from(pattern.len()).unwrap().to_le_bytes(),
        &[0, 0, 1, 0],
        &pattern,
    ]
    .concat()
}

fn closed(facts: &Facts) -> Vec<FileClosed> {
    let facts = facts.pending.iter();
    facts
        .filter_map(|it| match &it.fact {
            Fact::FileClosed(closed) => Some(closed.clone()),
            _ => None,
        })
        .collect()
}

fn negotiated(records: &[Record]) -> SmbNegotiated {
    let facts = run(records);
    let negotiated = facts.pending.into_iter().find_map(|it| match it.fact {
        Fact::SmbNegotiated(it) => Some(it),
        _ => None,
    });
    negotiated.unwrap()
}

#[test]
fn what_was_done_with_a_file_is_told_once_when_it_is_closed() {
    let mut records = opened("\\\\dc1\\C$", "Windows\\NTDS\\ntds.dit");
    for packet in (5..25).step_by(2) {
        records.push(ask(packet, 8, &read(FILE)));
        records.push(answer(packet + 1, 8, 0, &read_answer(&[7; 4_096])));
    }
    records.push(ask(25, 9, &write(FILE, &[1; 100])));
    records.push(ask(27, 17, &set_info(10, &renamed("Windows\\Temp\\x"))));
    records.push(answer(28, 17, 0, &[2, 0]));
    records.push(ask(29, 17, &set_info(13, &[1])));
    records.push(answer(30, 17, DENIED, &error())); // it may not
    records.push(ask(31, 6, &close(FILE)));
    records.push(answer(32, 6, 0, &super::build::closed()));
    for size in [1, 1_460] {
        let facts = run(&in_pieces_of(size, &records));
        let [closed] = closed(&facts).try_into().unwrap();
        assert_eq!((closed.octets_read, closed.octets_written), (40_960, 100));
        assert_eq!(closed.renamed_to.as_deref(), Some("Windows\\Temp\\x"));
        assert!(!closed.deleted, "refused");
        assert_eq!(closed.name, "Windows\\NTDS\\ntds.dit");
    }
}

#[test]
fn little_of_a_document_is_not_worth_an_event_and_much_of_it_is() {
    for (chunks, told) in [(1, 0), (20, 1)] {
        let mut records = opened("\\\\fs1\\data", "a\\report.docx");
        for packet in 0..chunks {
            records.push(ask(5 + 2 * packet, 8, &read(FILE)));
            records.push(answer(6 + 2 * packet, 8, 0, &read_answer(&[7; 60_000])));
        }
        // It is never closed.
        assert_eq!(closed(&run(&records)).len(), told, "{chunks}");
    }
}

#[test]
fn a_search_of_sysvol_for_a_name_is_told_also_within_a_compound_and_one_for_all_is_not() {
    let related = Smb2 {
        flags: 4,
        ..REQUEST
    };
    let of = |header: Smb2, command, id| Smb2 {
        command,
        id,
        ..header
    };
    let chain = u128::MAX;
    for (pattern, told) in [("Groups.xml", 1), ("*", 0)] {
        let asked = compound(&[
            (of(REQUEST, 5, 3), create("lab.example\\Policies", 1)),
            (of(related, 14, 4), query_directory(chain, pattern)),
            (of(related, 6, 5), close(chain)),
        ]);
        let answered = compound(&[
            (of(RESPONSE, 5, 3), created(FILE)),
            (of(RESPONSE, 14, 4), vec![9, 0, 72, 0, 0, 0, 0, 0]),
            (of(RESPONSE, 6, 5), super::build::closed()),
        ]);
        let records = [
            ask(1, 3, &tree_connect("\\\\dc1\\SYSVOL")),
            answer(2, 3, 0, &tree_connected(1)),
            client(3, framed(&asked)),
            server(4, framed(&answered)),
        ];
        let closed = closed(&run(&records));
        assert_eq!(closed.len(), told, "{pattern}");
        if let Some(closed) = closed.first() {
            assert_eq!(closed.pattern.as_deref(), Some("Groups.xml"));
        }
    }
}

#[test]
fn what_the_server_copies_is_written() {
    let copy = [
        &[57, 0, 0, 0][..],
        &0x0014_40f2_u32.to_le_bytes(),
        &FILE.to_le_bytes(),
        &[0; 32],
    ]
    .concat();
    let output = [1_u32, 0, 3 << 20].map(u32::to_le_bytes).concat();
    let copied = [
        &[49, 0, 0, 0][..],
        &0x0014_40f2_u32.to_le_bytes(),
        &FILE.to_le_bytes(),
        &[0; 8],
        &112_u32.to_le_bytes(),
        &12_u32.to_le_bytes(),
        &[0; 8],
        &output,
    ]
    .concat();
    let mut records = opened("\\\\fs1\\data", "a\\copy.vhdx");
    records.push(ask(5, 11, &copy));
    records.push(answer(6, 11, 0, &copied));
    assert_eq!(closed(&run(&records))[0].octets_written, 3 << 20);
}

/// NEGOTIATE of 3.1.1 with these contexts.
fn negotiate(contexts: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut body = [
        &[36, 0, 1, 0, 2, 0, 0, 0][..], // one dialect, signing required
        &0x7f_u32.to_le_bytes(),
        &[0x11; 16],
        &104_u32.to_le_bytes(),
        &u16::try_from(contexts.len()).unwrap().to_le_bytes(),
        &[0, 0],
        &0x0311_u16.to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    for (kind, data) in contexts {
        body.extend(kind.to_le_bytes());
        body.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
        body.extend([0; 4]);
        body.extend(data);
        body.resize(body.len().next_multiple_of(8), 0);
    }
    body
}

#[test]
fn a_negotiation_says_what_the_client_offers_and_which_server_it_means() {
    let it = negotiated(&[ask(
        1,
        0,
        &negotiate(&[
            (1, vec![0; 38]),
            (2, vec![2, 0, 2, 0, 1, 0]),
            (3, vec![1, 0, 0, 0, 0, 0, 0, 0, 3, 0]),
            (5, utf16("files.lab.example")),
            (8, vec![1, 0, 2, 0]),
        ]),
    )]);
    assert_eq!(it.contexts, [1, 2, 3, 5, 8]);
    assert_eq!(it.ciphers, [2, 1]);
    assert_eq!(it.compressions, [3]);
    assert_eq!(it.signing_algorithms, [2]);
    assert_eq!(it.server_name.as_deref(), Some("files.lab.example"));
    assert!(it.client_signing_required);
}

#[test]
fn contexts_without_end_or_outside_the_message_cost_nothing() {
    let many: Vec<_> = (0..1_000).map(|_| (2, vec![0xff; 600])).collect();
    let it = negotiated(&[ask(1, 0, &negotiate(&many))]);
    assert_eq!(it.contexts.len(), 16);
    assert_eq!(it.ciphers.len(), 16);
    let mut outside = negotiate(&[(5, utf16("x"))]);
    outside[28..32].fill(0xff);
    let it = negotiated(&[ask(1, 0, &outside)]);
    assert_eq!((it.contexts.len(), it.server_name), (0, None));
}

/// A message behind a COMPRESSION_TRANSFORM_HEADER, not chained.
fn compressed(original: u32, offset: u32, rest: &[u8]) -> Vec<u8> {
    [
        b"\xfcSMB",
        &original.to_le_bytes()[..],
        &[3, 0, 0, 0], // algorithm, flags
        &offset.to_le_bytes(),
        rest,
    ]
    .concat()
}

#[test]
fn the_clear_beginning_of_a_compressed_message_is_read() {
    let mut records = opened("\\\\fs1\\data", "a\\report.docx");
    records.push(ask(5, 8, &read(FILE)));
    let header = Smb2 {
        command: 8,
        id: 5,
        ..RESPONSE
    };
    let length = 5_u32 << 20;
    let fixed = [&[17, 0, 80, 0][..], &length.to_le_bytes(), &[0; 8]].concat();
    let clear = header.with(&fixed);
    let offset = u32::try_from(clear.len()).unwrap();
    let message = compressed(length, offset, &[clear, vec![0xaa; 9_000]].concat());
    records.push(server(6, framed(&message)));
    for size in [1, 1_460] {
        let facts = run(&in_pieces_of(size, &records));
        assert_eq!(closed(&facts)[0].octets_read, 5 << 20);
        assert_eq!(count(&facts.counters.limits, "smb_compressed_message"), 1);
        assert_eq!(facts.counters.faults, []);
    }
}

#[test]
fn sizes_of_a_compressed_message_that_contradict_each_other_are_told_once() {
    for (original, offset, told) in [
        (0xffff_ffff, 0x10, 1), // as against CVE-2020-0796
        (0x1000, 0xffff_ff00, 1),
        (0x1000, 0x10, 0),
    ] {
        let message = compressed(original, offset, &[0x41; 300]);
        let records = [client(1, framed(&message)), client(2, framed(&message))];
        for size in [1, 1_460] {
            let facts = run(&in_pieces_of(size, &records));
            let contradicting = facts.pending.iter();
            let contradicting = contradicting
                .filter(|it| matches!(it.fact, Fact::SmbSizesContradict(_)))
                .count();
            assert_eq!(contradicting, told, "{original:#x} {offset:#x}");
        }
    }
}

#[test]
fn an_offset_to_the_next_message_that_does_not_go_forward_ends_the_compound() {
    // One packet of 104 octets kept another's reader busy for ever.
    for next in [1, 8, 63, 0xffff_ffc0, u32::MAX] {
        let header = Smb2 {
            command: 5,
            id: 3,
            ..REQUEST
        };
        let message = header.then(next, &[0; 36]);
        let facts = run(&[client(1, framed(&message))]);
        assert_eq!(facts.counters.faults, [("smb", 1)], "{next:#x}");
    }
}

#[test]
fn files_opened_without_end_are_kept_to_a_bound_also_when_openings_fail() {
    let mut records = vec![
        ask(1, 3, &tree_connect("\\\\fs1\\data")),
        answer(2, 3, 0, &tree_connected(1)),
    ];
    for place in 0..6_000_u64 {
        let packet = 3 + 2 * place;
        records.push(ask(packet, 5, &create("a\\b.txt", 1)));
        let status = if place % 2 == 0 { 0 } else { DENIED };
        let body = match status {
            0 => created(place.into()),
            _ => error(),
        };
        records.push(answer(packet + 1, 5, status, &body));
    }
    let facts = run(&records);
    assert_eq!(count(&facts.counters.limits, "smb_files"), 3_000 - 1_024);
    assert_eq!(count(&facts.counters.limits, "smb_pending_requests"), 0);
}

#[test]
fn changes_and_searches_cut_or_poked_anywhere_are_survived() {
    for (command, body) in [
        (17, set_info(10, &renamed("x"))),
        (17, set_info(13, &[1])),
        (14, query_directory(FILE, "Groups.xml")),
        (0, negotiate(&[(2, vec![1, 0, 1, 0]), (5, utf16("dc1"))])),
        (11, vec![57; 56]),
    ] {
        let before = opened("\\\\dc1\\SYSVOL", "x");
        for cut in 0..body.len() {
            run(&[&before[..], &[ask(5, command, &body[..cut])]].concat());
        }
        for place in 0..body.len() {
            for poke in [0, 0x7f, 0xff] {
                let mut poked = body.clone();
                poked[place] = poke;
                let records = [ask(5, command, &poked), answer(6, command, 0, &[])];
                run(&[&before[..], &records].concat());
            }
        }
    }
    let message = compressed(9, 70, &[7; 100]);
    for place in 4..20 {
        for poke in [0, 1, 0x7f, 0xff] {
            let mut poked = message.clone();
            poked[place] = poke;
            for cut in [8, 12, 16, 40, 116] {
                run(&[client(1, framed(&poked[..cut]))]);
            }
        }
    }
}
