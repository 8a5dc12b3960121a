//! Asking the protocols whose octets these are.

use super::protocol::{Protocol, candidates};
use realmward_protocols::Recognised;
use realmward_vocab::Direction;

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This protocol, and in which direction its octets go, if it can be told.
    Taken(Protocol, Option<Direction>),
    /// More octets are needed.
    Wait,
    /// None.
    None,
}

/// Asks the protocols of the ports first, then the others. A sure answer wins over a likely one, unless
/// the likely one has a port on its side.
///
/// `at_start`: these are the first octets of the flow, so a likely answer will do without the port.
pub(crate) fn choose(
    hints: [Option<Protocol>; 2],
    over_udp: bool,
    at_start: bool,
    octets: &[u8],
) -> Choice {
    let mut short = false;
    for protocol in hints.into_iter().flatten() {
        match protocol.recognise(over_udp, octets) {
            Recognised::Yes(direction) => return Choice::Taken(protocol, Some(direction)),
            Recognised::Likely => return Choice::Taken(protocol, None),
            Recognised::TooShort => short = true,
            Recognised::No => {}
        }
    }
    let mut likely = None;
    for protocol in candidates(over_udp, at_start) {
        if hints.contains(&Some(protocol)) {
            continue;
        }
        match protocol.recognise(over_udp, octets) {
            Recognised::Yes(direction) => return Choice::Taken(protocol, Some(direction)),
            Recognised::Likely if at_start && !over_udp => {
                likely = likely.or(Some(protocol));
            }
            Recognised::TooShort => short = true,
            Recognised::Likely | Recognised::No => {}
        }
    }
    match likely {
        _ if short && !over_udp => Choice::Wait,
        Some(protocol) => Choice::Taken(protocol, None),
        None => Choice::None,
    }
}
