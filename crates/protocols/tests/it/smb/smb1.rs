//! SMB1, which the lab does not speak any more.

use super::build::*;
use super::{run, told};
use crate::conversation::{Record, count, in_pieces_of};
use realmward_event::Fact;

const ANY: Smb1 = Smb1 {
    reply: false,
    status: 0,
    unicode: true,
    tid: 0x800,
    uid: 0x64,
    mid: 1,
};
const NO_TREE: Smb1 = Smb1 {
    tid: 0,
    uid: 0,
    ..ANY
};

fn ask(packet: u64, message: &[u8]) -> Record {
    client(packet, framed(message))
}

fn answer(packet: u64, message: &[u8]) -> Record {
    server(packet, framed(message))
}

fn reply(header: Smb1) -> Smb1 {
    Smb1 {
        reply: true,
        ..header
    }
}

/// Words with a 16-bit number at each place given.
fn words(count: usize, numbers: &[(usize, u16)]) -> Vec<u8> {
    let mut words = vec![0; 2 * count];
    for (place, number) in numbers {
        words[*place..place + 2].copy_from_slice(&number.to_le_bytes());
    }
    words
}

/// A negotiation that chooses NT LM 0.12 with a challenge.
fn negotiated(security_mode: u16) -> [Record; 2] {
    [
        ask(
            1,
            &NO_TREE.with(0x72, &[], b"\x02LANMAN1.0\0\x02NT LM 0.12\0"),
        ),
        answer(
            2,
            &reply(NO_TREE).with(
                0x72,
                &words(17, &[(0, 1), (2, security_mode)]),
                b"\x01\x02\x03\x04\x05\x06\x07\x08",
            ),
        ),
    ]
}

fn old_setup(lm: &[u8], nt: &[u8], user: &str, domain: &str) -> (u8, Vec<u8>, Vec<u8>) {
    let lengths = [lm, nt].map(|it| u16::try_from(it.len()).unwrap());
    // Text is aligned to the message: 32 octets, WordCount, 26 octets of words, ByteCount.
    let at = 32 + 1 + 26 + 2 + lm.len() + nt.len();
    let pad = vec![0; at % 2];
    let names = [utf16(user), vec![0, 0], utf16(domain), vec![0, 0]].concat();
    (
        0x73,
        words(13, &[(14, lengths[0]), (16, lengths[1])]),
        [lm, nt, &pad, &names].concat(),
    )
}

fn create(name: &str) -> Vec<u8> {
    let mut words = words(24, &[(35, 1)]);
    words[15..19].copy_from_slice(&0x0002_019f_u32.to_le_bytes());
    // Text is aligned: 32 octets, WordCount, 48 octets of words, ByteCount.
    ANY.with(0xa2, &words, &[&[0][..], &utf16(name), &[0, 0]].concat())
}

fn transact(mid: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    let offset = 32 + 1 + 32 + 2;
    let mut words = words(
        16,
        &[
            (2, length),
            (22, length),
            (24, offset),
            (28, 0x26),
            (30, 0x4000),
        ],
    );
    words[26] = 2; // SetupCount
    Smb1 { mid, ..ANY }.with(0x25, &words, data)
}

fn transacted(mid: u16, total: usize, displacement: usize, data: &[u8]) -> Vec<u8> {
    let number = |it: usize| u16::try_from(it).unwrap();
    let words = words(
        10,
        &[
            (2, number(total)),
            (12, number(data.len())),
            (14, 32 + 1 + 20 + 2),
            (16, number(displacement)),
        ],
    );
    reply(Smb1 { mid, ..ANY }).with(0x25, &words, data)
}

/// A pipe opened by NT_CREATE_ANDX, after a tree connect.
fn pipe_opened() -> Vec<Record> {
    let path = [&utf16("\\\\DC1\\IPC$")[..], &[0, 0], b"?????\0"].concat();
    let mut fid = words(34, &[(5, 0x4000)]);
    fid[4] = 0;
    vec![
        ask(
            3,
            &ANY.with(0x75, &words(4, &[(6, 1)]), &[&[0][..], &path].concat()[..]),
        ),
        answer(4, &reply(ANY).with(0x75, &words(3, &[]), b"IPC\0\0")),
        ask(5, &create("\\svcctl")),
        answer(6, &reply(ANY).with(0xa2, &fid, &[])),
    ]
}

