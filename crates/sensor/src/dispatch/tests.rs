use super::*;
use realmward_stream::{End, Transport};

fn origin(client: Option<Side>) -> Origin {
    let end = |address, port| End { address, port };
    let (key, _) = FlowKey::new(Transport::Tcp, end(1, 40_000), end(2, 41_000));
    Origin { key, client }
}

/// Panics on its second feed.
struct Fragile(u32);

impl Dissector for Fragile {
    fn feed(&mut self, _: Direction, _: &[u8], _: Stamp, _: &mut Facts) {
        self.0 += 1;
        assert!(self.0 < 2, "a fault of the dissector");
    }

    fn gap(&mut self, _: Direction, _: u64, _: &mut Facts) {}

    fn finish(&mut self, _: &mut Facts) {}
}

#[test]
fn a_panic_costs_one_conversation_and_is_counted() {
    let mut stage = Stage::Speaking(Speech {
        dissector: Box::new(Fragile(0)),
        client: Side::Low,
    });
    let mut facts = Facts::default();
    let piece = Piece::Octets(b"x", Seen::default());
    for open in [true, false, false] {
        stage.take(origin(None), Side::Low, piece, &mut facts);
        assert_eq!(stage.is_open(), open);
    }
    assert_eq!(facts.counters.limits, [(DISSECTOR_PANIC, 1)]);
}

/// How many segments of noise a flow is given.
fn patience(client: Option<Side>, sides: &[Side]) -> usize {
    let mut stage = Stage::default();
    let mut facts = Facts::default();
    let mut count = 0;
    while stage.is_open() {
        let side = sides[count % sides.len()];
        let noise = [0xf0 ^ u8::try_from(count % 3).unwrap(); 700];
        let piece = Piece::Octets(&noise, Seen::default());
        stage.take(origin(client), side, piece, &mut facts);
        count += 1;
        assert!(count < 1000);
    }
    count
}

#[test]
fn a_flow_that_speaks_nothing_we_know_is_soon_ignored() {
    assert_eq!(patience(Some(Side::Low), &[Side::Low]), 8);
    assert_eq!(patience(Some(Side::Low), &[Side::Low, Side::High]), 16);
    assert_eq!(patience(None, &[Side::High]), 32);
    assert_eq!(patience(None, &[Side::Low, Side::High]), 64);
}

#[test]
fn the_syn_outweighs_the_content_and_the_content_the_ports() {
    let known = origin(Some(Side::High));
    assert_eq!(orientation(known, Some(Side::Low), Side::Low), Side::High);
    let joined = origin(None);
    assert_eq!(orientation(joined, Some(Side::High), Side::Low), Side::High);
    let lower = joined.key.lower_port().unwrap();
    assert_eq!(orientation(joined, None, lower), lower.other());
}

#[test]
fn a_clients_port_that_is_known_too_does_not_hide_the_servers() {
    // A question for the root: id, flags, one question, its name, type and class.
    let question = [&[0, 7, 1, 0, 0, 1][..], &[0; 7], &[0, 1, 0, 1]].concat();
    for port in [40_000, 47_001, 1812, 5355, 68, 88] {
        for (client, server) in [(1, 2), (2, 1)] {
            let end = |address, port| End { address, port };
            let ends = (end(client, port), end(server, 53));
            let (key, from) = FlowKey::new(Transport::Udp, ends.0, ends.1);
            let stage = Stage::of_datagram(&key, from, &question);
            assert!(stage.is_some(), "from port {port}");
            assert_eq!(stage.unwrap().client(), Some(from));
        }
    }
}
