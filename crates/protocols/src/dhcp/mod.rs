//! DHCP of both versions (RFC 2131, RFC 8415): which host has which address, and who says so.
//!
//! Where question and answer go between the same two addresses (through a relay, or when a client
//! renews) they are one fact; a client without an address speaks to all, and then question and answer
//! are flows and facts of their own. Discovery and offers settle nothing and are deliberately absent.

mod message;
mod parse;
mod v6;

use crate::wire::{ParseError, Waiting};
use crate::{Dissector, Facts, Recognised, Stamp};
use message::{Kind, Message};
use realmward_event::Fact;
use realmward_event::dhcp::{AddressLeased, LeaseStep};
use realmward_vocab::{Direction, PacketRef};

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    waiting: Waiting<u32, (AddressLeased, Stamp)>,
    /// The last fact told: who speaks to all is often heard twice.
    last: Option<AddressLeased>,
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn message(&mut self, octets: &[u8], at: Stamp, facts: &mut Facts) -> Result<(), ParseError> {
        let message = if is_v4(octets) {
            parse::message(octets)?
        } else {
            v6::message(octets)?
        };
        let (xid, is_paired) = (message.xid, message.is_paired);
        let step = match message.kind {
            Kind::Other => return Ok(()),
            Kind::Request => LeaseStep::Requested,
            Kind::Ack => LeaseStep::Granted,
            Kind::Nak => LeaseStep::Refused,
            Kind::Decline => LeaseStep::Declined,
            Kind::Release => LeaseStep::Released,
            Kind::Inform => LeaseStep::Informed,
        };
        let fact = fact(step, message);
        if step == LeaseStep::Requested && is_paired {
            self.waiting.take(&xid);
            if let Some((oldest, at)) = self.waiting.ask(xid, (fact, at), WAITING_MAX) {
                self.tell(oldest, &[], at, facts);
            }
            return Ok(());
        }
        let asked = match step {
            LeaseStep::Granted | LeaseStep::Refused => self.waiting.take(&xid),
            _ => None,
        };
        match asked {
            Some((asked, asked_at)) if asked.hardware_address == fact.hardware_address => {
                self.tell(joined(asked, fact), &[asked_at.packet], at, facts);
            }
            _ => self.tell(fact, &[], at, facts),
        }
        Ok(())
    }

    fn tell(&mut self, fact: AddressLeased, first: &[PacketRef], at: Stamp, facts: &mut Facts) {
        if self.last.as_ref() == Some(&fact) {
            return;
        }
        self.last = Some(fact.clone());
        let evidence = [first, &[at.packet]].concat();
        facts.report(at, &evidence, Fact::AddressLeased(fact));
    }
}

fn fact(step: LeaseStep, message: Message) -> AddressLeased {
    let digits: Vec<String> = message
        .hardware_address
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    AddressLeased {
        step,
        hardware_address: digits.join(":"),
        address: message.address,
        host: message.host,
        full_name: message.full_name,
        vendor_class: message.vendor_class,
        lease_s: message.lease_s,
        server: message.server,
        relay: message.relay,
        name_servers: message.name_servers,
        domain: message.domain,
    }
}

/// The answer, with what only the question says.
fn joined(asked: AddressLeased, answer: AddressLeased) -> AddressLeased {
    AddressLeased {
        address: answer.address.or(asked.address),
        // A server may name the client otherwise than it names itself: what it says of itself counts.
        host: asked.host.or(answer.host),
        full_name: asked.full_name.or(answer.full_name),
        vendor_class: asked.vendor_class.or(answer.vendor_class),
        ..answer
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, _direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        if let Err(error) = self.message(octets, at, facts) {
            facts.fault("dhcp", error);
        }
    }

    fn gap(&mut self, _direction: Direction, _lost: u64, _facts: &mut Facts) {}

    fn finish(&mut self, facts: &mut Facts) {
        while let Some((fact, at)) = self.waiting.take_oldest() {
            self.tell(fact, &[], at, facts);
        }
    }
}

/// Whether a datagram is this protocol.
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    let direction = match octets.first() {
        _ if is_v4(octets) && octets.first() == Some(&1) => Direction::ToServer,
        _ if is_v4(octets) => Direction::ToClient,
        Some(1 | 3..=6 | 8 | 9 | 11 | 12) => Direction::ToServer,
        Some(2 | 7 | 10 | 13) => Direction::ToClient,
        _ => return Recognised::No,
    };
    if is_v4(octets) || v6::message(octets).is_ok() {
        Recognised::Yes(direction)
    } else {
        Recognised::No
    }
}

fn is_v4(octets: &[u8]) -> bool {
    matches!(octets.first(), Some(1 | 2)) && octets.get(236..240) == Some(&parse::COOKIE)
}

/// Clients behind one relay that ask at once. Past it the oldest is told without its answer.
const WAITING_MAX: usize = 256;
