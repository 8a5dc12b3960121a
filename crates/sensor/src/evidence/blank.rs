//! Secrets are blanked in the packets that are kept as proof, before they leave the sensor.
//!
//! Blanked with zeros:
//! - LDAP: the password of a simple bind (RFC 4511 section 4.2), what follows the name of the operation
//!   that changes one (RFC 3062), and the values of attributes that are passwords.
//! - NTLM AUTHENTICATE (MS-NLMP section 2.2.1.3), whatever carries it: the LM response, the NT
//!   response of version 1 or the proof of version 2, the encrypted session key.
//! - HTTP: the credentials of `Authorization` and `Proxy-Authorization`, of every scheme.
//! - SQL Server (MS-TDS): the passwords of a logon.
//! - RADIUS (RFC 2865): `User-Password`, `CHAP-Password` and Microsoft's attributes (RFC 2548).
//!
//! What is left proves who, when and with what, but does not let a password be guessed offline.
//! Deliberately not blanked: Kerberos tickets and pre-authentication; their encryption is what
//! several detections are about. A secret cut across two packets is blanked in the first.

mod tds;

/// Blanks what is secret in a frame; `radius` if its ports are RADIUS's, `payload` is where the
/// octets above UDP begin then.
pub(super) fn blank(frame: &mut [u8], payload: usize, radius: bool) {
    for at in places(frame, NTLM_AUTHENTICATE) {
        ntlm(frame.get_mut(at..).unwrap_or_default());
    }
    for version in [2, 3] {
        for at in places(frame, &[0x02, 0x01, version, 0x04]) {
            ldap(frame, at);
        }
    }
    let lower = frame.to_ascii_lowercase();
    http(frame, &lower);
    passwords(frame, &lower);
    tds::blank(frame);
    if radius {
        attributes(frame.get_mut(payload + 20..).unwrap_or_default());
    }
}

/// The message from its signature on.
fn ntlm(message: &mut [u8]) {
    for (field, kept) in NTLM_FIELDS {
        let Some((length, offset)) = ntlm_field(message, field) else {
            continue;
        };
        let secret = match kept {
            // Version 2 is longer than the 24 octets of version 1 and begins with the proof.
            Some(proof) if 24 < length => proof,
            _ => length,
        };
        zero(message, offset, secret);
    }
}

fn ntlm_field(message: &[u8], at: usize) -> Option<(usize, usize)> {
    let length = u16::from_le_bytes(*message.get(at..)?.first_chunk()?);
    let offset = u32::from_le_bytes(*message.get(at + 4..)?.first_chunk()?);
    Some((usize::from(length), usize::try_from(offset).ok()?))
}

/// `at` is the version of a bind request; the tag of the request stands before it, the name after.
fn ldap(frame: &mut [u8], at: usize) {
    let is_bind = (2..=6).any(|back| {
        at.checked_sub(back)
            .and_then(|tag| frame.get(tag..at))
            .is_some_and(|it| it.first() == Some(&0x60) && length_octets(it) == Some(back))
    });
    if !is_bind {
        return;
    }
    let Some((name, start)) = der_length(frame, at + 4) else {
        return;
    };
    let simple = start.saturating_add(name);
    if frame.get(simple) == Some(&0x80)
        && let Some((length, start)) = der_length(frame, simple + 1)
    {
        zero(frame, start, length);
    }
}

/// Octets of a tag and its length.
fn length_octets(element: &[u8]) -> Option<usize> {
    der_length(element, 1).map(|(_, start)| start)
}

/// A BER length at `at`, and where the value begins.
fn der_length(octets: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = *octets.get(at)?;
    if first < 0x80 {
        return Some((usize::from(first), at + 1));
    }
    let count = usize::from(first & 0x7f);
    if 4 < count {
        return None;
    }
    let digits = octets.get(at + 1..)?.get(..count)?;
    let length = digits.iter().fold(0, |sum, it| sum << 8 | usize::from(*it));
    Some((length, at + 1 + count))
}

/// Everything behind the scheme of an authorization header, to the end of its line.
fn http(frame: &mut [u8], lower: &[u8]) {
    for at in places(lower, b"authorization:") {
        let start = at + b"authorization:".len();
        let line = lower.get(start..).unwrap_or_default();
        let line = line.split(|it| *it == b'\r').next().unwrap_or_default();
        let spaces = line.iter().take_while(|it| **it == b' ').count();
        let scheme = line
            .iter()
            .skip(spaces)
            .take_while(|it| **it != b' ')
            .count();
        let before = (spaces + scheme + 1).min(line.len());
        zero(frame, start + before, line.len() - before);
    }
}