#[test]
fn an_old_logon_shows_its_user_and_its_response() {
    let setup = old_setup(&[0x11; 24], &[0x22; 24], "bob", "CORP");
    let path = [&utf16("\\\\DC1\\C$")[..], &[0, 0], b"?????\0"].concat();
    let connect = (0x75, words(4, &[(6, 1)]), [&[0][..], &path].concat());
    let mut records = negotiated(3).to_vec();
    records.push(ask(3, &NO_TREE.chain(&[setup, connect])));
    records.push(answer(
        4,
        &reply(ANY).chain(&[
            (0x73, words(3, &[]), vec![0]),
            (0x75, words(3, &[]), b"A:\0\0\0".to_vec()),
        ]),
    ));
    for size in [1, 2, 7, 1_000] {
        let facts = run(&in_pieces_of(size, &records));
        assert_eq!(
            told(&facts),
            [
                "negotiated 1 of [], offers SMB1",
                "NTLM 1 of CORP\\bob: Success",
                "session of CORP\\bob: STATUS_SUCCESS",
                "\\\\DC1\\C$ by CORP\\bob: STATUS_SUCCESS",
            ]
        );
        assert_eq!(facts.counters, Default::default());
        let Fact::NtlmAuthenticated(logon) = &facts.pending[1].fact else {
            panic!("{facts:?}");
        };
        assert_eq!(logon.server_challenge, Some(0x0102_0304_0506_0708));
        assert_eq!(logon.proof, Some(0x2222_2222_2222_2222));
    }
}

#[test]
fn a_password_in_clear_is_not_kept() {
    for (mode, lm, nt) in [
        (1, &b"secretsecretsecretsecret"[..], &b""[..]),
        (3, b"secret\0", b""),
        (1, b"", b"s\0e\0c\0r\0e\0t\0\0\0"),
    ] {
        let (command, words, bytes) = old_setup(lm, nt, "bob", "CORP");
        let mut records = negotiated(mode).to_vec();
        records.push(ask(3, &NO_TREE.with(command, &words, &bytes)));
        records.push(answer(4, &reply(ANY).with(0x73, &[0, 0, 0, 0, 1, 0], &[])));
        let facts = run(&records);
        assert_eq!(
            told(&facts)[1..],
            ["session of named bob: STATUS_SUCCESS, guest"]
        );
        assert!(!format!("{facts:?}").contains("secret"));
    }
}

#[test]
fn a_refused_chain_ends_where_it_was_refused() {
    let setup = old_setup(&[0x11; 24], &[0x22; 24], "bob", "CORP");
    let path = [&utf16("\\\\DC1\\C$")[..], &[0, 0], b"?????\0"].concat();
    let connect = (0x75, words(4, &[(6, 1)]), [&[0][..], &path].concat());
    let mut records = negotiated(3).to_vec();
    records.push(ask(3, &NO_TREE.chain(&[setup, connect])));
    let refused = Smb1 {
        status: 0xc000_006d,
        ..reply(NO_TREE)
    };
    records.push(answer(4, &refused.with(0x73, &[], &[])));
    assert_eq!(
        told(&run(&records))[1..],
        [
            "NTLM 1 of CORP\\bob: Failure",
            "session of CORP\\bob: STATUS_LOGON_FAILURE",
            "\\\\DC1\\C$ by unknown: no answer",
        ]
    );
}

#[test]
fn an_error_of_the_older_form_is_still_a_refusal() {
    let (command, words, bytes) = old_setup(&[0x11; 24], &[0x22; 24], "bob", "CORP");
    let mut records = negotiated(3).to_vec();
    records.push(ask(3, &NO_TREE.with(command, &words, &bytes)));
    let mut message = Smb1 {
        status: 0x0002_0002,
        ..reply(NO_TREE)
    }
    .with(0x73, &[], &[]);
    message[11] &= !0x40; // SMB_FLAGS2_NT_STATUS
    records.push(answer(4, &message));
    assert_eq!(
        told(&run(&records))[2],
        "session of CORP\\bob: STATUS_LOGON_FAILURE"
    );
}

#[test]
fn octets_of_a_pipe_are_rpc_however_they_travel() {
    let write = |data: &[u8]| {
        let length = u16::try_from(data.len()).unwrap();
        let words = words(14, &[(4, 0x4000), (20, length), (22, 32 + 1 + 28 + 2)]);
        Smb1 { mid: 9, ..ANY }.with(0x2f, &words, data)
    };
    let read = |mid| Smb1 { mid, ..ANY }.with(0x2e, &words(12, &[(4, 0x4000)]), &[]);
    let read_answer = |mid, data: &[u8]| {
        let length = u16::try_from(data.len()).unwrap();
        let words = words(12, &[(10, length), (12, 32 + 1 + 24 + 2)]);
        reply(Smb1 { mid, ..ANY }).with(0x2e, &words, data)
    };
    let by_transaction = [
        ask(7, &write(&bind())),
        ask(8, &transact(10, &request(2, 15))),
        answer(9, &transacted(10, 28, 0, &response(2))),
    ];
    let in_parts = [
        ask(7, &write(&bind())),
        ask(8, &transact(10, &request(2, 15))),
        answer(9, &transacted(10, 28, 0, &response(2)[..10])),
        answer(10, &transacted(10, 28, 10, &response(2)[10..])),
    ];
    let by_write_and_read = [
        ask(7, &write(&bind())),
        ask(8, &write(&request(2, 15))),
        ask(9, &read(11)),
        answer(10, &read_answer(11, &response(2))),
    ];
    for way in [&by_transaction[..], &in_parts, &by_write_and_read] {
        let records = [&pipe_opened()[..], way].concat();
        let facts = run(&records);
        let told = told(&facts);
        assert_eq!(
            told[..2],
            [
                "\\\\DC1\\IPC$ by unknown: STATUS_SUCCESS",
                "pipe \\\\DC1\\IPC$\\svcctl by unknown: STATUS_SUCCESS",
            ]
        );
        let call = told.iter().find(|line| line.starts_with("called")).unwrap();
        assert!(
            call.starts_with("called ROpenSCManagerW on pipe 'svcctl' by unknown"),
            "{call}"
        );
        assert!(!call.ends_with("Attempt"), "{call}");
        assert_eq!(facts.counters, Default::default());
        for size in 1..120 {
            assert_eq!(
                run(&in_pieces_of(size, &records)).pending,
                facts.pending,
                "{size}"
            );
        }
    }
}

