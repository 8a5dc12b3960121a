//! RADIUS (RFC 2865, RFC 2866): who came into the network through a gateway, from where, as which
//! address, and when that ended.
//!
//! A session is told when its accounting is acknowledged, or when no answer comes; a request for access
//! with its answer, and of the many rounds of EAP only the last. Secrets are never read: neither
//! passwords nor what answers a challenge. Whether the authenticators are right is not checked, since
//! the shared secret is not ours to have; a fact is the word of whoever sent it. Disconnection by the
//! server (RFC 5176) is deliberately absent.

mod facts;
mod message;

use crate::wire::{ParseError, Waiting};
use crate::{Dissector, Facts, Recognised, Stamp};
use message::{Packet, code};
use realmward_event::radius::{NetworkAccessAsked, NetworkSessionReported};
use realmward_event::{Fact, Outcome};
use realmward_vocab::{Direction, PacketRef};
use std::collections::VecDeque;

/// One conversation of a gateway with its server.
#[derive(Debug, Default)]
pub struct Conversation {
    waiting: Waiting<u8, Request>,
    /// Authenticators of the last requests, to pass over those that come twice.
    seen: VecDeque<[u8; 16]>,
}

/// A request that awaits its answer.
#[derive(Debug)]
struct Request {
    asked: Asked,
    packet: PacketRef,
    at: Stamp,
}

#[derive(Debug)]
enum Asked {
    Access(Box<NetworkAccessAsked>),
    Accounting(Box<NetworkSessionReported>),
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn message(&mut self, octets: &[u8], at: Stamp, facts: &mut Facts) -> Result<(), ParseError> {
        let packet = Packet::read(octets)?;
        match packet.code {
            code::ACCESS_REQUEST => {
                let asked = Asked::Access(Box::new(facts::access(&packet)));
                self.ask(&packet, asked, at, facts);
            }
            code::ACCOUNTING_REQUEST => {
                let asked = Asked::Accounting(Box::new(facts::session(&packet)));
                self.ask(&packet, asked, at, facts);
            }
            code::ACCESS_ACCEPT
            | code::ACCESS_REJECT
            | code::ACCESS_CHALLENGE
            | code::ACCOUNTING_RESPONSE => {
                if let Some(request) = self.waiting.take(&packet.identifier) {
                    request.answered(&packet, at, facts);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn ask(&mut self, packet: &Packet<'_>, asked: Asked, at: Stamp, facts: &mut Facts) {
        if self.seen.contains(&packet.authenticator) {
            return;
        }
        if SEEN_MAX <= self.seen.len() {
            self.seen.pop_front();
        }
        self.seen.push_back(packet.authenticator);
        if let Some(before) = self.waiting.take(&packet.identifier) {
            before.unanswered(facts);
        }
        let request = Request {
            asked,
            packet: at.packet,
            at,
        };
        if let Some(oldest) = self.waiting.ask(packet.identifier, request, WAITING_MAX) {
            oldest.unanswered(facts);
        }
    }
}

impl Request {
    fn answered(self, answer: &Packet<'_>, at: Stamp, facts: &mut Facts) {
        let evidence = [self.packet, at.packet];
        match (self.asked, answer.code) {
            // More rounds follow; the last one is told.
            (Asked::Access(_), code::ACCESS_CHALLENGE) => {}
            (Asked::Access(mut fact), code::ACCESS_ACCEPT) => {
                fact.outcome = Outcome::Success;
                facts::answered(&mut fact, answer);
                facts.report(at, &evidence, Fact::NetworkAccessAsked(*fact));
            }
            (Asked::Access(mut fact), code::ACCESS_REJECT) => {
                fact.outcome = Outcome::Failure;
                facts.report(at, &evidence, Fact::NetworkAccessAsked(*fact));
            }
            (Asked::Accounting(mut fact), code::ACCOUNTING_RESPONSE) => {
                fact.acknowledged = true;
                facts.report(at, &evidence, Fact::NetworkSessionReported(*fact));
            }
            (asked, _) => Self { asked, ..self }.unanswered(facts),
        }
    }

    fn unanswered(self, facts: &mut Facts) {
        let fact = match self.asked {
            Asked::Access(mut fact) => {
                fact.outcome = Outcome::Attempt;
                Fact::NetworkAccessAsked(*fact)
            }
            Asked::Accounting(fact) => Fact::NetworkSessionReported(*fact),
        };
        facts.report(self.at, &[self.packet], fact);
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, _direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        if let Err(error) = self.message(octets, at, facts) {
            facts.fault("radius", error);
        }
    }

    fn gap(&mut self, _direction: Direction, _lost: u64, _facts: &mut Facts) {}

    fn finish(&mut self, facts: &mut Facts) {
        while let Some(request) = self.waiting.take_oldest() {
            request.unanswered(facts);
        }
    }
}

/// Whether a datagram is this protocol.
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    match Packet::read(octets) {
        Ok(packet) => match packet.code {
            code::ACCESS_REQUEST | code::ACCOUNTING_REQUEST => Recognised::Yes(Direction::ToServer),
            code::ACCESS_ACCEPT
            | code::ACCESS_REJECT
            | code::ACCESS_CHALLENGE
            | code::ACCOUNTING_RESPONSE => Recognised::Yes(Direction::ToClient),
            _ => Recognised::No,
        },
        Err(_) => Recognised::No,
    }
}

/// Identifiers have one octet.
const WAITING_MAX: usize = 256;

/// A gateway asks again within seconds. Lost at the bound: a request is told twice.
const SEEN_MAX: usize = 16;
