//! How a conversation is known by its first octets.

use super::samples::{KERBEROS, record};
use realmward_protocols::Recognised;
use realmward_protocols::kerberos::recognise;
use realmward_vocab::Direction::{ToClient, ToServer};

#[test]
fn first_octets_tell_who_speaks() {
    for (name, octets) in KERBEROS {
        let want = match *name {
            "ap-rep" | "krb-priv" => Recognised::No,
            it if it.contains("-req") && !it.starts_with("error") => Recognised::Yes(ToServer),
            _ => Recognised::Yes(ToClient),
        };
        assert_eq!(recognise(true, octets), want, "{name}");
        assert_eq!(recognise(false, &record(name)), want, "{name}");
        assert_eq!(recognise(false, octets), Recognised::No, "{name}");
    }
    for (name, want) in [("password-request", ToServer), ("password-reply", ToClient)] {
        let octets = super::samples::sample(name);
        assert_eq!(recognise(true, octets), Recognised::Yes(want), "{name}");
        assert_eq!(
            recognise(false, &record(name)),
            Recognised::Yes(want),
            "{name}"
        );
    }
    let stream = record("as-req-mit");
    for cut in 0..20 {
        assert_eq!(
            recognise(false, &stream[..cut]),
            Recognised::TooShort,
            "{cut}"
        );
    }
    for other in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\0\0\0\x55\xfeSMB",
        &[0x6a; 64],
        b"\x30\x84\0\0\0\x10",
    ] {
        assert_eq!(recognise(false, other), Recognised::No);
        assert_eq!(recognise(true, other), Recognised::No);
    }
}