/// What follows the name of the operation for a new password, to the end of the packet, and the set of
/// values behind the name of an attribute that is one.
fn passwords(frame: &mut [u8], lower: &[u8]) {
    for at in places(lower, PASSWORD_MODIFY) {
        let start = at + PASSWORD_MODIFY.len();
        zero(frame, start, lower.len() - start);
    }
    for name in PASSWORDS {
        for at in places(lower, name) {
            let set = at + name.len();
            if lower.get(set) == Some(&0x31)
                && let Some((length, start)) = der_length(lower, set + 1)
            {
                zero(frame, start, length);
            }
        }
    }
}

fn attributes(mut octets: &mut [u8]) {
    while let [kind, length, ..] = *octets {
        let length = usize::from(length).clamp(2, octets.len().max(2));
        let (attribute, rest) = std::mem::take(&mut octets).split_at_mut(length);
        let microsoft = kind == 26 && attribute.get(2..6) == Some(&[0, 0, 0x01, 0x37]);
        if matches!(kind, 2 | 3) {
            zero(attribute, 2, length);
        } else if microsoft {
            zero(attribute, 6, length);
        }
        octets = rest;
    }
}

/// Sets to zero what of `length` octets from `start` is there.
fn zero(octets: &mut [u8], start: usize, length: usize) {
    let end = start.saturating_add(length).min(octets.len());
    if let Some(secret) = octets.get_mut(start..end) {
        secret.fill(0);
    }
}

fn places(octets: &[u8], pattern: &[u8]) -> Vec<usize> {
    memchr::memmem::find_iter(octets, pattern).collect()
}

/// RFC 3062, as a request names it; a root DSE that lists it is no request.
const PASSWORD_MODIFY: &[u8] = b"\x80\x171.3.6.1.4.1.4203.1.11.1";

/// Attributes that are passwords, in lower case.
const PASSWORDS: [&[u8]; 7] = [
    b"unicodepwd",
    b"userpassword",
    b"unixuserpassword",
    b"ms-mcs-admpwd",
    b"mslaps-password",
    b"mslaps-encryptedpassword",
    b"msds-managedpassword",
];

const NTLM_AUTHENTICATE: &[u8] = b"NTLMSSP\0\x03\0\0\0";

