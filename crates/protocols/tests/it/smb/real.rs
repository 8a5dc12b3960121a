//! Conversations of the lab; their truth was read with another dissector.

use super::{run, told};
use crate::conversation::{Record, count, in_pieces_of, records};

/// The records of a conversation kept here.
pub(super) fn conversation(name: &str) -> Vec<Record> {
    records(match name {
        "service-control" => include_bytes!("../../data/smb/service-control.conv"),
        "kerberos-files" => include_bytes!("../../data/smb/kerberos-files.conv"),
        "wrong-password" => include_bytes!("../../data/smb/wrong-password.conv"),
        _ => include_bytes!("../../data/smb/encrypted.conv"),
    })
}

#[test]
fn remote_service_control_is_told_from_dialect_to_call() {
    let facts = run(&conversation("service-control"));
    assert_eq!(
        told(&facts),
        [
            "negotiated 311 of [202, 210, 300, 302, 311], offers SMB1",
            "NTLM 2 of LAB\\adm-jane: Success",
            "session of LAB\\adm-jane: STATUS_SUCCESS",
            "\\\\10.77.0.21\\IPC$ by LAB\\adm-jane: STATUS_SUCCESS",
            "pipe \\\\10.77.0.21\\IPC$\\svcctl by LAB\\adm-jane: STATUS_SUCCESS",
            "bound svcctl on pipe 'svcctl' by LAB\\adm-jane: Some(true)",
            "called ROpenSCManagerW on pipe 'svcctl' by LAB\\adm-jane: Success",
            "called RCreateServiceW for MxFDeqCz on pipe 'svcctl' by LAB\\adm-jane: Failure",
        ]
    );
    assert_eq!(facts.counters, Default::default());
    let packets = |place: usize| -> Vec<u64> {
        let evidence = &facts.pending[place].evidence;
        evidence.iter().map(|it| it.packet).collect()
    };
    assert_eq!(packets(0), [4, 6, 8, 9]);
    assert_eq!(packets(2), [10, 11, 12, 16]);
    assert_eq!(packets(4), [19, 20]);
    assert_eq!(packets(5), [21, 24]);
}

#[test]
fn a_kerberos_session_is_known_by_its_ticket_and_its_reads_are_not_told() {
    let facts = run(&conversation("kerberos-files"));
    assert_eq!(
        told(&facts),
        [
            "negotiated 311 of [202, 210, 300, 302, 311]",
            "ticket for cifs/ws2.lab.example",
            "session of a ticket: STATUS_SUCCESS",
            "\\\\ws2.lab.example\\IPC$ by a ticket: STATUS_SUCCESS",
            "\\\\ws2.lab.example\\public by a ticket: STATUS_SUCCESS",
            "file \\\\ws2.lab.example\\public\\bob.txt, to create by a ticket: STATUS_SUCCESS",
        ]
    );
    assert_eq!(facts.counters, Default::default());
}

#[test]
fn a_wrong_password_is_a_refused_session() {
    let facts = run(&conversation("wrong-password"));
    assert_eq!(
        told(&facts)[1..],
        [
            "NTLM 2 of LAB\\victor: Failure",
            "session of LAB\\victor: STATUS_LOGON_FAILURE",
        ]
    );
}

#[test]
fn an_encrypted_session_is_told_and_counted_once() {
    let facts = run(&conversation("encrypted"));
    assert_eq!(
        told(&facts)[1..],
        [
            "NTLM 2 of LAB\\adm-jane: Success",
            "session of LAB\\adm-jane: STATUS_SUCCESS",
            "encrypted session of LAB\\adm-jane",
        ]
    );
    assert_eq!(
        count(&facts.counters.opaque, "smb3_encrypted_session"),
        1,
        "{:?}",
        facts.counters
    );
}

#[test]
fn any_cut_of_the_stream_tells_the_same() {
    for name in [
        "service-control",
        "kerberos-files",
        "wrong-password",
        "encrypted",
    ] {
        let records = conversation(name);
        let whole = run(&records);
        for size in [1, 2, 3, 5, 7, 63, 64, 65, 1_000] {
            let cut = run(&in_pieces_of(size, &records));
            assert_eq!(cut.pending, whole.pending, "{name} in pieces of {size}");
            assert_eq!(cut.counters, whole.counters, "{name} in pieces of {size}");
        }
    }
}

#[test]
fn one_direction_alone_still_tells_who_did_what() {
    let mut records = conversation("service-control");
    records.retain(|(direction, _, _)| *direction == realmward_vocab::Direction::ToServer);
    let told = told(&run(&records));
    for expected in [
        "NTLM 2 of LAB\\adm-jane: Attempt",
        "\\\\10.77.0.21\\IPC$ by LAB\\adm-jane: no answer",
        "pipe \\svcctl by LAB\\adm-jane: no answer",
        "bound svcctl on pipe '' by LAB\\adm-jane: None",
        "called RCreateServiceW for MxFDeqCz on pipe '' by LAB\\adm-jane: Attempt",
    ] {
        assert!(told.contains(&expected.to_owned()), "{told:#?}");
    }
}

#[test]
fn a_conversation_joined_late_tells_the_calls_of_a_pipe_without_a_name() {
    let records = conversation("service-control");
    // From the write of the bind on: handle, tree and session are unknown.
    let late = records.iter().position(|(_, packet, _)| *packet == 21);
    let facts = run(&records[late.unwrap()..]);
    assert_eq!(
        told(&facts),
        [
            "bound svcctl on pipe '' by unknown: Some(true)",
            "called ROpenSCManagerW on pipe '' by unknown: Success",
            "called RCreateServiceW for MxFDeqCz on pipe '' by unknown: Failure",
        ]
    );
}
