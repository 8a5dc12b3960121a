//! TLS (RFC 8446, RFC 5246): which name a client asked for, which version and certificates were agreed
//! on, before both ends are alone.
//!
//! A session is told once: when encryption begins, or when it ends before that. Under TLS 1.3 the
//! server's certificate is hidden already; before it, it is seen, and so is that of a client which logs
//! on with one. Nothing is verified, and the shape of hellos (which tells programs apart) is deliberately
//! absent. Where a protocol begins TLS in its middle, it hands the octets from there on to a
//! conversation made with [`Conversation::within`].

mod certificate;
mod flight;
mod message;
mod parse;

use crate::wire::ParseError;
use crate::{Dissector, EVIDENCE_MAX, Facts, Opaque, Recognised, Stamp};
use flight::{Flight, Given};
use message::{TLS_1_3, content, handshake};
use realmward_event::Fact;
use realmward_event::tls::TlsNegotiated;
use realmward_vocab::{Direction, PacketRef};

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    within: &'static str,
    counted: bool,
    flights: [Flight; 2],
    handshake: Option<Box<Handshake>>,
    is_told: bool,
}

/// What was said so far.
#[derive(Debug, Default)]
struct Handshake {
    fact: TlsNegotiated,
    evidence: Vec<PacketRef>,
    at: Stamp,
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A conversation begun in the middle of another protocol, by its name: `ldap`, `rdp`, `tds`.
    #[must_use]
    pub fn within(protocol: &'static str) -> Self {
        Self {
            within: protocol,
            ..Self::default()
        }
    }

    /// Whether a handshake was told, or none will be: nothing is read any more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.is_told
    }

    fn tell(&mut self, facts: &mut Facts) {
        if self.is_told {
            return;
        }
        self.is_told = true;
        for flight in &mut self.flights {
            flight.end();
        }
        if let Some(handshake) = self.handshake.take() {
            let Handshake {
                mut fact,
                evidence,
                at,
            } = *handshake;
            self.within.clone_into(&mut fact.within);
            facts.report(at, &evidence, Fact::TlsNegotiated(fact));
        }
    }
}

impl Handshake {
    /// Takes a message and says what it means for those that follow.
    fn message(&mut self, direction: Direction, kind: u8, body: &[u8]) -> Result<Then, ParseError> {
        let fact = &mut self.fact;
        match (direction, kind) {
            (Direction::ToServer, handshake::CLIENT_HELLO) => {
                let (hello, read) = parse::client_hello(body);
                fact.server_name = hello.server_name;
                fact.alpn = hello.alpn;
                read?;
            }
            (Direction::ToClient, handshake::SERVER_HELLO) => {
                let (hello, read) = parse::server_hello(body)?;
                if hello.is_retry {
                    return Ok(Then::Again);
                }
                fact.version = Some(hello.version);
                fact.cipher_suite = Some(hello.cipher_suite);
                fact.alpn_chosen = hello.alpn;
                read?;
                if TLS_1_3 <= hello.version {
                    return Ok(Then::Hidden);
                }
            }
            (Direction::ToClient, handshake::CERTIFICATE) => {
                fact.certificate = certificate::read(parse::certificate(body)?);
            }
            (Direction::ToServer, handshake::CERTIFICATE) => {
                fact.client_certificate = certificate::read(parse::certificate(body)?);
            }
            _ => {}
        }
        Ok(Then::More)
    }

    /// Whether the server chose a version.
    const fn is_answered(&self) -> bool {
        self.fact.version.is_some()
    }

    fn prove(&mut self, first: PacketRef, at: Stamp) {
        self.at = at;
        for packet in [first, at.packet] {
            if self.evidence.len() < EVIDENCE_MAX && !self.evidence.contains(&packet) {
                self.evidence.push(packet);
            }
        }
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        if !self.counted && !octets.is_empty() {
            self.counted = true;
            facts.opaque(Opaque::TlsSession);
        }
        if self.is_told {
            return;
        }
        let Self {
            flights, handshake, ..
        } = self;
        let Some(flight) = flights.get_mut(direction.index()) else {
            return;
        };
        let (mut ended, mut again) = (false, false);
        flight.feed(octets, at, |given| {
            match given {
                // What follows in the same segment is no more read than what comes in the next one.
                _ if ended => {}
                Given::Message(kind, body, first, at) => {
                    let handshake = handshake.get_or_insert_default();
                    handshake.prove(first, at);
                    match handshake.message(direction, kind, body) {
                        Ok(then) => {
                            ended |= then == Then::Hidden;
                            again |= then == Then::Again;
                        }
                        Err(fault) => facts.fault("tls", fault),
                    }
                }
                // The client's certificate comes before its first encrypted record; only data of a
                // client that knows the server comes before the answer. A server that is encrypted
                // before the client took up an older session.
                Given::Encrypted => {
                    let is_answered = handshake.as_ref().is_none_or(|it| it.is_answered());
                    ended |= direction == Direction::ToServer && is_answered;
                }
                Given::Alert => ended = true,
                Given::Lost => {}
            }
            again
        });
        if again {
            flights.iter_mut().for_each(Flight::retry);
        }
        if ended || flights.iter().all(Flight::is_over) {
            self.tell(facts);
        }
    }

    fn gap(&mut self, direction: Direction, _lost: u64, _facts: &mut Facts) {
        if let Some(flight) = self.flights.get_mut(direction.index()) {
            flight.end();
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        self.tell(facts);
    }
}

/// What follows a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Other messages.
    More,
    /// The client begins again.
    Again,
    /// Nothing that can be read.
    Hidden,
}

/// Whether these first octets of a direction are this protocol: a hello in a handshake record says
/// who sent it, application data of a session older than the capture does not.
///
/// ```text
/// record := ContentType:u8 legacy_record_version:u16 length:u16 fragment
/// ```
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    use content::{APPLICATION_DATA, HANDSHAKE};
    let length = match octets.get(3..5) {
        Some(&[high, low]) => u16::from_be_bytes([high, low]),
        _ => 1,
    };
    if length == 0 || FRAGMENT_OCTETS_MAX < length {
        return Recognised::No;
    }
    match octets {
        [HANDSHAKE, 3, 0..=4, _, _, handshake::CLIENT_HELLO, ..] => {
            Recognised::Yes(Direction::ToServer)
        }
        [HANDSHAKE, 3, 0..=4, _, _, handshake::SERVER_HELLO, ..] => {
            Recognised::Yes(Direction::ToClient)
        }
        [APPLICATION_DATA, 3, 1..=4, _, _, ..] => Recognised::Likely,
        []
        | [HANDSHAKE | APPLICATION_DATA]
        | [HANDSHAKE | APPLICATION_DATA, 3]
        | [HANDSHAKE | APPLICATION_DATA, 3, 0..=4]
        | [HANDSHAKE | APPLICATION_DATA, 3, 0..=4, _]
        | [HANDSHAKE, 3, 0..=4, _, _] => Recognised::TooShort,
        _ => Recognised::No,
    }
}

/// The longest fragment that any version allows (RFC 5246 section 6.2.3).
const FRAGMENT_OCTETS_MAX: u16 = (1 << 14) + 2_048;