/// Where length and offset of LM response, NT response and session key stand, and how much of a
/// longer one is secret.
const NTLM_FIELDS: [(usize, Option<usize>); 3] = [(12, None), (20, Some(16)), (52, None)];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(frame: &[u8], payload: usize, radius: bool, secret: &[u8], kept: &[u8]) {
        let mut blanked = frame.to_vec();
        assert!(!places(frame, secret).is_empty());
        blank(&mut blanked, payload, radius);
        assert!(places(&blanked, secret).is_empty(), "{blanked:02x?}");
        assert!(!places(&blanked, kept).is_empty(), "{blanked:02x?}");
        assert_eq!(blanked.len(), frame.len());
        for cut in 0..frame.len() {
            blank(&mut frame[..cut].to_vec(), payload, radius);
        }
    }

    fn bind(long: bool) -> Vec<u8> {
        let mut request = vec![0x02, 0x01, 0x03, 0x04, 5];
        request.extend(b"cn=me");
        request.extend([0x80, 6]);
        request.extend(b"secret");
        let length = u8::try_from(request.len()).unwrap();
        let head = if long {
            vec![
                0x30,
                0x84,
                0,
                0,
                0,
                length + 9,
                2,
                1,
                1,
                0x60,
                0x84,
                0,
                0,
                0,
                length,
            ]
        } else {
            vec![0x30, length + 5, 2, 1, 1, 0x60, length]
        };
        [b"headers".to_vec(), head, request].concat()
    }

    #[test]
    fn the_password_of_a_simple_bind_goes_and_the_name_stays() {
        for long in [false, true] {
            check(&bind(long), 7, false, b"secret", b"cn=me");
        }
        // A password cut by the end of the packet goes as far as it is there.
        let mut cut = bind(false);
        cut.truncate(cut.len() - 2);
        check(&cut, 7, false, b"secr", b"cn=me");
        // The same octets outside a bind request are none.
        let mut other = bind(false);
        other[7 + 5] = 0x61;
        let before = other.clone();
        blank(&mut other, 7, false);
        assert_eq!(other, before);
    }

    #[test]
    fn new_passwords_go_and_the_name_of_the_attribute_stays() {
        let value = |name: &str, tag: u8| {
            let mut frame = b"..\x30\x20\x04".to_vec();
            frame.push(u8::try_from(name.len()).unwrap());
            frame.extend(name.as_bytes());
            frame.extend([tag, 8, 4, 6]);
            frame.extend(b"secret and more");
            frame
        };
        for name in ["unicodePwd", "userPassword", "ms-Mcs-AdmPwd"] {
            check(&value(name, 0x31), 2, false, b"secret", name.as_bytes());
            check(&value(name, 0x31), 2, false, b"secret", b" and more");
        }
        // A name in a list of wishes is followed by the next wish.
        let wish = value("unicodePwd", 0x04);
        let mut blanked = wish.clone();
        blank(&mut blanked, 2, false);
        assert_eq!(blanked, wish);
        let mut modify = b"..\x77\x40\x80\x171.3.6.1.4.1.4203.1.11.1\x81\x20".to_vec();
        modify.extend(b"\x30\x1e\x80\x04jane\x82\x06secret");
        check(&modify, 2, false, b"secret", b"4203.1.11.1");
        // Where lengths take more octets, it is found as well.
        let mut long = b"\x77\x84\0\0\0\x40\x80\x171.3.6.1.4.1.4203.1.11.1".to_vec();
        long.extend(b"\x81\x84\0\0\0\x20\x30\x84\0\0\0\x1esecret");
        check(&long, 2, false, b"secret", b"4203.1.11.1");
    }

    #[test]
    fn ntlm_proofs_go_and_the_name_and_the_rest_of_the_answer_stay() {
        let field = |length: u16, offset: u32| {
            [
                &length.to_le_bytes()[..],
                &length.to_le_bytes(),
                &offset.to_le_bytes(),
            ]
            .concat()
        };
        for (response, kept) in [
            (b"PPPPPPPPPPPPPPPPPPPPPPPP".to_vec(), &b"alice"[..]),
            (
                b"PPPPPPPPPPPPPPPPblob of version 2 with names".to_vec(),
                b"blob of version 2",
            ),
        ] {
            let length = u16::try_from(response.len()).unwrap();
            let message = [
                NTLM_AUTHENTICATE.to_vec(),
                field(4, 64),
                field(length, 73),
                field(0, 0),
                field(5, 68),
                field(0, 0),
                field(4, 73 + u32::from(length)),
                vec![0; 4],
                b"LLLLalice".to_vec(),
                response,
                b"KKKK".to_vec(),
            ]
            .concat();
            for secret in [&b"PPPP"[..], b"LLLL", b"KKKK"] {
                check(&message, 0, false, secret, kept);
            }
            check(&message, 0, false, b"PPPP", b"alice");
        }
    }

    #[test]
    fn credentials_of_http_go_and_the_scheme_stays() {
        for header in ["Authorization: Basic ", "proxy-authorization:  NTLM "] {
            let text =
                format!("GET / HTTP/1.1\r\nHost: a\r\n{header}c2VjcmV0\r\nAccept: b\r\n\r\n");
            check(text.as_bytes(), 0, false, b"c2VjcmV0", b"\r\nAccept: b");
            check(text.as_bytes(), 0, false, b"c2VjcmV0", header.as_bytes());
        }
    }

    #[test]
    fn passwords_of_sql_server_go_and_the_name_stays() {
        // A logon as FreeTDS writes it, behind headers of some length.
        let talk = include_bytes!("../../../protocols/tests/data/tds/refused.conv");
        let login = talk.windows(2).position(|it| it == [16, 1]).unwrap();
        let packet = [b"headers", &talk[login..login + 219]].concat();
        let secret: Vec<u8> = "Secret-1"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .map(|it| it.rotate_left(4) ^ 0xa5)
            .collect();
        let user: Vec<u8> = "sa".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(packet.windows(16).any(|it| it == secret));
        check(&packet, 0, false, &secret, &user);
    }

    #[test]
    fn passwords_of_radius_go_and_the_name_stays() {
        let mut packet = b"headers".to_vec();
        packet.extend([1, 7, 0, 0]);
        packet.extend([9; 16]);
        packet.extend(b"\x01\x07alice\x02\x08secret\x03\x08secret");
        packet.extend(b"\x1a\x0e\x00\x00\x01\x37\x19\x08secret");
        check(&packet, 7, true, b"secret", b"alice");
        let before = packet.clone();
        blank(&mut packet, 7, false);
        assert_eq!(packet, before);
    }
}
