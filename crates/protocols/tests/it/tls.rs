//! TLS: recognised and counted, and nothing else.

use crate::conversation::{count, play};
use realmward_protocols::tls::{Conversation, recognise};
use realmward_protocols::{Opaque, Recognised};
use realmward_vocab::Direction;

#[test]
fn a_record_tells_the_protocol_and_a_hello_its_sender() {
    for (octets, wanted) in [
        // type, version, length, handshake type
        (
            &[22, 3, 1, 2, 0, 1, 0][..],
            Recognised::Yes(Direction::ToServer),
        ),
        (&[22, 3, 3, 0, 90, 2], Recognised::Yes(Direction::ToClient)),
        (&[23, 3, 3, 0, 90, 2], Recognised::Likely),
        (&[22, 3, 1, 2, 0], Recognised::TooShort),
        (&[22], Recognised::TooShort),
        (&[], Recognised::TooShort),
        (&[22, 3, 1, 0, 0, 1], Recognised::No),
        (&[22, 3, 1, 0xff, 0xff, 1], Recognised::No),
        (&[22, 3, 1, 2, 0, 11], Recognised::No),
        (&[22, 9], Recognised::No),
        (b"GET / HTTP/1.1", Recognised::No),
    ] {
        assert_eq!(recognise(octets), wanted, "{octets:?}");
    }
}

#[test]
fn a_session_is_counted_once() {
    let record = |direction| (direction, 1, vec![23; 2_000]);
    let records = [record(Direction::ToServer), record(Direction::ToClient)];
    let facts = play(Conversation::new(), &records);
    let name = Opaque::TlsSession.as_str();
    assert_eq!(count(&facts.counters.opaque, name), 1);
    assert_eq!(facts.pending, []);
}
