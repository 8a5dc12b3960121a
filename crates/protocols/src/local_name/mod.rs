//! Names asked of the whole network instead of a server: NetBIOS (RFC 1002), LLMNR (RFC 4795), mDNS
//! (RFC 6762), and what hosts announce of themselves (MS-BRWS).
//!
//! Facts say who asked for what and who answered for what. Whether an answer is poison is not known
//! here: that takes the answers of other days and hosts. A question goes to all and its answer back to
//! one, so they are flows of their own and are not paired. Datagrams only; LLMNR over TCP and NetBIOS
//! sessions are not read here.

mod browser;
mod multicast;
mod nbns;
mod netbios;
mod told;

use crate::{Dissector, Facts, Recognised, Stamp};
use realmward_event::local_name::NameService;
use realmward_vocab::Direction;

/// One conversation.
#[derive(Debug)]
pub struct Conversation(Talk);

#[derive(Debug)]
enum Talk {
    Names(nbns::Talk),
    Datagrams(browser::Talk),
    Multicast(multicast::Talk),
}

impl Conversation {
    /// A conversation of this service, not yet begun.
    #[must_use]
    pub fn new(service: NameService) -> Self {
        Self(match service {
            NameService::Netbios => Talk::Names(nbns::Talk::default()),
            NameService::Llmnr | NameService::Mdns => {
                Talk::Multicast(multicast::Talk::new(service))
            }
        })
    }

    /// Datagrams of NetBIOS, with what hosts announce.
    #[must_use]
    pub fn announcements() -> Self {
        Self(Talk::Datagrams(browser::Talk::default()))
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        let read = match &mut self.0 {
            Talk::Names(talk) => talk.message(direction, octets, at, facts),
            Talk::Datagrams(talk) => talk.message(octets, at, facts),
            Talk::Multicast(talk) => talk.message(direction, octets, at, facts),
        };
        if let Err(error) = read {
            facts.fault("local_name", error);
        }
    }

    fn gap(&mut self, _direction: Direction, _lost: u64, _facts: &mut Facts) {}

    fn finish(&mut self, facts: &mut Facts) {
        if let Talk::Names(talk) = &mut self.0 {
            talk.finish(facts);
        }
    }
}

/// Whether a datagram is of this service. Who sends to all is the client, whatever it says.
#[must_use]
pub fn recognise(service: NameService, octets: &[u8]) -> Recognised {
    let is_it = match service {
        NameService::Netbios => nbns::is_plausible(octets),
        NameService::Llmnr | NameService::Mdns => multicast::is_plausible(octets),
    };
    likely(is_it)
}

/// Whether a datagram is one of NetBIOS.
#[must_use]
pub fn recognise_announcement(octets: &[u8]) -> Recognised {
    likely(browser::is_plausible(octets))
}

const fn likely(is_it: bool) -> Recognised {
    if is_it {
        Recognised::Likely
    } else {
        Recognised::No
    }
}

/// As the facts promise. Lost: the later ones of a long answer.
const ANSWERS_MAX: usize = 16;