#[test]
fn a_negotiation_may_go_on_in_smb2() {
    let offer = b"\x02NT LM 0.12\0\x02SMB 2.002\0\x02SMB 2.???\0";
    let chosen = |dialect: u16| [&[65, 0, 3, 0][..], &dialect.to_le_bytes(), &[0; 58]].concat();
    let again = [
        &[36, 0, 1, 0, 1, 0, 0, 0][..],
        &[0x7f, 0, 0, 0],
        &[0xab; 16],
        &[0; 8],
        &[0x11, 3],
    ]
    .concat();
    let records = [
        ask(1, &NO_TREE.with(0x72, &[], offer)),
        answer(2, &RESPONSE.with(&chosen(0x02ff))),
        ask(3, &REQUEST.with(&again)),
        answer(4, &RESPONSE.with(&chosen(0x0311))),
    ];
    assert_eq!(
        told(&run(&records)),
        ["negotiated 311 of [311], offers SMB1, signs"]
    );
    assert_eq!(
        told(&run(&records[..1])),
        ["negotiated 0 of [], offers SMB1"]
    );
    let only_smb2 = [
        ask(1, &NO_TREE.with(0x72, &[], b"\x02SMB 2.002\0")),
        answer(2, &RESPONSE.with(&chosen(0x0202))),
    ];
    assert_eq!(told(&run(&only_smb2)), ["negotiated 202 of [], signs"]);
}

#[test]
fn a_chain_that_does_not_go_forward_ends() {
    let logoff = |next: u8, offset: u16| {
        let [low, high] = offset.to_le_bytes();
        let mut message = ANY.with(0x74, &[0xff, 0, 0, 0], &[]);
        message[33] = next;
        message[35] = low;
        message[36] = high;
        message
    };
    for offset in [0, 4, 32, 33, 0xffff] {
        let facts = run(&[ask(1, &logoff(0x74, offset))]);
        assert_eq!(count(&facts.counters.faults, "smb"), 1, "{offset}");
    }
    let many = vec![(0x74, vec![0; 4], vec![]); 20];
    let facts = run(&[ask(1, &ANY.chain(&many))]);
    assert_eq!(count(&facts.counters.limits, "smb_andx"), 1);
}

#[test]
fn a_hole_forgets_requests_whose_numbers_come_again() {
    use crate::conversation::stamp;
    use realmward_protocols::{Dissector, Facts, smb::Conversation};
    use realmward_vocab::Direction;
    let mut conversation = Conversation::new();
    let mut facts = Facts::default();
    for (direction, packet, octets) in &pipe_opened()[..3] {
        conversation.feed(*direction, octets, stamp(*packet), &mut facts);
    }
    conversation.gap(Direction::ToServer, 500, &mut facts);
    let (direction, packet, octets) = &pipe_opened()[3];
    conversation.feed(*direction, octets, stamp(*packet), &mut facts);
    assert_eq!(
        told(&facts)[1],
        "pipe \\\\DC1\\IPC$\\svcctl by unknown: no answer"
    );
}

#[test]
fn commands_that_do_not_matter_are_passed_over() {
    // SMB_COM_TRANSACTION2, SMB_COM_ECHO and SMB_COM_NT_TRANSACT.
    for command in [0x32, 0x2b, 0xa0] {
        let records = [
            ask(1, &ANY.with(command, &[0; 30], &[0xaa; 2_000])),
            answer(2, &reply(ANY).with(command, &[0; 20], &[0xaa; 2_000])),
        ];
        for size in [1, 100, 4_000] {
            let facts = run(&in_pieces_of(size, &records));
            assert_eq!(
                (facts.pending.len(), facts.counters),
                (0, Default::default())
            );
        }
    }
}

#[test]
fn a_server_that_does_not_mark_its_replies_is_understood() {
    let mut records = pipe_opened();
    for (direction, _, octets) in &mut records {
        if *direction == realmward_vocab::Direction::ToClient {
            octets[4 + 9] &= !0x80;
        }
    }
    assert_eq!(told(&run(&records)), told(&run(&pipe_opened())));
}
