//! Hand-made messages, each octet named, and the odd forms of real clients.

use super::message::{Authenticate, Message, Response, Text, Version, av, flags};
use super::parse::message;
use crate::wire::ParseError;

/// Builds an AUTHENTICATE_MESSAGE with `header` octets of header, then the payloads.
fn authenticate(header: usize, flags: u32, payloads: [&[u8]; 6]) -> Vec<u8> {
    let mut fixed = b"NTLMSSP\0\x03\0\0\0".to_vec();
    let mut body: Vec<u8> = Vec::new();
    for payload in payloads {
        let length = u16::try_from(payload.len()).unwrap().to_le_bytes();
        let offset = u32::try_from(header + body.len()).unwrap().to_le_bytes();
        fixed.extend(length); // Len
        fixed.extend(length); // MaxLen
        fixed.extend(offset); // BufferOffset
        body.extend(payload);
    }
    fixed.extend(flags.to_le_bytes()); // NegotiateFlags
    fixed.extend([10, 0, 0x63, 0x45, 0, 0, 0, 15]); // Version 10.0.17763
    fixed.extend([0xab; 16]); // MIC
    fixed.truncate(header);
    fixed.extend(body);
    fixed
}

fn read(octets: &[u8]) -> Authenticate<'_> {
    match message(octets) {
        Ok(Message::Authenticate(found)) => found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn version_and_mic_are_there_only_if_the_header_has_room() {
    let user: [&[u8]; 6] = [&[0; 24], &[1; 24], b"D\0", b"u\0", b"", b""];
    let set = flags::UNICODE | flags::VERSION;
    let version = Some(Version {
        major: 10,
        minor: 0,
        build: 17763,
    });
    for (header, flags, want_version, want_mic) in [
        (88, set, version, true),
        (87, set, version, false),
        (72, set, version, false),
        (71, set, None, false),
        (64, set, None, false),
        (88, flags::UNICODE, None, true),
    ] {
        let octets = authenticate(header, flags, user);
        let found = read(&octets);
        assert_eq!(found.version, want_version, "{header}");
        assert_eq!(found.mic.is_some(), want_mic, "{header}");
        assert_eq!(found.user_name.decode(), "u");
        assert_eq!(found.response(), Response::V1 { nt: &[1; 24] });
    }
}

#[test]
fn the_oldest_clients_send_neither_session_key_nor_flags() {
    let octets = authenticate(52, 0, [&[0; 24], &[], b"DOM", b"USER", b"PC", &[]]);
    let found = read(&octets);
    assert_eq!(found.negotiate_flags, 0);
    assert_eq!(found.user_name.decode(), "USER");
    assert_eq!(found.workstation.decode(), "PC");
    assert_eq!(found.response(), Response::V1 { nt: &[] });
}

#[test]
fn no_name_and_no_response_is_anonymous() {
    for (lm, nt, user, anonymous) in [
        (&[0_u8][..], &[][..], &[][..], true),
        (&[], &[], &[], true),
        (&[0; 24], &[], &[], false),
        (&[], &[], b"u\0", false),
        (&[], &[0; 24], &[], false),
    ] {
        let octets = authenticate(88, flags::UNICODE, [lm, nt, &[], user, &[], &[]]);
        let found = read(&octets);
        assert_eq!(found.response() == Response::Anonymous, anonymous);
    }
}

#[test]
fn the_second_version_carries_the_targets_name() {
    let mut nt = vec![0x11; 16]; // Response (NTProofStr)
    nt.extend([1, 1, 0, 0, 0, 0, 0, 0]); // RespType, HiRespType, Reserved1, Reserved2
    nt.extend([2, 0, 0, 0, 0, 0, 0, 0]); // TimeStamp
    nt.extend(*b"ChAlLeNg"); // ChallengeFromClient
    nt.extend([0; 4]); // Reserved3
    nt.extend([9, 0, 4, 0, b'h', 0, b'/', 0]); // MsvAvTargetName, 4 octets
    nt.extend([0, 0, 0, 0]); // MsvAvEOL
    nt.extend([9, 0, 0, 0]); // behind the end of the list
    let octets = authenticate(88, flags::UNICODE, [&[], &nt, &[], b"u\0", &[], &[]]);
    let Response::V2(found) = read(&octets).response() else {
        panic!("not version 2");
    };
    assert_eq!(found.nt_proof_str, [0x11; 16]);
    assert_eq!(found.challenge_from_client, *b"ChAlLeNg");
    assert_eq!(found.time_stamp, 2);
    let target = found.av_pairs.text(av::TARGET_NAME).unwrap();
    assert_eq!(target.decode(), "h/");
    assert_eq!(found.av_pairs.iter().count(), 1);
}

#[test]
fn a_field_that_points_outside_is_empty() {
    let mut octets = authenticate(88, flags::UNICODE, [&[], &[], b"D\0", b"u\0", &[], &[]]);
    octets[40..44].copy_from_slice(&u32::MAX.to_le_bytes()); // UserName BufferOffset
    let found = read(&octets);
    assert_eq!(found.user_name.octets, b"");
    assert_eq!(found.domain_name.decode(), "D");
}

#[test]
fn what_is_no_message_is_refused() {
    assert_eq!(
        message(b"NTLMSSP\0\x04\0\0\0"),
        Err(ParseError::Malformed {
            field: "MessageType"
        })
    );
    assert!(message(b"NTLMSSQ\0\x01\0\0\0\0\0\0\0").is_err());
    assert!(message(b"NTLMSSP\0\x01\0\0").is_err());
    let shortest = message(b"NTLMSSP\0\x01\0\0\0\x01\x02\0\0");
    assert!(matches!(shortest, Ok(Message::Negotiate(it)) if it.negotiate_flags == 0x0201));
}

#[test]
fn text_of_any_code_page_becomes_text() {
    let check = |octets: &[u8], unicode, want: &str| {
        assert_eq!(Text { octets, unicode }.decode(), want);
    };
    check(b"\x18\x04\x32\x04", true, "Ив");
    check(b"\x00\xd8a\0", true, "\u{fffd}a");
    check(b"a\0b", true, "a");
    check("Ив".as_bytes(), false, "Ив");
    check(b"\xc8\xe2", false, "Èâ");
}
